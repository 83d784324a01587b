//! One execution of ami-cleanup: its event, its name and its record.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::ids::RunId;
use crate::input::{Fields, InvalidInput};
use crate::policy::{Mode, Policy};
use crate::time::Timestamp;

/// The Step Functions execution that a run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// When it started.
    pub started_at: Timestamp,
}

/// The event of list-expired-amis.
#[derive(Debug, Clone, PartialEq)]
pub enum ListEvent {
    /// Read the account, decide every image, and write down what is due.
    List {
        /// The execution; `None`: somebody by hand, so that it runs dry.
        execution: Option<Execution>,
        /// The workflow's input, still to be held against the deployed policy.
        input: WorkflowInput,
    },
    /// Count what became of a run.
    Report {
        /// Which run.
        run_id: RunId,
    },
}

/// The input of the workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowInput {
    /// Dry unless the input says live.
    pub mode: Mode,
    /// The schedule's time, which names a tick.
    pub scheduled_time: Option<Timestamp>,
    /// Whether a source that shrank is to be believed this once.
    pub accept_baseline: bool,
    /// The deployed policy, tightened.
    pub policy: Policy,
}

impl ListEvent {
    /// Reads an event against the deployed policy.
    ///
    /// # Errors
    /// [`InvalidInput`] names the field.
    pub fn parse(event: Value, deployed: &Policy, allow_live: bool) -> Result<Self, InvalidInput> {
        let mut fields = Fields::of(event, "")?;
        fields.schema()?;
        let action = fields.required_text("action", "list or report", |text| match text {
            "list" | "report" => Ok(text == "list"),
            _ => Err(()),
        })?;
        let event = if action {
            let execution = fields.take("execution").map(execution).transpose()?;
            let input = fields.take("input").unwrap_or_else(|| serde_json::json!({"schema": crate::input::SCHEMA}));
            let input = WorkflowInput::parse(input, deployed, allow_live)?;
            if execution.is_none() && input.mode == Mode::Live {
                return Err(InvalidInput::Wrong {
                    field: "input.mode".into(),
                    found: "live".into(),
                    expected: "dry-run where no execution is named: start the state machine for a live run".into(),
                });
            }
            Self::List { execution, input }
        } else {
            Self::Report {
                run_id: fields.required_text("run_id", "a run id of letters, digits and hyphens", RunId::parse)?,
            }
        };
        fields.finish()?;
        Ok(event)
    }
}

pub(crate) fn execution(value: Value) -> Result<Execution, InvalidInput> {
    let mut fields = Fields::of(value, "execution.")?;
    let arn = fields.required_text("arn", "an execution's ARN", |text| {
        if is_execution_arn(text) { Ok(text.to_owned()) } else { Err(()) }
    })?;
    fields.optional("name", "a text", |value| value.as_str().map(|_| ()))?;
    let started_at = fields.required_text("started_at", "a time such as 2026-11-20T09:00:00Z", Timestamp::parse)?;
    fields.finish()?;
    Ok(Execution { arn, started_at })
}

/// `arn:<partition>:states:<region>:<account>:execution:<machine>:<name>`. The lock keeps it to ask Step Functions about
/// it later: one that Step Functions cannot read would hold the lock for ever.
fn is_execution_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    matches!(parts.as_slice(), ["arn", _, "states", _, _, "execution", machine, name] if !machine.is_empty() && !name.is_empty())
        && text.len() <= 2048
        && text.bytes().all(|b| b.is_ascii_graphic())
}

