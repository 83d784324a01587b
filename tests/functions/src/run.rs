//! The state machine of ami-cleanup, played: list, then each line of the manifest, then report.

use serde_json::{Value, json};
use sunset_wire::FunctionError;

use crate::functions::{Function, Functions};
use crate::ministack::{Execution, Workflow};
use crate::retry::AMI_CLEANUP;
use crate::world::World;

/// One execution of ami-cleanup.
#[derive(Debug)]
pub struct Run<'w> {
    world: &'w World,
    functions: &'w Functions,
    /// The execution, which Step Functions says is running until it is stopped.
    pub execution: Execution,
    input: Value,
    ends_at_a_crash: bool,
}

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// It came to its end.
    Done {
        /// What `list` answered.
        list: Value,
        /// What `report` answered; nothing where there was nothing to work through.
        report: Option<Value>,
        /// The images whose child execution failed, and how.
        failed: Vec<(String, FunctionError)>,
    },
    /// The breaker halted it.
    Halted(Value),
    /// A task of the machine itself failed.
    Failed(FunctionError),
    /// A function crashed, and nobody called it again.
    Abandoned,
}

impl<'w> Run<'w> {
    /// Starts an execution with this input.
    pub async fn start(world: &'w World, functions: &'w Functions, input: Value) -> Self {
        let execution = world.aws().start_execution(Workflow::AmiCleanup).await;
        Self { world, functions, execution, input, ends_at_a_crash: false }
    }

    /// Starts a live run.
    pub async fn live(world: &'w World, functions: &'w Functions) -> Self {
        Self::start(world, functions, json!({"schema": 1, "mode": "live"})).await
    }

    /// Starts a dry run.
    pub async fn dry(world: &'w World, functions: &'w Functions) -> Self {
        Self::start(world, functions, json!({"schema": 1})).await
    }

    /// A crash of a function ends it, as if the execution were stopped before the retry.
    #[must_use]
    pub fn that_ends_at_a_crash(mut self) -> Self {
        self.ends_at_a_crash = true;
        self
    }

    /// Runs a Task state, with its retries but without their waits.
    async fn task(&self, state: &str, function: Function, event: Value) -> Result<Value, FunctionError> {
        let mut retries = AMI_CLEANUP.retries(state);
        loop {
            let error = match self.functions.invoke(function, event.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let abandoned = self.ends_at_a_crash && is_a_crash(&error);
            if abandoned || !retries.take(&error.error_type) {
                return Err(error);
            }
        }
    }

    /// The state `ListExpiredImages`.
    ///
    /// # Errors
    /// What is left when no retry helps.
    pub async fn list(&self) -> Result<Value, FunctionError> {
        let event = json!({
            "schema": 1,
            "action": "list",
            "execution": self.execution.as_event(),
            "input": self.input,
        });
        self.task("ListExpiredImages", Function::ListExpiredAmis, event).await
    }

    /// The lines of the manifest that `list` names.
    ///
    /// # Panics
    /// When there is none.
    pub async fn lines(&self, list: &Value) -> Vec<Value> {
        let key = list["manifest"]["key"].as_str().unwrap_or_else(|| panic!("there is no manifest: {list}"));
        let text = self.world.aws().object(key).await;
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// Lists, and reads the lines: for a test that goes on by hand.
    ///
    /// # Panics
    /// When the run does not proceed.
    pub async fn listed(&self) -> (String, Vec<Value>) {
        let list = self.list().await.unwrap_or_else(|error| panic!("{error}\n{}", self.functions.logs()));
        assert_eq!(list["verdict"], "proceed", "{list}");
        let run_id = list["run_id"].as_str().expect("a run's id").to_owned();
        (run_id, self.lines(&list).await)
    }

    /// The state `DeleteImage`.
    ///
    /// # Errors
    /// What is left when no retry helps.
    pub async fn delete_image(&self, line: &Value) -> Result<Value, FunctionError> {
        self.task("DeleteImage", Function::Deregister, line.clone()).await
    }

    /// The state `DeleteSnapshot`.
    ///
    /// # Errors
    /// What is left when no retry helps.
    pub async fn delete_snapshot(&self, line: &Value) -> Result<Value, FunctionError> {
        self.task("DeleteSnapshot", Function::DeleteSnapshot, line.clone()).await
    }

    /// The child execution of one line; false when it did not come to its end.
    ///
    /// # Errors
    /// What its Fail state says.
    pub async fn child(&self, line: &Value) -> Result<(), FunctionError> {
        let deleted = self.delete_image(line).await?;
        if ["deregistered", "already_gone", "would_deregister"].map(Value::from).contains(&deleted["outcome"]) {
            self.delete_snapshot(line).await?;
        }
        Ok(())
    }

    /// The state `Report`.
    ///
    /// # Errors
    /// What is left when no retry helps.
    pub async fn report(&self, run_id: &str) -> Result<Value, FunctionError> {
        let event = json!({"schema": 1, "action": "report", "run_id": run_id});
        self.task("Report", Function::ListExpiredAmis, event).await
    }

    /// Plays the machine to its end; then the execution is over.
    pub async fn to_end(&self) -> End {
        let end = self.play().await;
        self.execution.stop().await;
        match end {
            Err(error) if self.ends_at_a_crash && is_a_crash(&error) => End::Abandoned,
            Err(error) => End::Failed(error),
            Ok(end) => end,
        }
    }

    async fn play(&self) -> Result<End, FunctionError> {
        let list = self.list().await?;
        match list["verdict"].as_str() {
            Some("halted") => return Ok(End::Halted(list)),
            Some("proceed") => {}
            _ => return Ok(End::Done { list, report: None, failed: Vec::new() }),
        }
        let mut failed = Vec::new();
        for line in self.lines(&list).await {
            match self.child(&line).await {
                Ok(()) => {}
                Err(error) if self.ends_at_a_crash && is_a_crash(&error) => return Err(error),
                Err(error) => failed.push((line["ImageId"].as_str().unwrap_or_default().to_owned(), error)),
            }
        }
        let report = self.report(list["run_id"].as_str().unwrap_or_default()).await?;
        Ok(End::Done { list, report: Some(report), failed })
    }
}

impl End {
    /// The report of a run in which every image went through.
    ///
    /// # Panics
    /// When it ended in any other way.
    pub fn report(self) -> Value {
        match self {
            Self::Done { report: Some(report), failed, .. } if failed.is_empty() => report,
            other => panic!("the run did not come to a report: {other:#?}"),
        }
    }
}

fn is_a_crash(error: &FunctionError) -> bool {
    error.error_type == "Runtime.ExitError"
}
