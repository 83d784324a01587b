//! The stack on one machine: installs, starts, seeds, deploys, shows and stops it.
//!
//! [`Stack`] is what tests and the demo drive. It speaks to two emulators on loopback: moto answers for EC2, Auto Scaling and
//! Elastic Load Balancing, MiniStack for everything else, and the functions of the deployed template run as they are, as
//! processes of MiniStack. When the driver ends, however it ends, the emulators and the functions end too.

mod account;
mod browser;
mod decommission;
mod demo;
mod deploy;
mod emulators;
mod error;
mod function_url;
mod interrupt;
mod make;
mod needs;
mod page;
mod person;
mod personal;
mod place;
mod process;
mod process_report;
mod report;
mod resources;
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

pub use account::{APPROVERS, Fate, MISSED, PATIENCE, POLICY, account, fates};
pub use browser::{PICTURE, picture};
pub use decommission::voters;
pub use demo::{demo, verdicts};
pub use deploy::{Deployment, STACK_NAME, build};
pub use emulators::{ACCOUNT, EC2_SERVICES, REGION};
pub use error::{Error, Result};
pub use interrupt::{end_everything_on_a_signal, interrupted};
pub use make::{NewInstance, Tags};
pub use needs::{Found, Need, demand, install_browser};
pub use page::Shown;
pub use person::{Person, Replied};
pub use place::Place;
pub use process_report::{Assessed, Audited, Floor, Planned, Point, ProcessReport, Saved, Step, WayBack};
pub use report::{Listed, Reason, Report};
pub use resources::{Address, Instance, SecurityGroup, Volume};
pub use screen::{Look, Screen, elapsed, wrap};
pub use seed::{Seed, SeedImage, Use, image_id};
pub use stack::{ALWAYS_OPEN, Image, Options, Snapshot, Stack};
pub use state::{State, down, left_running};
pub use stored::Item;
pub use suite::{Count, browser_suite, suite};
pub use table::{Cell, Table};
pub use tools::{Tool, install};
pub use workflow::{Execution, Finished, Invoked};