impl WorkflowInput {
    /// Reads the workflow's input against the deployed policy.
    ///
    /// # Errors
    /// [`InvalidInput`] names the field.
    pub fn parse(input: Value, deployed: &Policy, allow_live: bool) -> Result<Self, InvalidInput> {
        let mut fields = Fields::of(input, "input.")?;
        fields.schema()?;
        let mode = fields.text("mode", "dry-run or live", |text| Mode::parse(text).ok_or(()))?.unwrap_or_default();
        if mode == Mode::Live && !allow_live {
            return Err(fields.wrong("mode", "live", "dry-run: this stack is deployed with AllowLive=false"));
        }
        let scheduled_time = match fields.take("scheduled_time") {
            // EventBridge Scheduler puts its time in place of this word; a start by hand may carry it verbatim.
            None => None,
            Some(Value::String(text)) if text == SCHEDULED_TIME_PLACEHOLDER => None,
            Some(value) => Some(value.as_str().and_then(|text| Timestamp::parse(text).ok()).ok_or_else(|| {
                fields.wrong("scheduled_time", value.to_string(), "a time such as 2026-11-20T09:00:00Z")
            })?),
        };
        let accept_baseline = fields.flag("accept_baseline")?.unwrap_or(false);
        let policy = deployed.tightened(&mut fields)?;
        fields.finish()?;
        Ok(Self { mode, scheduled_time, accept_baseline, policy })
    }
}

/// What EventBridge Scheduler replaces by the time of the tick.
pub const SCHEDULED_TIME_PLACEHOLDER: &str = "<aws.scheduler.scheduled-time>";

/// The name of a run: when its execution started, and a digest of the execution's ARN. The same execution always has
/// the same name, so that a function delivered twice meets its own record.
#[must_use]
pub fn run_id(execution: &Execution) -> RunId {
    named(&execution.arn, execution.started_at)
}

/// The name of a run by hand, which is as unique as the request's id.
#[must_use]
pub fn run_id_by_hand(request_id: &str, now: Timestamp) -> RunId {
    named(request_id, now)
}

fn named(unique: &str, at: Timestamp) -> RunId {
    let digest: String = Sha256::digest(unique.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    RunId::built(format!("{}-{digest}", at.compact()))
}

/// What a run decided, and what its state machine is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunVerdict {
    /// There is a manifest to work through.
    Proceed,
    /// Nothing is due.
    Nothing,
    /// The breaker halted it.
    Halted,
    /// Another run is at work, this tick was served before, or somebody paused it.
    Skipped,
}

/// How many images of each kind a run found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCounts {
    /// Owned images.
    pub images: u64,
    /// Images to disable or deregister.
    pub due: u64,
    /// Images to disable.
    pub disable: u64,
    /// Images to deregister.
    pub deregister: u64,
    /// Images that are gone and whose snapshots still wait.
    pub drain: u64,
    /// Images that stay.
    pub kept: u64,
    /// Of these, images that an unread source holds.
    pub blocked: u64,
}

/// An object in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRef {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
}

/// What `list` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListResult {
    /// The run.
    pub run_id: RunId,
    /// Whether it may change anything.
    pub mode: Mode,
    /// What it decided.
    pub verdict: RunVerdict,
    /// Why, in a sentence.
    pub reason: String,
    /// What it found.
    pub counts: ListCounts,
    /// The lines to work through.
    pub manifest: Option<ObjectRef>,
    /// Every image with its verdict.
    pub report: Option<ObjectRef>,
}

