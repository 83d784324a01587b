//! What a process of decommission left in its tables and its bucket, and what a team's own tables say of a resource.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::error::{Error, Result, missing, plain};
use crate::stack::Stack;
use crate::stored::Item;
use crate::workflow::{Execution, Finished};

/// The function whose environment names every table.
const READS_EVERYTHING: &str = "assess";
const LOOK_AGAIN: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(150);

impl Stack {
    fn table(&self, variable: &str) -> Result<String> {
        self.environment(READS_EVERYTHING)?
            .remove(variable)
            .ok_or_else(|| missing("GetFunctionConfiguration", variable))
    }

    /// The record of a process, if there is one.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn process(&self, process_id: &str) -> Result<Option<Item>> {
        Ok(self.items(&process_key(process_id))?.into_iter().find(|item| item.get("sk") == Some(&json!("META"))))
    }

    /// The record of the process that an execution is, once there is one.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn process_of(&self, execution: &Execution) -> Result<Option<Item>> {
        let records = self.all_items()?.into_iter().filter(|item| {
            item.get("pk").and_then(Value::as_str).is_some_and(|pk| pk.starts_with("PROC#"))
                && item.get("sk") == Some(&json!("META"))
        });
        Ok(records.into_iter().find(|record| record.get("execution_arn") == Some(&json!(execution.arn))))
    }

    /// Waits until the record of the process that an execution is shows something.
    ///
    /// # Errors
    /// When the execution ends without, or it takes too long.
    pub fn until_process(&self, execution: &Execution, what: &str, shows: impl Fn(&Item) -> bool) -> Result<Item> {
        let start = Instant::now();
        let mut id: Option<String> = None;
        loop {
            // Asked before the record is read: what is written just before the end is seen.
            let over = self.ended(execution)?;
            let record = match &id {
                Some(id) => self.process(id)?,
                None => self.process_of(execution)?,
            };
            if let Some(record) = record {
                if shows(&record) {
                    return Ok(record);
                }
                id = record.get("process_id").and_then(Value::as_str).map(str::to_owned);
            }
            if let Some(over) = over {
                let Finished { status, error, cause, .. } = over;
                return Err(plain(format!("{what}: the execution ended first: {status} {error}: {cause}")));
            }
            if start.elapsed() > PATIENCE {
                let what = format!("{what}: process {}", id.unwrap_or_default());
                let detail = format!("; logs are in {}", self.folder().display());
                return Err(Error::TooLate { what, seconds: PATIENCE.as_secs(), detail });
            }
            sleep(LOOK_AGAIN);
        }
    }

    /// What a process wrote under keys that begin so: `STEP#`, `VOTE#`, `PLAN#`, `ASSESSMENT#`, `TOKEN#`.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn process_items(&self, process_id: &str, beginning: &str) -> Result<Vec<Item>> {
        let mut items = self.items(&process_key(process_id))?;
        items.retain(|item| item.get("sk").and_then(Value::as_str).is_some_and(|sk| sk.starts_with(beginning)));
        Ok(items)
    }

    /// The steps of a process.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn steps(&self, process_id: &str) -> Result<Vec<Item>> {
        self.process_items(process_id, "STEP#")
    }

    /// Who holds a resource, if anybody ever did.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn lock(&self, resource_id: &str) -> Result<Option<Item>> {
        Ok(self.items(&format!("LOCK#{resource_id}"))?.pop())
    }

    /// The audit trail of a process, in order.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn audit_events(&self, process_id: &str) -> Result<Vec<Item>> {
        self.found(
            &self.table("SUNSET_AUDIT_TABLE")?,
            "Query",
            &json!({
                "KeyConditionExpression": "process_id = :id",
                "ExpressionAttributeValues": {":id": {"S": process_id}},
                "ConsistentRead": true,
            }),
        )
    }

    /// Writes an event into the audit table, over whatever stands there.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn forge_audit_event(&self, event: &Value) -> Result<()> {
        self.put_into(&self.table("SUNSET_AUDIT_TABLE")?, event)
    }

    /// The report of a process that has ended.
    ///
    /// # Errors
    /// When there is none.
    pub fn process_report(&self, process_id: &str) -> Result<Value> {
        self.json_object(&format!("processes/{process_id}/report.json"))
    }

    /// What a team's table `ResourceTracking` says of a resource: these fields of `TrackingData`.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn put_tracking(&self, resource_type: &str, resource_id: &str, data: &Value) -> Result<()> {
        let item = json!({"ResourceId": resource_id, "ResourceType": resource_type, "TrackingData": data});
        self.put_into(&self.table("SUNSET_TRACKING_TABLE")?, &item)
    }

    /// What a team's table `ResourceDependencies` says of a resource: who depends on it.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn put_dependents(&self, resource_id: &str, dependents: &Value) -> Result<()> {
        let item = json!({"ResourceId": resource_id, "Dependencies": [], "Dependents": dependents});
        self.put_into(&self.table("SUNSET_DEPENDENCIES_TABLE")?, &item)
    }
}

/// As many people as the newest round of a process needs: the quorum of every role, and enough in all.
#[must_use]
pub fn voters(record: &Item) -> BTreeSet<String> {
    let number = |value: &Value, field: &str| value.get(field).and_then(Value::as_u64).unwrap_or(1);
    let people = |required: &Value| -> Vec<String> {
        let people = required.get("people").and_then(Value::as_array).into_iter().flatten();
        people.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let round = record.get("round").cloned().unwrap_or_default();
    let required = round.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut voters = BTreeSet::new();
    for role in &required {
        let people = people(role);
        // Whoever votes already votes in every role that is theirs.
        let counted = people.iter().filter(|person| voters.contains(*person)).count();
        let quorum = usize::try_from(number(role, "quorum")).unwrap_or(usize::MAX).saturating_sub(counted);
        let others: Vec<String> = people.into_iter().filter(|person| !voters.contains(person)).take(quorum).collect();
        voters.extend(others);
    }
    let least = usize::try_from(number(&round, "minimum_approvers")).unwrap_or(usize::MAX);
    let mut others = required.iter().flat_map(people);
    while voters.len() < least {
        let Some(other) = others.next() else { break };
        voters.insert(other);
    }
    voters
}

fn process_key(process_id: &str) -> String {
    format!("PROC#{process_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_its_quorum_and_all_together_are_enough() {
        let round = json!({
            "required": [
                {"role": "cto", "people": ["ada", "grace", "lin"], "quorum": 1},
                {"role": "data-protection-officer", "people": ["grace", "lin", "kay"], "quorum": 2},
            ],
            "minimum_approvers": 4,
        });
        let record = Item::from_iter([("round".to_owned(), round)]);
        assert_eq!(voters(&record).into_iter().collect::<Vec<_>>(), ["ada", "grace", "kay", "lin"]);
        assert!(voters(&Item::new()).is_empty());
    }

    #[test]
    fn whoever_has_two_roles_votes_once_for_both() {
        let round = json!({
            "required": [
                {"role": "cto", "people": ["ada"], "quorum": 1},
                {"role": "data-protection-officer", "people": ["lin", "ada"], "quorum": 1},
            ],
            "minimum_approvers": 1,
        });
        let record = Item::from_iter([("round".to_owned(), round)]);
        assert_eq!(voters(&record).into_iter().collect::<Vec<_>>(), ["ada"]);
    }
}
