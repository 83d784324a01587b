//! A process and a runbook that tests change.

use std::collections::BTreeMap;

use crate::ids::{AccountId, ProcessId};
use crate::policy::Mode;
use crate::process::record::ProcessRecord;
use crate::process::resource::{Resource, ResourceType};
use crate::process::start::Start;
use crate::process::status::Status;
use crate::process::terms::Terms;
use crate::run::Execution;
use crate::runbook::action::Action;
use crate::runbook::document::Runbook;
use crate::runbook::step::{OnFailure, Recovery, Rollback, Step, StepId};
use crate::time::Timestamp;

pub(crate) fn step(name: &str, action: Action) -> Step {
    Step {
        id: StepId::new(name),
        action,
        effect: action.spec().effect,
        description: String::new(),
        inputs: BTreeMap::new(),
        after: vec![],
        preconditions: vec![],
        verification: String::new(),
        rollback: action.spec().rollback.map(|action| Rollback {
            action,
            inputs: BTreeMap::new(),
            does_not_bring_back: None,
        }),
        loses: None,
        timeout_seconds: 600,
        on_failure: OnFailure::Rollback,
        recovery: None,
    }
}

pub(crate) fn runbook() -> Runbook {
    let mut terminate = step("terminate", Action::TerminateInstance);
    terminate.recovery = Some(Recovery { how: "from the image".into(), verified_by: Some(StepId::new("verify")) });
    Runbook {
        schema: 1,
        name: String::new(),
        resource: Resource::new(ResourceType::Instance, "i-1").unwrap(),
        fingerprint: String::new(),
        soak_seconds: 1,
        backup_retention_days: 1,
        steps: vec![
            step("tag", Action::TagResource),
            step("stop", Action::StopInstance),
            step("image", Action::CreateImage),
            step("verify", Action::VerifyBackup),
            step("soak", Action::Soak),
            terminate,
        ],
    }
}

pub(crate) fn record(status: Status) -> ProcessRecord {
    let at = Timestamp::from_unix_seconds(1_790_000_000);
    let execution =
        Execution { arn: "arn:aws:states:us-east-1:123456789012:execution:decommission:e".into(), started_at: at };
    let start = Start {
        resource: Resource::new(ResourceType::Instance, "i-1").unwrap(),
        initiator: "ada".into(),
        reason: "unused".into(),
        mode: Mode::Live,
        terms: Terms::default(),
    };
    let begun = ProcessRecord::begin(&execution, start, AccountId::parse("123456789012").unwrap(), None, at);
    ProcessRecord {
        process_id: ProcessId::parse("01KAG3V7Q4M2ZD9X5T8R6W0B1C").unwrap(),
        status,
        version: 1,
        fence: 1,
        assessment: 1,
        plan: 1,
        ..begun
    }
}