/// The record of a run: `RUN#<id>` in the ledger. Mode and policy are read from here, never from a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run.
    pub run_id: RunId,
    /// The execution; `None`: by hand.
    pub execution_arn: Option<String>,
    /// Whether it may change anything.
    pub mode: Mode,
    /// The policy it decides under.
    pub policy: Policy,
    /// When it started.
    pub started_at: Timestamp,
    /// What `list` answered; answered again when it is called again.
    pub result: Option<ListResult>,
    /// When Report closed it; nothing acts in its name any more.
    pub closed_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(event: Value) -> Result<ListEvent, InvalidInput> {
        ListEvent::parse(event, &Policy::default(), true)
    }

    #[test]
    fn a_start_that_names_no_mode_is_dry() {
        let ListEvent::List { input, .. } =
            parse(json!({"schema": 1, "action": "list", "input": {"schema": 1}})).unwrap()
        else {
            panic!()
        };
        assert_eq!(input.mode, Mode::DryRun);
        assert_eq!(input.policy, Policy::default());
    }

    #[test]
    fn live_wants_a_stack_that_allows_it_and_an_execution() {
        let execution = json!({"arn": "arn:aws:states:us-east-1:123456789012:execution:m:e", "name": "e", "started_at": "2026-11-20T09:00:00.123Z"});
        let event =
            json!({"schema": 1, "action": "list", "execution": execution, "input": {"schema": 1, "mode": "live"}});
        assert!(parse(event.clone()).is_ok());
        let error = ListEvent::parse(event, &Policy::default(), false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "input.mode is live; it must be dry-run: this stack is deployed with AllowLive=false"
        );
        assert!(parse(json!({"schema": 1, "action": "list", "input": {"schema": 1, "mode": "live"}})).is_err());
    }

    #[test]
    fn the_schedulers_word_left_as_it_is_means_no_scheduled_time() {
        for (time, expected) in [
            (json!("<aws.scheduler.scheduled-time>"), None),
            (json!("2026-11-20T09:00:00Z"), Some(Timestamp::parse("2026-11-20T09:00:00Z").unwrap())),
        ] {
            let ListEvent::List { input, .. } =
                parse(json!({"schema": 1, "action": "list", "input": {"schema": 1, "scheduled_time": time}})).unwrap()
            else {
                panic!()
            };
            assert_eq!(input.scheduled_time, expected);
        }
    }

    #[test]
    fn only_an_executions_arn_names_an_execution() {
        for arn in [
            "arn:x",
            "arn:aws:states:us-east-1:123456789012:stateMachine:m",
            "arn:aws:states:::execution:m:",
            "arn:aws:states:::execution:m:é",
        ] {
            let execution = json!({"arn": arn, "started_at": "2026-11-20T09:00:00Z"});
            let error = parse(json!({"schema": 1, "action": "list", "execution": execution})).unwrap_err();
            assert!(error.to_string().starts_with("execution.arn is "), "{error}");
        }
    }

    #[rstest::rstest]
    #[case(json!({"action": "list"}), "schema is missing; it must be 1")]
    #[case(json!({"schema": 2, "action": "list"}), "schema is 2; it must be 1")]
    #[case(json!({"schema": 1, "action": "delete"}), r#"action is "delete"; it must be list or report"#)]
    #[case(json!({"schema": 1, "action": "report"}), "run_id is missing; it must be a run id of letters, digits and hyphens")]
    #[case(json!({"schema": 1, "action": "list", "input": {"schema": 1, "exclude": ["x"]}}), "input.exclude is not a field of this input; its fields are schema, mode, scheduled_time, accept_baseline, valid_hours, grace_days, keep_newest, min_idle_days, max_deletions, max_share, max_failed_share, allow_shared, include_names, include_tags, exclude_names, exclude_tags")]
    #[case(json!({"schema": 1, "action": "list", "input": {"schema": 1, "mode": "wet"}}), r#"input.mode is "wet"; it must be dry-run or live"#)]
    fn a_broken_event_is_refused_by_name(#[case] event: Value, #[case] message: &str) {
        assert_eq!(parse(event).unwrap_err().to_string(), message);
    }

    #[test]
    fn a_run_is_named_by_its_execution_and_sorts_by_time() {
        let execution = |name: &str, at: &str| Execution {
            arn: format!("arn:aws:states:::execution:m:{name}"),
            started_at: Timestamp::parse(at).unwrap(),
        };
        let first = run_id(&execution("a", "2026-11-20T09:00:00Z"));
        assert_eq!(first, run_id(&execution("a", "2026-11-20T09:00:00Z")));
        assert_ne!(first, run_id(&execution("b", "2026-11-20T09:00:00Z")));
        assert!(first < run_id(&execution("a", "2026-11-20T10:00:00Z")));
        assert!(first.as_str().starts_with("20261120T090000Z-"));
    }
}
