//! MiniStack, started once for all tests of a binary: DynamoDB, S3, SNS and Step Functions.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::Method;
use serde_json::{Value, json};
use sunset_local::{Options, Stack};
use time::format_description::well_known::Rfc3339;
use tokio::sync::OnceCell;

use crate::http;
use crate::ledger::Ledger;
use crate::people::Person;
use crate::table::{Key, Table};

/// The running MiniStack.
#[derive(Debug)]
pub struct MiniStack {
    // Ends with this process, however that ends.
    _stack: Stack,
    url: String,
    topic_arn: String,
    machine_arns: [String; 2],
    count: AtomicU64,
}

/// One of the state machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workflow {
    /// `ami-cleanup`.
    AmiCleanup,
    /// `decommission`.
    Decommission,
}

/// An execution that Step Functions knows, and says of that it runs until it is stopped.
#[derive(Clone)]
pub struct Execution {
    aws: &'static MiniStack,
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// When it started.
    pub started_at: String,
}

/// The bucket of every world: its keys carry the run's id.
const BUCKET: &str = "sunset-functions";
/// How long an execution runs by itself: longer than any test.
const EXECUTION_SECONDS: u32 = 600;

/// The MiniStack of this test binary.
pub async fn ministack() -> &'static MiniStack {
    static MINISTACK: OnceCell<MiniStack> = OnceCell::const_new();
    MINISTACK.get_or_init(MiniStack::start).await
}

impl MiniStack {
    async fn start() -> Self {
        let binary = std::env::current_exe().expect("this binary's path");
        let name = binary.file_stem().and_then(|stem| stem.to_str()).expect("a name in UTF-8");
        // Cargo's hash is left out: one folder a binary, whichever build it is of.
        let name = name.rsplit_once('-').map_or(name, |(name, _hash)| name);
        // Its own EC2 is never asked: each world has one.
        let nowhere = "http://127.0.0.1:9";
        let options = Options::new(&format!("functions-{name}")).ec2_url(nowhere).ssm_url(nowhere);
        let stack = Stack::up(options).unwrap_or_else(|error| panic!("MiniStack did not start: {error}"));
        let url = stack.aws_url().to_owned();
        let machine_arns = [String::new(), String::new()];
        let mut it = Self { _stack: stack, url, topic_arn: String::new(), machine_arns, count: AtomicU64::new(0) };
        let bucket = http::call("s3", (Method::PUT, format!("{}/{BUCKET}", it.url)), &[], "").await;
        assert!(bucket.status.is_success(), "CreateBucket: {}", String::from_utf8_lossy(&bucket.body));
        it.topic_arn = it.create_topic("sunset-notices").await;
        for person in Person::KNOWN {
            it.create_topic(&person.topic()).await;
        }
        it.machine_arns = [it.create_machine("ami-cleanup").await, it.create_machine("decommission").await];
        it
    }

    async fn create_machine(&self, name: &str) -> String {
        let definition = json!({
            "StartAt": "Work",
            "States": {"Work": {"Type": "Wait", "Seconds": EXECUTION_SECONDS, "End": true}},
        });
        let machine = json!({
            "name": name,
            "definition": definition.to_string(),
            "roleArn": format!("arn:aws:iam::123456789012:role/{name}"),
        });
        let answer = self.json("states", "AWSStepFunctions.CreateStateMachine", &machine).await;
        answer["stateMachineArn"].as_str().expect("a state machine's ARN").to_owned()
    }

    /// Makes a topic; its ARN.
    pub async fn create_topic(&self, name: &str) -> String {
        let form = format!("Action=CreateTopic&Version=2010-03-31&Name={name}");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = http::call("sns", (Method::POST, format!("{}/", self.url)), &headers, form).await;
        let xml = String::from_utf8_lossy(&answer.body).into_owned();
        let arn = xml.split_once("<TopicArn>").and_then(|(_, rest)| rest.split_once("</TopicArn>"));
        arn.unwrap_or_else(|| panic!("CreateTopic: {xml}")).0.to_owned()
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bucket of manifests and reports.
    #[must_use]
    pub fn bucket(&self) -> &'static str {
        BUCKET
    }

    /// The stack's own topic.
    #[must_use]
    pub fn topic_arn(&self) -> &str {
        &self.topic_arn
    }

    pub(crate) async fn json(&self, service: &str, target: &str, body: &Value) -> Value {
        http::json(&self.url, service, target, body).await
    }

    fn next(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) async fn new_ledger(&'static self) -> Ledger {
        let table = format!("ledger-{}", self.next());
        Ledger::create(self, table).await
    }

    pub(crate) async fn new_table(&'static self, kind: &str, keys: &'static [Key]) -> Table {
        let table = format!("{kind}-{}", self.next());
        Table::create(self, table, keys).await
    }

    /// Starts an execution.
    pub async fn start_execution(&'static self, workflow: Workflow) -> Execution {
        let name = format!("execution-{}", self.next());
        let [ami_cleanup, decommission] = &self.machine_arns;
        let machine_arn = match workflow {
            Workflow::AmiCleanup => ami_cleanup,
            Workflow::Decommission => decommission,
        };
        let body = json!({"stateMachineArn": machine_arn, "name": name, "input": "{}"});
        let answer = self.json("states", "AWSStepFunctions.StartExecution", &body).await;
        let arn = answer["executionArn"].as_str().expect("an execution's ARN").to_owned();
        let described = self.json("states", "AWSStepFunctions.DescribeExecution", &json!({"executionArn": arn})).await;
        assert_eq!(described["status"], "RUNNING", "{described}");
        Execution { aws: self, arn, name, started_at: now() }
    }

    /// An object of the bucket.
    pub async fn object(&self, key: &str) -> String {
        let answer = http::call("s3", (Method::GET, format!("{}/{BUCKET}/{key}", self.url)), &[], "").await;
        assert!(answer.status.is_success(), "GetObject {key}: {}", answer.status);
        String::from_utf8(answer.body.to_vec()).expect("UTF-8")
    }
}

impl Execution {
    /// Ends it, as a failure or a person would.
    pub async fn stop(&self) {
        self.aws.json("states", "AWSStepFunctions.StopExecution", &json!({"executionArn": self.arn})).await;
    }

    /// As the state machine hands it to `list`.
    #[must_use]
    pub fn as_event(&self) -> Value {
        json!({"arn": self.arn, "name": self.name, "started_at": self.started_at})
    }
}

impl fmt::Debug for Execution {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Execution").field(&self.arn).finish()
    }
}

/// The time as Step Functions writes it.
fn now() -> String {
    time::OffsetDateTime::now_utc().format(&Rfc3339).expect("a time that RFC 3339 can write")
}
