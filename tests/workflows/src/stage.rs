//! A deployed stack while it is a scenario's turn.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use sunset_local::{Execution, Item, Stack};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::notices::checked;
use crate::run::Run;

const LOOK_AGAIN: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(60);

/// A stack whose turns are taken one after the other.
#[derive(Debug)]
pub(crate) struct Turns {
    pub(crate) stack: Stack,
    turn: Mutex<()>,
}

impl Turns {
    pub(crate) fn of(stack: Stack) -> Self {
        Self { stack, turn: Mutex::new(()) }
    }

    /// Waits for its turn. A scenario that failed has failed already; the next one begins anew.
    pub(crate) fn next(&'static self) -> Stage {
        Stage { stack: &self.stack, _turn: self.turn.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

/// What a function answered: its answer, or its error's type and message.
pub type Answer = Result<Value, (String, String)>;

/// A stack, for one scenario.
#[derive(Debug)]
pub struct Stage {
    /// The stack.
    pub stack: &'static Stack,
    _turn: MutexGuard<'static, ()>,
}

impl Stage {
    /// Forgets everything that earlier scenarios left in the ledger and the queue of notices.
    pub(crate) fn forget(&self) {
        for item in self.stack.all_items().expect("the items of the ledger") {
            let key = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            self.stack.delete_item(&key("pk"), &key("sk")).expect("an item is deleted");
        }
        self.stack.notices().expect("the notices");
    }

    /// Starts ami-cleanup with exactly this input.
    #[must_use]
    pub fn start(&self, input: &Value) -> Execution {
        self.stack.start_execution(input).expect("an execution")
    }

    /// Starts a live run with these fields beside the mode.
    #[must_use]
    pub fn start_live(&self, fields: &Value) -> Execution {
        self.start(&input("live", fields))
    }

    /// Waits for the end of a run.
    #[must_use]
    pub fn ended(&self, execution: Execution) -> Run {
        let finished = self.stack.wait(&execution).expect("the end of the execution");
        let id = self.run_id(&execution);
        Run { execution, id, finished }
    }

    /// A run with exactly this input.
    #[must_use]
    pub fn run(&self, input: &Value) -> Run {
        self.ended(self.start(input))
    }

    /// A live run with these fields beside the mode.
    #[must_use]
    pub fn live(&self, fields: &Value) -> Run {
        self.run(&input("live", fields))
    }

    /// A dry run with these fields beside the mode.
    #[must_use]
    pub fn dry(&self, fields: &Value) -> Run {
        self.run(&input("dry-run", fields))
    }

    /// The run that an execution is, as the ledger knows it; empty where it wrote nothing.
    #[must_use]
    pub fn run_id(&self, execution: &Execution) -> String {
        let items = self.stack.all_items().expect("the items of the ledger");
        let run = items.iter().find(|item| {
            item.get("execution_arn").is_some_and(|arn| *arn == execution.arn)
                && item["sk"] == "META"
                && item["pk"] != "LOCK#ami-cleanup"
        });
        run.and_then(|run| run["run_id"].as_str()).unwrap_or_default().to_owned()
    }

    /// Waits until a condition holds.
    #[track_caller]
    pub fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
            sleep(LOOK_AGAIN);
        }
    }

    /// Calls a function as it is deployed.
    pub fn invoke(&self, function: &str, event: &Value) -> Answer {
        let invoked = self.stack.invoke(function, event).expect("an answer of Lambda");
        match invoked.error_type {
            None => Ok(invoked.payload),
            Some(name) => Err((name, invoked.payload["errorMessage"].as_str().unwrap_or_default().to_owned())),
        }
    }

    /// The report of all verdicts of a run.
    #[must_use]
    pub fn report(&self, run: &Run) -> Value {
        self.document(run, "report.json")
    }

    /// What became of a run's lines.
    #[must_use]
    pub fn summary(&self, run: &Run) -> Value {
        self.document(run, "summary.json")
    }

    fn document(&self, run: &Run, name: &str) -> Value {
        assert!(!run.id.is_empty(), "the run wrote nothing: {run:?}");
        self.stack.json_object(&format!("runs/{}/{name}", run.id)).expect("a document of the run")
    }

    /// The codes of the reasons that a run's report gives for an image.
    #[must_use]
    #[track_caller]
    pub fn reasons(&self, run: &Run, image_id: &str) -> Vec<String> {
        let report = self.report(run);
        let listed = report["images"].as_array().into_iter().flatten().find(|image| image["image_id"] == image_id);
        let reasons = &listed.unwrap_or_else(|| panic!("the report does not speak of {image_id}: {report}"))["reasons"];
        let codes = reasons.as_array().into_iter().flatten().filter_map(|reason| reason["code"].as_str());
        codes.map(str::to_owned).collect()
    }

    /// The items of the ledger whose partition key begins so.
    #[must_use]
    pub fn items_of(&self, beginning: &str) -> Vec<Item> {
        let mut items = self.stack.all_items().expect("the items of the ledger");
        items.retain(|item| item["pk"].as_str().is_some_and(|pk| pk.starts_with(beginning)));
        items
    }

    /// The lines of a run's manifest.
    #[must_use]
    pub fn manifest(&self, run_id: &str) -> Vec<Value> {
        let body =
            self.stack.object(&format!("runs/{run_id}/manifest.jsonl")).expect("an answer of S3").expect("a manifest");
        let text = String::from_utf8(body).expect("a manifest in UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// Sets the ledger's clock of an image's grace back by so many days.
    pub fn disabled_days_ago(&self, image_id: &str, days: i64) {
        let then =
            OffsetDateTime::now_utc().replace_nanosecond(0).expect("a whole second") - time::Duration::days(days);
        let then = then.format(&Rfc3339).expect("a time in RFC 3339");
        self.stack
            .set_attribute(&format!("IMAGE#{image_id}"), "META", "disabled_at", &json!(then))
            .expect("the image has a record");
    }

    /// Throws the kill switch, as the template's output says how.
    pub fn pause(&self) {
        pause(self.stack);
    }

    /// Takes it back.
    pub fn resume(&self) {
        self.stack.delete_item("PAUSE", "META").expect("the kill switch is taken back");
    }

    /// What the stack's topic said since this was asked last.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        checked(self.stack.notices().expect("the notices"))
    }

    /// What a queue of an owner heard since this was asked last.
    #[must_use]
    pub fn notices_of(&self, queue: &str) -> Vec<String> {
        checked(self.stack.notices_of(queue).expect("the owner's notices"))
    }
}

/// Throws the kill switch of a stack, from wherever.
pub(crate) fn pause(stack: &Stack) {
    stack.put_item(&json!({"pk": "PAUSE", "sk": "META"})).expect("the kill switch is thrown");
}

fn input(mode: &str, fields: &Value) -> Value {
    let mut input = Map::from_iter([("schema".to_owned(), json!(1)), ("mode".to_owned(), json!(mode))]);
    input.extend(fields.as_object().expect("the fields of an input").clone());
    Value::Object(input)
}
