//! What happens between the functions, to them, and against them: references that appear, calls that come twice, answers
//! that are refusals or no answers at all. Each of the tutorial's faults (C158–C170) that a function decides is here by its
//! number, and each incident of another cleaner by its own.
//!
//! Not here: that a warm index is read again once it is 300 s old. No clock of a real bootstrap can be set.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod evidence;
mod incidents;
mod kept_snapshots;
mod lost_answers;
mod races;
mod references;
mod restore;
mod tutorial;
mod twice;

use serde_json::Value;
use sunset_functions_tests::{ACCOUNT, World, intents_precede_acts};
use sunset_wire::{Account, FunctionError, Image};

/// An image that nothing holds, and its snapshot.
const DUE: &str = "ami-0due";
const SNAPSHOT: &str = "snap-0due";

fn due() -> Image {
    Image::new(DUE).named("due").snapshots([SNAPSHOT])
}

/// An account with one image that is due.
fn one_due() -> Account {
    Account::new(ACCOUNT).image(due())
}

/// The name of the error that a call ended with.
fn name(result: Result<Value, FunctionError>) -> String {
    match result {
        Ok(answer) => panic!("it was not refused: {answer}"),
        Err(error) => error.error_type,
    }
}

/// Nothing was changed.
fn untouched(world: &World) {
    assert_eq!(world.calls.changing_ec2(), [""; 0]);
}

/// The image and its snapshot are gone, and every act had its intent.
fn gone(world: &World) {
    assert!(!world.has_image(DUE) && !world.has_snapshot(SNAPSHOT));
    intents_precede_acts(&world.calls.all());
}

/// The reasons of one image in the report of a list.
async fn reasons(world: &World, list: &Value, image: &str) -> Vec<String> {
    let report = report_of(world, list).await;
    let images = report["images"].as_array().unwrap();
    let decided = images.iter().find(|it| it["image_id"] == image).unwrap_or_else(|| panic!("{image} is not reported"));
    decided["reasons"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap().to_owned()).collect()
}

/// The report of a list.
async fn report_of(world: &World, list: &Value) -> Value {
    serde_json::from_str(&world.aws().object(list["report"]["key"].as_str().unwrap()).await).unwrap()
}
