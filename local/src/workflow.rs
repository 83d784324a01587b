//! Starting a workflow, waiting for it, and calling one function.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::Method;

use crate::error::{Error, Result, plain};
use crate::stack::Stack;
use crate::wire::http::text;
use crate::wire::query::encoded;

/// The published alias, which the state machine calls too.
const ALIAS: &str = "live";
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A workflow, by the logical name of its state machine.
const AMI_CLEANUP: &str = "AmiCleanup";
const DECOMMISSION: &str = "Decommission";

/// A started execution of a state machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// Its output; null unless it succeeded.
    pub output: Value,
    /// Its error; empty unless it failed.
    pub error: String,
    /// The error's cause; empty unless it failed.
    pub cause: String,
}

/// What a function answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Invoked {
    /// Its answer, or its error's document.
    pub payload: Value,
    /// The error's type, when it failed.
    pub error_type: Option<String>,
}

impl Stack {
    fn states(&self, operation: &str, body: &Value) -> Result<Value> {
        self.aws().json("states", &format!("AWSStepFunctions.{operation}"), body)
    }

    /// Starts ami-cleanup with this input.
    ///
    /// # Errors
    /// What Step Functions answers.
    pub fn start_execution(&self, input: &Value) -> Result<Execution> {
        self.start(AMI_CLEANUP, &json!({"input": input.to_string()}))
    }

    /// Starts ami-cleanup with this input, under this name.
    ///
    /// # Errors
    /// What Step Functions answers.
    pub fn start_named_execution(&self, name: &str, input: &Value) -> Result<Execution> {
        self.start(AMI_CLEANUP, &json!({"name": name, "input": input.to_string()}))
    }

    /// Starts decommission with this input.
    ///
    /// # Errors
    /// What Step Functions answers.
    pub fn start_decommission(&self, input: &Value) -> Result<Execution> {
        self.start(DECOMMISSION, &json!({"input": input.to_string()}))
    }

    fn start(&self, machine: &str, body: &Value) -> Result<Execution> {
        let machine = self.deployment()?.resource(machine)?;
        let mut body = body.clone();
        if let Some(fields) = body.as_object_mut() {
            fields.insert("stateMachineArn".to_owned(), machine.into());
        }
        let answer = self.states("StartExecution", &body)?;
        Ok(Execution { arn: text("StartExecution", &answer, "executionArn")? })
    }

    /// Waits until an execution has ended, at most five minutes.
    ///
    /// # Errors
    /// When it runs for longer, or Step Functions answers with an error.
    pub fn wait(&self, execution: &Execution) -> Result<Finished> {
        self.wait_at_most(execution, Duration::from_secs(300))
    }

    /// Waits until an execution has ended.
    ///
    /// # Errors
    /// When it runs for longer, or Step Functions answers with an error.
    pub fn wait_at_most(&self, execution: &Execution, patience: Duration) -> Result<Finished> {
        let start = Instant::now();
        while start.elapsed() < patience {
            if let Some(finished) = self.ended(execution)? {
                return Ok(finished);
            }
            sleep(LOOK_AGAIN);
        }
        Err(Error::TooLate {
            what: format!("execution {}", execution.arn),
            seconds: patience.as_secs(),
            detail: format!("; logs are in {}", self.folder().display()),
        })
    }

    /// How an execution ended, if it has.
    ///
    /// # Errors
    /// What Step Functions answers.
    pub fn ended(&self, execution: &Execution) -> Result<Option<Finished>> {
        let answer = self.states("DescribeExecution", &json!({"executionArn": execution.arn}))?;
        let running = text("DescribeExecution", &answer, "status")? == "RUNNING";
        if running { Ok(None) } else { Finished::read(&answer).map(Some) }
    }

    /// Starts ami-cleanup and waits for its end.
    ///
    /// # Errors
    /// When it cannot be started or does not end.
    pub fn run(&self, input: &Value) -> Result<Finished> {
        self.wait(&self.start_execution(input)?)
    }

    /// Answers a task that waits for its token, as whoever holds the token can.
    ///
    /// # Errors
    /// What Step Functions answers.
    pub fn send_task_success(&self, token: &str, output: &Value) -> Result<()> {
        self.states("SendTaskSuccess", &json!({"taskToken": token, "output": output.to_string()})).map(|_| ())
    }

    /// Fails a task that waits for its token, as whoever holds the token can.
    ///
    /// # Errors
    /// What Step Functions answers.
    pub fn send_task_failure(&self, token: &str, error: &str) -> Result<()> {
        self.states("SendTaskFailure", &json!({"taskToken": token, "error": error, "cause": "forged"})).map(|_| ())
    }

