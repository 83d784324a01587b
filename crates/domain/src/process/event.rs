//! The events of decommission's functions.

use serde_json::Value;

use crate::ids::ProcessId;
use crate::input::{Fields, InvalidInput};
use crate::process::record::ProcessError;
use crate::process::start::Start;
use crate::process::terms::Terms;
use crate::run::{Execution, execution};

/// Reads `action`, which must be one of `known`.
fn action(fields: &mut Fields, known: &[&'static str]) -> Result<&'static str, InvalidInput> {
    let expected = known.join(", ");
    fields.required_text("action", &expected, |text| known.iter().find(|name| **name == text).copied().ok_or(()))
}

fn process_id(fields: &mut Fields) -> Result<ProcessId, InvalidInput> {
    fields.required_text("process_id", "the id of a process, 26 characters", ProcessId::parse)
}

fn task_token(fields: &mut Fields) -> Result<String, InvalidInput> {
    fields.required_text("task_token", "the task token of the state that waits", |text| {
        if text.is_empty() || text.len() > 2048 { Err(()) } else { Ok(text.to_owned()) }
    })
}

/// The error that a state machine caught, as it passes it on.
fn caught(fields: &mut Fields) -> Result<Option<ProcessError>, InvalidInput> {
    let Some(value) = fields.take("error") else { return Ok(None) };
    let mut inner = Fields::of(value, "error.")?;
    let text = |text: &str| Ok::<_, ()>(text.chars().take(2000).collect::<String>());
    let error = inner.text("Error", "a text", text)?.unwrap_or_else(|| "States.Unknown".into());
    let cause = inner.text("Cause", "a text", text)?.unwrap_or_else(|| "no cause was given".into());
    inner.ignore_pascal_case();
    inner.finish()?;
    Ok(Some(ProcessError { error, cause }))
}

/// The event of `assess`.
#[derive(Debug, Clone, PartialEq)]
pub enum AssessEvent {
    /// Begin a process.
    Admit {
        /// The execution that it is.
        execution: Execution,
        /// What it is asked.
        start: Box<Start>,
    },
    /// Look, and count the risk.
    Assess(ProcessId),
    /// Look again after the soak.
    Reassess(ProcessId),
}

impl AssessEvent {
    /// Reads an event against the deployed terms.
    ///
    /// # Errors
    /// [`InvalidInput`] names the field.
    pub fn parse(event: Value, deployed: &Terms, allow_live: bool) -> Result<Self, InvalidInput> {
        let mut fields = Fields::of(event, "")?;
        fields.schema()?;
        let event = match action(&mut fields, &["admit", "assess", "reassess"])? {
            "admit" => {
                let missing = |field: &str, expected: &str| InvalidInput::Missing {
                    field: field.to_owned(),
                    expected: expected.to_owned(),
                };
                let at =
                    fields.take("execution").ok_or_else(|| missing("execution", "the execution that starts it"))?;
                let input = fields.take("input").ok_or_else(|| missing("input", "the workflow's input"))?;
                let start = Box::new(Start::parse(input, deployed, allow_live)?);
                Self::Admit { execution: execution(at)?, start }
            }
            "assess" => Self::Assess(process_id(&mut fields)?),
            _ => Self::Reassess(process_id(&mut fields)?),
        };
        fields.finish()?;
        Ok(event)
    }
}

/// The event of `plan`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanEvent {
    /// Make the plan that people are to approve.
    Draft(ProcessId),
    /// Make it again and hold it against what was approved.
    Confirm(ProcessId),
}

impl PlanEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// [`InvalidInput`] names the field.
    pub fn parse(event: Value) -> Result<Self, InvalidInput> {
        let mut fields = Fields::of(event, "")?;
        fields.schema()?;
        let draft = action(&mut fields, &["draft", "confirm"])? == "draft";
        let process = process_id(&mut fields)?;
        fields.finish()?;
        Ok(if draft { Self::Draft(process) } else { Self::Confirm(process) })
    }
}

/// The event of `approve` as the state machine sends it; what people send is read by [`crate::approval::request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApproveEvent {
    /// Approve by rule, or say why people must be asked.
    Auto(ProcessId),
    /// Ask people.
    Request(ProcessId),
    /// Wait for them; the token wakes the state that does.
    Await(ProcessId, String),
    /// Remind those who have not answered.
    Remind(ProcessId),
    /// Ask the next in the chain.
    Escalate(ProcessId),
    /// Wait for objections to what the rule approved; the token wakes the state that does.
    AwaitNotice(ProcessId, String),
    /// Say whether anybody objected.
    NoticeOver(ProcessId),
    /// Wait for a change window; the token wakes the state that does.
    AwaitWindow(ProcessId, String),
    /// Count the votes.
    Tally(ProcessId),
    /// Begin the soak; the token wakes the state that rests.
    Soak(ProcessId, String),
    /// Hold for a person; the token wakes the state that waits for them.
    Hold {
        /// Which process.
        process_id: ProcessId,
        /// The token.
        task_token: String,
        /// What failed.
        error: Option<ProcessError>,
    },
    /// Say what the person decided.
    Resolution(ProcessId),
}

const APPROVE_ACTIONS: [&str; 12] = [
    "auto",
    "await_notice",
    "notice_over",
    "request",
    "await",
    "remind",
    "escalate",
    "tally",
    "soak",
    "await_window",
    "hold",
    "resolution",
];

