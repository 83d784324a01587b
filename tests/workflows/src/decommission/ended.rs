//! A process that has ended.

use serde_json::{Value, json};
use sunset_local::{Finished, Item};

use crate::decommission::process::Process;

/// A process that has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The process.
    pub process: Process,
    /// How its execution ended.
    pub finished: Finished,
    /// Its record.
    pub record: Item,
}

impl Ended {
    /// Fails unless its execution succeeded and it stands there, with a sound audit trail and nobody holding the resource.
    #[track_caller]
    pub fn succeeded_as(self, status: &str) -> Self {
        assert_eq!(self.finished.status, "SUCCEEDED", "{:?} {}", self.finished, self.told());
        assert_eq!(self.finished.output["status"], status, "{}", self.finished.output);
        self.stands(status)
    }

    /// Fails unless its execution failed under this name and it stands there, with a sound audit trail.
    #[track_caller]
    pub fn failed_as(self, status: &str, error: &str) -> Self {
        let found = (self.finished.status.as_str(), self.finished.error.as_str());
        assert_eq!(found, ("FAILED", error), "{} {}", self.finished.cause, self.told());
        self.stands(status)
    }

    #[track_caller]
    fn stands(self, status: &str) -> Self {
        assert_eq!(self.record["status"], status, "{}", self.told());
        let report = self.report();
        assert_eq!(report["process"]["status"], status, "{report}");
        assert_eq!(report["audit"]["defects"], json!([]), "{report}");
        let resource = self.record["resource"]["resource_id"].as_str().expect("a resource");
        let holder = self.process.stack.lock(resource).expect("the ledger").map(|lock| lock["process_id"].clone());
        let keeps = status == "rollback_failed";
        assert_eq!(holder == Some(json!(self.process.id)), keeps, "the lock after {status}: {holder:?}");
        self
    }

    /// Its report.
    #[must_use]
    #[track_caller]
    pub fn report(&self) -> Value {
        self.process.stack.process_report(&self.process.id).expect("a report")
    }

    /// Its report for people.
    #[must_use]
    #[track_caller]
    pub fn markdown(&self) -> String {
        let key = format!("processes/{}/report.md", self.process.id);
        let body = self.process.stack.object(&key).expect("an answer of S3").expect("a report for people");
        String::from_utf8(body).expect("a report in UTF-8")
    }

    /// How it ended, in its own words.
    #[must_use]
    pub fn outcome(&self) -> &str {
        self.record["outcome"].as_str().unwrap_or_default()
    }

    fn told(&self) -> String {
        format!("{} {:?}", Value::Object(self.record.clone()), self.process.events())
    }
}