    /// Stops an execution.
    ///
    /// # Errors
    /// What Step Functions answers.
    pub fn stop_execution(&self, execution: &Execution) -> Result<()> {
        self.states("StopExecution", &json!({"executionArn": execution.arn})).map(|_| ())
    }

    /// The events of an execution, oldest first.
    ///
    /// # Errors
    /// What Step Functions answers.
    pub fn history(&self, execution: &Execution) -> Result<Vec<Value>> {
        self.pages(
            "GetExecutionHistory",
            "events",
            &json!({"executionArn": execution.arn, "maxResults": 1000, "includeExecutionData": true}),
        )
    }

    /// How the children of an execution's distributed Map ended, in no order.
    ///
    /// # Errors
    /// What Step Functions answers.
    pub fn children(&self, execution: &Execution) -> Result<Vec<Finished>> {
        let mut children = Vec::new();
        for run in self.pages("ListMapRuns", "mapRuns", &json!({"executionArn": execution.arn}))? {
            let run = text("ListMapRuns", &run, "mapRunArn")?;
            for child in self.pages("ListExecutions", "executions", &json!({"mapRunArn": run}))? {
                let arn = text("ListExecutions", &child, "executionArn")?;
                children.push(Finished::read(&self.states("DescribeExecution", &json!({"executionArn": arn}))?)?);
            }
        }
        Ok(children)
    }

    fn pages(&self, operation: &str, list: &str, body: &Value) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        let mut body = body.clone();
        loop {
            let page = self.states(operation, &body)?;
            all.extend(page.get(list).and_then(Value::as_array).into_iter().flatten().cloned());
            match (page.get("nextToken").and_then(Value::as_str), body.as_object_mut()) {
                (Some(token), Some(fields)) => fields.insert("nextToken".to_owned(), token.into()),
                _ => return Ok(all),
            };
        }
    }

    /// The environment of a function, by its binary's name, as it is deployed under the published alias.
    ///
    /// # Errors
    /// What Lambda answers.
    pub fn environment(&self, function: &str) -> Result<BTreeMap<String, String>> {
        let name = self.deployment()?.function(function)?;
        let path = format!("/2015-03-31/functions/{}/configuration?Qualifier={ALIAS}", encoded(name));
        let answer = self.aws().send("GetFunctionConfiguration", "lambda", (Method::GET, &path), &[], &[])?;
        if answer.status != 200 {
            return Err(answer.error("GetFunctionConfiguration"));
        }
        let configuration: Value = serde_json::from_slice(&answer.body)
            .map_err(|e| plain(format!("the configuration of {function} is not JSON: {e}")))?;
        let variables = configuration.pointer("/Environment/Variables").and_then(Value::as_object);
        Ok(variables
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect())
    }

    /// Calls a function, by its binary's name, through the published alias.
    ///
    /// # Errors
    /// What Lambda itself answers; a function's own error is in the answer.
    pub fn invoke(&self, function: &str, event: &Value) -> Result<Invoked> {
        let name = self.deployment()?.function(function)?;
        let path = format!("/2015-03-31/functions/{}/invocations?Qualifier={ALIAS}", encoded(name));
        let answer = self.aws().send("Invoke", "lambda", (Method::POST, &path), &[], event.to_string().as_bytes())?;
        if answer.status != 200 {
            return Err(answer.error("Invoke"));
        }
        let payload: Value =
            serde_json::from_slice(&answer.body).map_err(|e| plain(format!("{function} answered no JSON: {e}")))?;
        let error_type = answer.headers.get("x-amz-function-error").map(|_| {
            let named = payload.get("errorType").and_then(Value::as_str);
            named.unwrap_or("an error without a type").to_owned()
        });
        Ok(Invoked { payload, error_type })
    }
}

impl Finished {
    /// The run that a succeeded execution was.
    ///
    /// # Errors
    /// When the execution did not succeed; its error and cause are in the message.
    pub fn run_id(&self) -> Result<&str> {
        if self.status != "SUCCEEDED" {
            return Err(plain(format!("the run is {}: {}: {}", self.status, self.error, self.cause)));
        }
        let run_id = self.output.get("run_id").and_then(Value::as_str);
        run_id.ok_or_else(|| plain(format!("the run's output names no run: {}", self.output)))
    }

    fn read(answer: &Value) -> Result<Self> {
        let optional = |field: &str| answer.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let output = optional("output");
        let succeeded = optional("status") == "SUCCEEDED";
        Ok(Self {
            status: text("DescribeExecution", answer, "status")?,
            output: if succeeded && !output.is_empty() {
                serde_json::from_str(&output).map_err(|e| plain(format!("an execution's output is not JSON: {e}")))?
            } else {
                Value::Null
            },
            error: optional("error"),
            cause: optional("cause"),
        })
    }
}
