//! Stacks whose EC2, Auto Scaling and SSM are the loopback's.

use std::ops::Deref;
use std::sync::OnceLock;
use std::time::Duration;

use sunset_local::{ACCOUNT, ALWAYS_OPEN, Options, Stack};
use sunset_wire::{Account, Calendar, Call, Ec2, Image, Outcome};

use time::OffsetDateTime;

use crate::decommission::{APPROVERS, TERMS};
use crate::images::snapshot_of;
use crate::stage::{Stage, Turns, pause};

/// Everything may go that is 90 days old and that nobody uses; an input tightens this.
const LIVE: [(&str, &str); 8] = [
    ("AllowLive", "true"),
    ("ScheduleState", "DISABLED"),
    ("GraceDays", "0"),
    ("KeepNewest", "0"),
    ("AllowShared", "true"),
    ("MaxShare", "1"),
    ("MaxDeletions", "100"),
    ("OwnerTopicArnPattern", "arn:aws:sns:*:123456789012:owner-*"),
];

/// The SSM Change Calendar that every change waits for, beside rules that are always open.
const CALENDAR: &str = "releases";

/// The tutorial's policy, and no right to change anything. Its page is served, though nobody is sent a link.
const DRY: [(&str, &str); 7] = [
    ("ApprovalPage", "true"),
    ("AllowLive", "false"),
    ("ScheduleState", "DISABLED"),
    ("ValidHours", "1"),
    ("GraceDays", "0"),
    ("KeepNewest", "0"),
    ("MinIdleDays", "0"),
];

#[derive(Debug)]
struct Loopback {
    ec2: Ec2,
    turns: Turns,
}

type Once = OnceLock<Result<Loopback, String>>;

/// A scenario on a stack with a loopback EC2.
#[derive(Debug)]
pub struct Scene {
    stage: Stage,
    /// EC2, Auto Scaling and SSM.
    pub ec2: &'static Ec2,
}

/// A scenario with these images, on a stack that may change them.
#[must_use]
pub fn live_stack(images: impl IntoIterator<Item = Image>) -> Scene {
    static STACK: Once = OnceLock::new();
    scene(&STACK, "workflows-live", &LIVE, images)
}

/// A scenario with these images, on a stack that is deployed with `AllowLive=false` and the tutorial's policy.
#[must_use]
pub(crate) fn dry_stack(images: impl IntoIterator<Item = Image>) -> Scene {
    static STACK: Once = OnceLock::new();
    scene(&STACK, "workflows-dry", &DRY, images)
}

fn scene(
    once: &'static Once,
    name: &str,
    parameters: &[(&str, &str)],
    images: impl IntoIterator<Item = Image>,
) -> Scene {
    let started = once.get_or_init(|| start(name, parameters).map_err(|error| error.to_string()));
    let Loopback { ec2, turns } = started.as_ref().unwrap_or_else(|error| panic!("{name}: {error}"));
    let stage = turns.next();
    ec2.faults().clear();
    let account = Account::new(ACCOUNT).calendar(Calendar::open(CALENDAR));
    *ec2.account() = images.into_iter().fold(account, Account::image);
    stage.forget();
    ec2.forget_calls();
    Scene { stage, ec2 }
}

fn start(name: &str, parameters: &[(&str, &str)]) -> sunset_local::Result<Loopback> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let ec2 = runtime.block_on(Ec2::start(Account::new(ACCOUNT)));
    let url = ec2.url();
    // Retries wait for milliseconds, in the order that the state machine says.
    let options = Options::new(name).ec2_url(&url).ssm_url(&url).wait_scale(0.001).approvers(APPROVERS);
    let mut stack = Stack::up(options.windows(&format!("{ALWAYS_OPEN}calendars: [{CALENDAR}]\n")))?;
    stack.deploy(&parameters.iter().copied().chain(TERMS).collect::<Vec<_>>())?;
    Ok(Loopback { ec2, turns: Turns::of(stack) })
}

impl Deref for Scene {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl Scene {
    /// Throws the kill switch just before the nth call of an action.
    pub fn pause_before(&self, action: &str, nth: usize) {
        let stack = self.stack;
        self.ec2.faults().on(action, nth, move |_| pause(stack));
    }

    /// Closes the change calendar for so long.
    pub fn close_calendar(&self, how_long: Duration) {
        let calendar = Calendar::closed(CALENDAR).until(OffsetDateTime::now_utc() + how_long);
        self.ec2.account().calendars.insert(CALENDAR.to_owned(), calendar);
    }

    /// The state of an image; nothing when it is gone.
    #[must_use]
    pub fn state(&self, image_id: &str) -> Option<String> {
        self.ec2.account().image_state(image_id).map(str::to_owned)
    }

    /// Whether the image of this name, and its snapshot, are gone.
    #[must_use]
    pub fn is_gone(&self, name: &str) -> bool {
        let account = self.ec2.account();
        !account.has_image(&sunset_local::image_id(name)) && !account.has_snapshot(&snapshot_of(name))
    }

    /// Whether the image of this name is available, with its snapshot.
    #[must_use]
    pub fn is_untouched(&self, name: &str) -> bool {
        let account = self.ec2.account();
        account.image_state(&sunset_local::image_id(name)) == Some("available")
            && account.has_snapshot(&snapshot_of(name))
    }

    /// The calls so far that changed the account.
    #[must_use]
    pub fn changes(&self) -> Vec<Call> {
        let mut calls = self.ec2.calls();
        calls.retain(|call| call.is_mutation() && call.outcome == Outcome::Answered);
        calls
    }

    /// How many calls of this action changed the account.
    #[must_use]
    pub fn changes_by(&self, action: &str) -> usize {
        self.changes().iter().filter(|call| call.action == action).count()
    }
}
