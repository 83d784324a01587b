//! How a process begins: what it is asked to retire, by whom and why, and its name.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::ids::ProcessId;
use crate::input::{Fields, InvalidInput};
use crate::policy::Mode;
use crate::process::resource::{Resource, ResourceType};
use crate::process::terms::Terms;
use crate::run::Execution;
use crate::time::Timestamp;

/// The input of the workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// What is to go.
    pub resource: Resource,
    /// Who says that they started it. A start in the console cannot prove it.
    pub initiator: String,
    /// Why it is to go.
    pub reason: String,
    /// Dry unless the input says live.
    pub mode: Mode,
    /// The deployed terms, tightened.
    pub terms: Terms,
}

const TYPES: &str = "EC2Instance, EBSVolume, EBSSnapshot, AMI, ElasticIP or SecurityGroup";

/// A text that people read: printable, and no longer than anybody reads.
fn readable(text: &str, longest: usize) -> Result<String, ()> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or(())
}

impl Start {
    /// Reads the workflow's input against the deployed terms.
    ///
    /// # Errors
    /// [`InvalidInput`] names the field.
    pub fn parse(input: Value, deployed: &Terms, allow_live: bool) -> Result<Self, InvalidInput> {
        let mut fields = Fields::of(input, "input.")?;
        fields.schema()?;
        let resource_type = fields.required_text("resource_type", TYPES, |text| ResourceType::parse(text).ok_or(()))?;
        let expected = format!("the id of this resource, such as {}", resource_type.id_example());
        let resource = fields.required_text("resource_id", &expected, |text| Resource::new(resource_type, text))?;
        let initiator =
            fields.required_text("initiator", "who starts this: 1 to 128 printable characters", |text| {
                readable(text, 128)
            })?;
        let reason = fields
            .required_text("reason", "why it is to go: 1 to 1000 printable characters", |text| readable(text, 1000))?;
        let mode = fields.text("mode", "dry-run or live", |text| Mode::parse(text).ok_or(()))?.unwrap_or_default();
        if mode == Mode::Live && !allow_live {
            return Err(fields.wrong("mode", "live", "dry-run: this stack is deployed with AllowLive=false"));
        }
        let terms = deployed.tightened(&mut fields)?;
        fields.finish()?;
        Ok(Self { resource, initiator, reason, mode, terms })
    }
}

/// The id of the process that an execution is: a ULID of when it started and of a digest of its ARN. The same execution
/// has the same id, so that a start delivered twice meets its own record (C13, C56, C64).
#[must_use]
pub fn process_id(execution: &Execution) -> ProcessId {
    let milliseconds = u64::try_from(execution.started_at.unix_seconds()).unwrap_or_default().saturating_mul(1000);
    let random = Sha256::digest(execution.arn.as_bytes())
        .iter()
        .take(10)
        .fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
    ProcessId::built(ulid::Ulid::from_parts(milliseconds, random).to_string())
}

/// The name that people know from the first description of this process (C13): for display only, nothing is found by it.
#[must_use]
pub fn display_id(resource: &Resource, started_at: Timestamp) -> String {
    let digits: String = started_at.to_string().chars().filter(char::is_ascii_digit).collect();
    format!("DECOMM-{digits}-{}", resource.id())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn input() -> Value {
        json!({"schema": 1, "resource_type": "EC2Instance", "resource_id": "i-0123456789abcdef0", "initiator": "ada", "reason": "unused"})
    }

    fn with(field: &str, value: Value) -> Value {
        let mut input = input();
        input[field] = value;
        input
    }

    #[test]
    fn five_fields_start_a_dry_run() {
        let start = Start::parse(input(), &Terms::default(), true).unwrap();
        assert_eq!((start.mode, start.resource.id()), (Mode::DryRun, "i-0123456789abcdef0"));
    }

    #[rstest::rstest]
    #[case("resource_type", json!("RDSInstance"), r#"input.resource_type is "RDSInstance"; it must be EC2Instance, EBSVolume, EBSSnapshot, AMI, ElasticIP or SecurityGroup"#)]
    #[case("resource_id", json!("vol-1"), r#"input.resource_id is "vol-1"; it must be the id of this resource, such as i-0123456789abcdef0"#)]
    #[case("initiator", json!(" "), r#"input.initiator is " "; it must be who starts this: 1 to 128 printable characters"#)]
    #[case("reason", json!("a\nb"), r#"input.reason is "a\nb"; it must be why it is to go: 1 to 1000 printable characters"#)]
    #[case(
        "reason",
        Value::Null,
        "input.reason is missing; it must be why it is to go: 1 to 1000 printable characters"
    )]
    #[case("mode", json!("wet"), r#"input.mode is "wet"; it must be dry-run or live"#)]
    fn a_broken_start_is_refused_by_name(#[case] field: &str, #[case] value: Value, #[case] message: &str) {
        assert_eq!(Start::parse(with(field, value), &Terms::default(), true).unwrap_err().to_string(), message);
    }

    #[test]
    fn live_wants_a_stack_that_allows_it_and_a_misspelt_field_is_refused() {
        let live = with("mode", json!("live"));
        assert!(Start::parse(live.clone(), &Terms::default(), true).is_ok());
        assert!(Start::parse(live, &Terms::default(), false).is_err());
        assert!(Start::parse(with("soak", json!(1)), &Terms::default(), true).is_err());
    }

    #[test]
    fn a_process_is_named_by_its_execution_and_sorts_by_time() {
        let execution = |name: &str, at: &str| Execution {
            arn: format!("arn:aws:states:us-east-1:123456789012:execution:decommission:{name}"),
            started_at: Timestamp::parse(at).unwrap(),
        };
        let first = process_id(&execution("a", "2026-11-20T09:00:00Z"));
        assert_eq!(first, process_id(&execution("a", "2026-11-20T09:00:00Z")));
        assert_ne!(first, process_id(&execution("b", "2026-11-20T09:00:00Z")));
        assert!(first < process_id(&execution("a", "2026-11-20T09:00:01Z")));
        assert!(ProcessId::parse(first.as_str()).is_ok());
    }

    #[test]
    fn the_display_id_is_the_documents_own() {
        let resource = Resource::new(ResourceType::Volume, "vol-1").unwrap();
        assert_eq!(
            display_id(&resource, Timestamp::parse("2026-11-20T09:08:07Z").unwrap()),
            "DECOMM-20261120090807-vol-1"
        );
    }
}
