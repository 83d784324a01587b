//! Side by side figures: functions against Python with boto3, the listing at scale, and dollars.
//!
//! Everything that is compared runs in this one run, in turns, so that a busy machine slows both sides. Ratios are
//! what counts; absolute times move from machine to machine. A target that is missed is printed and is no failure:
//! the bench fails only where something could not be measured, or where the two sides do not do the same.

#![allow(clippy::print_stdout, reason = "printing figures is what this program is for")]

mod aws;
mod decommission;
mod dollars;
mod error;
mod functions;
mod inventory;
mod options;
mod sandbox;
mod scale;
mod stage;
mod statistics;
mod table;
mod targets;

use std::process::ExitCode;

use crate::options::{Options, Part};
use crate::targets::Targets;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let mut targets = Targets::default();
    for part in &options.parts {
        let (name, measured) = match part {
            Part::Functions => ("functions", functions::run(&options, &mut targets).await),
            Part::Scale => ("scale", scale::run(&options, &mut targets).await),
            Part::Dollars => ("dollars", dollars::run(&options, &mut targets).await),
        };
        if let Err(error) = measured {
            targets.not_measured(name, &error);
        }
    }
    targets.print();
    if targets.all_measured() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
