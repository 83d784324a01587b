//! The stack on one machine: installs, starts, seeds, deploys, shows and stops it.
//!
//! [`Stack`] is what tests and the demo drive. It speaks to two emulators on loopback: moto answers for EC2 and Auto Scaling,
//! MiniStack for everything else, and the functions of the deployed template run as they are, as processes of MiniStack.
//! When the driver ends, however it ends, the emulators and the functions end too.

mod account;
mod demo;
mod deploy;
mod emulators;
mod error;
mod interrupt;
mod needs;
mod place;
mod process;
mod report;
mod screen;
mod seed;
mod stack;
mod state;
mod stored;
mod suite;
mod table;
mod tools;
mod wire;
mod workflow;

pub use account::{Fate, MISSED, POLICY, account, fates};
pub use demo::{demo, verdicts};
pub use deploy::{Deployment, STACK_NAME, build};
pub use emulators::{ACCOUNT, REGION};
pub use error::{Error, Result};
pub use interrupt::{end_everything_on_a_signal, interrupted};
pub use needs::{Found, Need, demand};
pub use place::Place;
pub use report::{Listed, Reason, Report};
pub use screen::{Look, Screen, elapsed, wrap};
pub use seed::{Seed, SeedImage, Use, image_id};
pub use stack::{Image, Options, Snapshot, Stack};
pub use state::{State, down, left_running};
pub use stored::Item;
pub use suite::{Count, suite};
pub use table::{Cell, Table};
pub use tools::{Tool, install};
pub use workflow::{Execution, Finished, Invoked};
