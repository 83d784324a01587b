//! The stack whose EC2 is moto.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use sunset_local::{Image, Options, Seed, SeedImage, Snapshot, Stack};

use crate::stage::{Stage, Turns};

const POLICY: [(&str, &str); 4] =
    [("AllowLive", "true"), ("ScheduleState", "DISABLED"), ("GraceDays", "0"), ("KeepNewest", "1")];

/// What one account looks like at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its images by name.
    pub images: BTreeMap<String, Image>,
    /// Its snapshots.
    pub snapshots: Vec<Snapshot>,
}

impl Seen {
    /// The account as EC2 describes it now.
    #[must_use]
    pub fn now(stage: &Stage) -> Self {
        let images = stage.stack.images().expect("the images");
        let mut snapshots = stage.stack.snapshots().expect("the snapshots");
        snapshots.sort_by(|a, b| a.id.cmp(&b.id));
        Self { images: images.into_iter().map(|image| (image.name.clone(), image)).collect(), snapshots }
    }

    /// The state of an image; nothing when it is gone.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&str> {
        self.images.get(name).map(|image| image.state.as_str())
    }

    /// Whether this snapshot is there.
    #[must_use]
    pub fn has_snapshot(&self, id: &str) -> bool {
        self.snapshots.iter().any(|snapshot| snapshot.id == id)
    }
}

/// The stack, for one scenario. `images` are those of all scenarios; each finds its own by their names.
#[must_use]
pub fn moto_stack(images: fn() -> Vec<SeedImage>) -> Stage {
    static STACK: OnceLock<Result<Turns, String>> = OnceLock::new();
    let started = STACK.get_or_init(|| start(images()).map_err(|error| error.to_string()));
    let stage = started.as_ref().unwrap_or_else(|error| panic!("workflows-moto: {error}")).next();
    stage.forget();
    stage
}

fn start(images: Vec<SeedImage>) -> sunset_local::Result<Turns> {
    let mut stack = Stack::up(Options::new("workflows-moto").seed(Seed::new(images)).wait_scale(0.001))?;
    stack.deploy(&POLICY)?;
    Ok(Turns::of(stack))
}
