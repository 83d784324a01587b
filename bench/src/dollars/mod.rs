//! What an hourly run costs a month, and one process of decommission, from what runs of the functions used.

mod actor;
mod hour;
mod machine;
mod month;
mod prices;
mod process;
mod template;
mod usage;

use sunset_wire::Size;

use self::hour::{Hour, Player, days_later};
use self::month::Month;
use self::template::Deployed;
use crate::error::BenchError;
use crate::functions::Bootstraps;
use crate::inventory::{self, NOTHING_DUE, unused};
use crate::options::Options;
use crate::stage::{Scene, Stage};
use crate::targets::Targets;

/// Images of the accounts.
const SIZES: [usize; 3] = [100, 5_000, 50_000];
/// The one that has a target.
const TARGET_SIZE: usize = 5_000;
const TARGET_DOLLARS: f64 = 1.0;

/// Hours of a month, and of the life of an image: the template's ValidHours and GraceDays.
const HOURS_A_MONTH: f64 = 730.0;
const HOURS_OF_AN_IMAGE: f64 = 2160.0 + 7.0 * 24.0;

/// Plays runs at every size and one process, prints the tables, and notes the target.
///
/// # Errors
/// Something could not be measured.
pub async fn run(options: &Options, targets: &mut Targets) -> Result<(), BenchError> {
    let bootstraps = Bootstraps::find(options)?;
    let read = |path: &str| {
        let path = options.root.join(path);
        std::fs::read_to_string(&path).map_err(BenchError::file(&path))
    };
    let machine = |name: &str| {
        let machine = serde_json::from_str::<serde_json::Value>(&read(&format!("statemachines/{name}.asl.json"))?);
        machine.map_err(|error| BenchError::unexpected(format!("the state machine {name} is no JSON: {error}")))
    };
    let cleanup = machine("ami-cleanup")?;
    let deployed = Deployed::read(&read("template.yaml")?)?;
    let mut months = Vec::new();
    for images in SIZES {
        eprintln!("playing hourly runs over {images} images …");
        months.push(month(images, &bootstraps, &cleanup, deployed).await?);
    }
    month::print(&months, deployed, targets);
    eprintln!("playing a process of decommission …");
    process::run(&bootstraps, &machine("decommission")?, deployed, options).await
}

/// Plays a quiet hour and a busy one: as many images are disabled as expire in an hour, and as many deregistered
/// whose grace is over.
async fn month(
    images: usize,
    bootstraps: &Bootstraps,
    machine: &serde_json::Value,
    deployed: Deployed,
) -> Result<Month, BenchError> {
    let size = Size {
        images,
        instances: images / 10,
        launch_templates: images / 100,
        groups: images * 6 / 1000,
        parameters: images / 25,
    };
    let mut scene = Scene::new(inventory::account(size));
    let stage = Stage::over_http(&scene).await?;
    let player = Player { bootstraps, machine, deployed, stage };

    let quiet = player.run("quiet", &[NOTHING_DUE]).await?;

    let expired = usage::float(images as u64) * HOURS_A_MONTH / HOURS_OF_AN_IMAGE;
    let an_hour = whole(expired / HOURS_A_MONTH).max(1);
    scene.expire((0..an_hour).map(unused));
    player.stage.set(&scene);
    played(&player.run("before", &[NOTHING_DUE]).await?, an_hour)?;
    let mut scene = days_later(player.stage.scene(), 8)?.without_objects();
    scene.expire((an_hour..2 * an_hour).map(unused));
    player.stage.set(&scene);
    let busy = player.run("busy", &[NOTHING_DUE]).await?;
    played(&busy, 2 * an_hour)?;
    Ok(Month::of(images, expired, &quiet, &busy))
}

fn played(hour: &Hour, items: usize) -> Result<(), BenchError> {
    if hour.items == items {
        return Ok(());
    }
    Err(BenchError::unexpected(format!("{} images were worked on where {items} were due", hour.items)))
}

/// A small positive number, rounded up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn whole(number: f64) -> usize {
    number.ceil() as usize
}