impl ApproveEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// [`InvalidInput`] names the field.
    pub fn parse(event: Value) -> Result<Self, InvalidInput> {
        let mut fields = Fields::of(event, "")?;
        fields.schema()?;
        let action = action(&mut fields, &APPROVE_ACTIONS)?;
        let process = process_id(&mut fields)?;
        let event = match action {
            "auto" => Self::Auto(process),
            "request" => Self::Request(process),
            "await" => Self::Await(process, task_token(&mut fields)?),
            "remind" => Self::Remind(process),
            "escalate" => Self::Escalate(process),
            "await_notice" => Self::AwaitNotice(process, task_token(&mut fields)?),
            "notice_over" => Self::NoticeOver(process),
            "await_window" => Self::AwaitWindow(process, task_token(&mut fields)?),
            "tally" => Self::Tally(process),
            "soak" => Self::Soak(process, task_token(&mut fields)?),
            "hold" => {
                Self::Hold { process_id: process, task_token: task_token(&mut fields)?, error: caught(&mut fields)? }
            }
            _ => Self::Resolution(process),
        };
        fields.finish()?;
        Ok(event)
    }
}

/// The event of `execute`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecuteEvent {
    /// Take the steps before the soak.
    Reversible(ProcessId),
    /// Say whether a change window is open.
    Window(ProcessId),
    /// Take the steps after it.
    Irreversible(ProcessId),
    /// Take back what was taken.
    Rollback {
        /// Which process.
        process_id: ProcessId,
        /// What failed.
        error: Option<ProcessError>,
    },
}

impl ExecuteEvent {
    /// The process.
    #[must_use]
    pub fn process_id(&self) -> &ProcessId {
        match self {
            Self::Reversible(process_id)
            | Self::Window(process_id)
            | Self::Irreversible(process_id)
            | Self::Rollback { process_id, .. } => process_id,
        }
    }

    /// Reads an event.
    ///
    /// # Errors
    /// [`InvalidInput`] names the field.
    pub fn parse(event: Value) -> Result<Self, InvalidInput> {
        let mut fields = Fields::of(event, "")?;
        fields.schema()?;
        let action = action(&mut fields, &["reversible", "window", "irreversible", "rollback"])?;
        let process = process_id(&mut fields)?;
        let event = match action {
            "reversible" => Self::Reversible(process),
            "window" => Self::Window(process),
            "irreversible" => Self::Irreversible(process),
            _ => Self::Rollback { process_id: process, error: caught(&mut fields)? },
        };
        fields.finish()?;
        Ok(event)
    }
}

/// The event of `validate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValidateEvent {
    /// Is it gone?
    Check(ProcessId),
    /// Write the report.
    Report(ProcessId),
    /// Hold the audit trail against its head.
    VerifyAudit(ProcessId),
}

impl ValidateEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// [`InvalidInput`] names the field.
    pub fn parse(event: Value) -> Result<Self, InvalidInput> {
        let mut fields = Fields::of(event, "")?;
        fields.schema()?;
        let action = action(&mut fields, &["check", "report", "verify_audit"])?;
        let process = process_id(&mut fields)?;
        fields.finish()?;
        Ok(match action {
            "check" => Self::Check(process),
            "report" => Self::Report(process),
            _ => Self::VerifyAudit(process),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "01KAG3V7Q4M2ZD9X5T8R6W0B1C";

    #[test]
    fn an_event_names_one_process_and_nothing_more() {
        let event = json!({"schema": 1, "action": "reversible", "process_id": ID});
        assert_eq!(ExecuteEvent::parse(event).unwrap(), ExecuteEvent::Reversible(ProcessId::parse(ID).unwrap()));
        let more = json!({"schema": 1, "action": "check", "process_id": ID, "force": true});
        assert_eq!(
            ValidateEvent::parse(more).unwrap_err().to_string(),
            "force is not a field of this input; its fields are schema, action, process_id"
        );
    }

    #[rstest::rstest]
    #[case(json!({"schema": 1, "action": "destroy", "process_id": ID}), r#"action is "destroy"; it must be reversible, window, irreversible, rollback"#)]
    #[case(json!({"schema": 1, "action": "reversible"}), "process_id is missing; it must be the id of a process, 26 characters")]
    #[case(json!({"schema": 1, "action": "reversible", "process_id": "01kag3v7q4m2zd9x5t8r6w0b1c"}), r#"process_id is "01kag3v7q4m2zd9x5t8r6w0b1c"; it must be the id of a process, 26 characters"#)]
    #[case(json!([]), "the input is []; it must be a JSON object")]
    fn a_broken_event_is_refused_by_name(#[case] event: Value, #[case] message: &str) {
        assert_eq!(ExecuteEvent::parse(event).unwrap_err().to_string(), message);
    }

    #[test]
    fn a_caught_error_comes_along_as_step_functions_writes_it() {
        let event = json!({"schema": 1, "action": "rollback", "process_id": ID, "error": {"Error": "Sunset.Stale", "Cause": "x", "ExtraField": 1}});
        let ExecuteEvent::Rollback { error, .. } = ExecuteEvent::parse(event).unwrap() else { panic!() };
        assert_eq!(error.unwrap().error, "Sunset.Stale");
    }

    #[test]
    fn admitting_wants_an_execution() {
        let input =
            json!({"schema": 1, "resource_type": "AMI", "resource_id": "ami-1", "initiator": "ada", "reason": "old"});
        let error =
            AssessEvent::parse(json!({"schema": 1, "action": "admit", "input": input}), &Terms::default(), true);
        assert_eq!(error.unwrap_err().to_string(), "execution is missing; it must be the execution that starts it");
    }
}
