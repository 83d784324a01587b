//! One process, from its start to its end, and what people do about it.

use std::time::Duration;

use serde_json::{Map, Value, json};
use sunset_local::{Execution, Item, Replied, Stack, voters};

use crate::decommission::ended::Ended;

/// Who starts every process: nobody who may vote.
pub const INITIATOR: &str = "cleanup-campaign";

/// Longer than anything here waits for by itself.
const PATIENCE: Duration = Duration::from_secs(150);

/// A process that was admitted.
#[derive(Clone, Debug)]
pub struct Process {
    /// The stack.
    pub stack: &'static Stack,
    /// Its execution.
    pub execution: Execution,
    /// Its id.
    pub id: String,
}

/// The input of a live start.
#[must_use]
pub(crate) fn live(resource_type: &str, resource_id: &str, fields: &Value) -> Value {
    let mut input: Map<String, Value> = Map::new();
    for (field, value) in [
        ("schema", json!(1)),
        ("resource_type", json!(resource_type)),
        ("resource_id", json!(resource_id)),
        ("initiator", json!(INITIATOR)),
        ("reason", json!("nobody has used it for a year")),
        ("mode", json!("live")),
    ] {
        input.insert(field.to_owned(), value);
    }
    input.extend(fields.as_object().expect("the fields of an input").clone());
    Value::Object(input)
}

impl Process {
    /// Starts a process and waits until it is admitted.
    #[must_use]
    #[track_caller]
    pub fn start(stack: &'static Stack, input: &Value) -> Self {
        Self::of(stack, stack.start_decommission(input).expect("an execution"))
    }

    /// The process that an execution is, once it is admitted.
    #[must_use]
    #[track_caller]
    pub fn of(stack: &'static Stack, execution: Execution) -> Self {
        let record = stack.until_process(&execution, "admitted", |_| true).expect("a process");
        let id = record["process_id"].as_str().expect("an id").to_owned();
        Self { stack, execution, id }
    }

    /// Its record.
    #[must_use]
    pub fn record(&self) -> Item {
        self.stack.process(&self.id).expect("the ledger").expect("the process's record")
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> String {
        self.record()["status"].as_str().expect("a status").to_owned()
    }

    /// Waits until its record shows something; fails when it ends without.
    #[track_caller]
    pub fn until(&self, what: &str, shows: impl Fn(&Item) -> bool) -> Item {
        let found = self.stack.until_process(&self.execution, what, shows);
        found.unwrap_or_else(|error| panic!("{error}: {} {:?}", Value::Object(self.record()), self.events()))
    }

    /// Waits until it stands there.
    #[track_caller]
    pub fn until_status(&self, status: &str) -> Item {
        self.until(status, |record| record["status"] == status)
    }

    /// Waits until its state machine rests in the soak, or for a person: until somebody can wake it.
    #[track_caller]
    pub fn until_token(&self, status: &str, wait: &str) -> Item {
        let record = self.until_status(status);
        self.until(&format!("the token of {wait}"), |_| self.token(wait).is_some());
        record
    }

    /// The newest task token of a wait: `notice`, `approval`, `soak`, `window` or `hold`.
    #[must_use]
    pub fn token(&self, wait: &str) -> Option<String> {
        let items = self.stack.process_items(&self.id, &format!("TOKEN#{wait}")).expect("the ledger");
        items.first().and_then(|item| item["task_token"].as_str()).map(str::to_owned)
    }

    /// The hash of the plan that is to be approved.
    #[must_use]
    #[track_caller]
    pub fn plan_hash(&self) -> String {
        self.record()["plan_hash"].as_str().expect("a plan hash").to_owned()
    }

    /// A request about this process.
    #[must_use]
    pub fn request(&self, action: &str, fields: &Value) -> Value {
        let mut request = json!({"schema": 1, "action": action, "process_id": self.id});
        if let (Some(all), Some(fields)) = (request.as_object_mut(), fields.as_object()) {
            all.extend(fields.clone());
        }
        request
    }

    /// A vote on the newest plan.
    #[must_use]
    pub fn ballot(&self, answer: &str) -> Value {
        let fields = json!({"plan_hash": self.plan_hash(), "answer": answer, "reason": "because I say so"});
        self.request("vote", &fields)
    }

    /// Somebody votes on the newest plan.
    #[must_use]
    pub fn vote(&self, name: &str, answer: &str) -> Replied {
        self.sends(name, &self.ballot(answer))
    }

    /// Somebody sends a request.
    #[must_use]
    pub fn sends(&self, name: &str, request: &Value) -> Replied {
        self.stack.person(name).and_then(|person| person.post(request)).expect("an answer of approve")
    }

    /// Somebody does something else than vote, and is obeyed.
    #[track_caller]
    pub fn obeys(&self, name: &str, action: &str, fields: &Value) -> Value {
        let reply = self.sends(name, &self.request(action, fields));
        assert_eq!(reply.status, 200, "{action} by {name}: {reply:?}");
        reply.body
    }

    /// Lets it be approved: by rule, or by as many people as it asks.
    #[track_caller]
    pub fn approve(&self) {
        let record = self
            .until("an approval", |record| !["identified", "assessed"].map(Value::from).contains(&record["status"]));
        if record["status"] == "awaiting_approval" {
            for name in voters(&record) {
                let reply = self.vote(&name, "approve");
                assert_eq!(reply.status, 200, "{name}: {reply:?}");
                if reply.body["decision"]["decision"] == "approved" {
                    return;
                }
            }
            panic!("not approved by {:?}: {:?}", voters(&record), self.record()["round"]);
        }
    }

    /// The types of its audit events, in order.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let events = self.stack.audit_events(&self.id).expect("the audit trail");
        events.iter().map(|event| event["type"].as_str().expect("a type").to_owned()).collect()
    }

    /// How often its state machine entered a state.
    #[must_use]
    pub fn entered(&self, state: &str) -> usize {
        let history = self.stack.history(&self.execution).expect("the history of the execution");
        history.iter().filter(|event| event["stateEnteredEventDetails"]["name"] == state).count()
    }

    /// Waits for its end.
    #[must_use]
    #[track_caller]
    pub fn ended(self) -> Ended {
        let finished = self.stack.wait_at_most(&self.execution, PATIENCE).expect("the end of the execution");
        Ended { finished, record: self.record(), process: self }
    }
}
