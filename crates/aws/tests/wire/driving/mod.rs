//! Every step on the wire: what a look says before, meanwhile and after, and what is refused.

mod addresses;
mod backups;
mod every_step;
mod images;
mod instances;
mod security_groups;
mod snapshots;
mod tags;
mod volumes;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sunset_aws::clients::Clients;
use sunset_aws::driver::{ActError, Acted, StepCall, StepView, act, look, subject};
use sunset_domain::ids::ProcessId;
use sunset_domain::runbook::action::Action;
use sunset_domain::runbook::step::StepId;
use sunset_domain::time::Timestamp;

use crate::support::permit;

const PROCESS: &str = "01KAG3V7Q4M2ZD9X5T8R6W0B1C";
const OTHER_PROCESS: &str = "01KAG3V7Q4M2ZD9X5T8R6W0B1D";

fn step(action: Action, inputs: Value) -> StepCall {
    let inputs = inputs.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    StepCall {
        action,
        inputs,
        process_id: ProcessId::parse(PROCESS).unwrap(),
        step: StepId::new("the-step"),
        keep_until: Timestamp::parse("2027-03-01T00:00:00Z").unwrap(),
    }
}

async fn view(clients: &Clients, call: &StepCall) -> StepView {
    look(clients, call).await.unwrap()
}

async fn go(clients: &Clients, call: &StepCall) -> Result<Acted, ActError> {
    act(&permit(&subject(call)), clients, call).await
}

fn done() -> StepView {
    StepView::Done { outputs: BTreeMap::new() }
}

fn gives(name: &str, id: &str) -> StepView {
    StepView::Done { outputs: BTreeMap::from([(name.to_owned(), json!(id))]) }
}

fn not_done(now: &str) -> StepView {
    StepView::NotDone { now: now.to_owned() }
}

fn under_way(now: &str) -> StepView {
    StepView::UnderWay { now: now.to_owned() }
}

fn impossible(why: &str) -> StepView {
    StepView::Impossible { why: why.to_owned() }
}

/// EC2's code for what it refused.
fn code(answer: Result<Acted, ActError>) -> String {
    match answer {
        Err(ActError::Aws(error)) => error.code.unwrap_or(error.message),
        other => panic!("{other:?}"),
    }
}
