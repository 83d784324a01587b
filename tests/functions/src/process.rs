//! The state machine of decommission, played: from Admit to one of its ends, without the waits.

use std::time::Duration;

use serde_json::{Value, json};
use sunset_wire::FunctionError;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::functions::{Function, Functions};
use crate::ministack::{Execution, Workflow};
use crate::people::Person;
use crate::retry::DECOMMISSION;
use crate::world::World;

/// A state of the machine, by its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the machine's own definition says what each of them is")]
pub enum State {
    Admit,
    AssessResource,
    DraftPlan,
    AutoApprove,
    RequestApproval,
    RequestHighRiskApproval,
    TallyVotes,
    PlanDecommissioning,
    ExecuteReversible,
    SoakPeriod,
    Reassess,
    ExecuteIrreversible,
    ValidateDecommissioning,
    HoldForPerson,
    Resolution,
    HandleDecommissioningFailure,
    Report,
    AlreadyUnderWay,
    ProcessCompleted,
    ProcessRejected,
    ProcessExpired,
    ProcessBlocked,
    ProcessRolledBack,
    RollbackFailed,
    ProcessFailed,
}

/// One execution of decommission.
#[derive(Debug)]
pub struct Process<'w> {
    world: &'w World,
    functions: &'w Functions,
    /// The execution, which Step Functions says is running until it is stopped.
    pub execution: Execution,
    input: Value,
    state: State,
    id: Option<String>,
    is_live: bool,
    error: Value,
    answer: Value,
    visited: Vec<State>,
    approvers: Approvers,
    delivers_twice: bool,
}

/// Who answers when people are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Approvers {
    /// Everybody who is asked says yes, one after the other, until it is decided.
    Agree,
    /// Nobody answers.
    Silent,
}

/// What a state leads to.
#[derive(Debug)]
enum Next {
    /// Another state.
    To(State),
    /// The same one again, after a wait.
    Again,
}

/// More states than any story has.
const MOST: usize = 400;
/// The longest that anybody really waits: for what the ledger's own clock decides.
const LONGEST: Duration = Duration::from_secs(3);

impl State {
    /// Whether the execution is over.
    #[must_use]
    pub fn is_end(self) -> bool {
        self >= Self::AlreadyUnderWay
    }
}

impl<'w> Process<'w> {
    /// Starts an execution with this input.
    pub async fn start(world: &'w World, functions: &'w Functions, input: Value) -> Self {
        let execution = world.aws().start_execution(Workflow::Decommission).await;
        Self {
            world,
            functions,
            execution,
            input,
            state: State::Admit,
            id: None,
            is_live: false,
            error: Value::Null,
            answer: Value::Null,
            visited: Vec::new(),
            approvers: Approvers::Agree,
            delivers_twice: false,
        }
    }

    /// Starts a live process for a resource.
    pub async fn live(world: &'w World, functions: &'w Functions, resource: (&str, &str)) -> Self {
        let mut input = input(resource);
        input["mode"] = "live".into();
        Self::start(world, functions, input).await
    }

    /// Starts a dry run for a resource.
    pub async fn dry(world: &'w World, functions: &'w Functions, resource: (&str, &str)) -> Self {
        Self::start(world, functions, input(resource)).await
    }

    /// Nobody answers when people are asked.
    #[must_use]
    pub fn that_nobody_answers(mut self) -> Self {
        self.approvers = Approvers::Silent;
        self
    }

    /// The same, with this field in its input.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.input[field] = value.into();
        self
    }

    /// Every function is called twice with the same event.
    #[must_use]
    pub fn that_is_delivered_twice(mut self) -> Self {
        self.delivers_twice = true;
        self
    }

    /// The same execution in a copy of its world, where it goes its own way from here.
    #[must_use]
    pub fn copied_to<'c>(&self, world: &'c World, functions: &'c Functions) -> Process<'c> {
        Process {
            world,
            functions,
            execution: self.execution.clone(),
            input: self.input.clone(),
            id: self.id.clone(),
            error: self.error.clone(),
            answer: self.answer.clone(),
            visited: self.visited.clone(),
            state: self.state,
            is_live: self.is_live,
            approvers: self.approvers,
            delivers_twice: self.delivers_twice,
        }
    }

    /// Goes on with other functions of the same world.
    pub fn go_on_with(&mut self, functions: &'w Functions) {
        self.functions = functions;
    }

    /// The state that is next.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// The states so far.
    #[must_use]
    pub fn visited(&self) -> &[State] {
        &self.visited
    }

    /// The newest answer.
    #[must_use]
    pub fn answer(&self) -> &Value {
        &self.answer
    }

    /// The newest error that the machine caught, or made of an answer.
    #[must_use]
    pub fn error(&self) -> &Value {
        &self.error
    }

    /// The process's id.
    ///
    /// # Panics
    /// Before it is admitted.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.as_deref().expect("a process that is admitted")
    }

    /// The process's record.
    ///
    /// # Panics
    /// When there is none.
    pub async fn record(&self) -> Value {
        let pk = format!("PROC#{}", self.id());
        self.world.ledger.item(&pk, "META").await.unwrap_or_else(|| panic!("{pk} has no record"))
    }

    /// Plays until this state is next.
    ///
    /// # Panics
    /// When the execution ends, or goes on for ever, without it.
    pub async fn until(&mut self, state: State) {
        for _ in 0..MOST {
            if self.state == state {
                return;
            }
            assert!(!self.state.is_end(), "it never came to {state:?}: {}", self.story());
            self.step().await;
        }
        panic!("it never came to {state:?}: {}", self.story());
    }

    /// Plays to an end; then the execution is over.
    ///
    /// # Panics
    /// When it goes on for ever.
    pub async fn to_end(&mut self) -> State {
        for _ in 0..MOST {
            if self.state.is_end() {
                self.execution.stop().await;
                return self.state;
            }
            self.step().await;
        }
        panic!("it never came to an end: {}", self.story());
    }

    /// What happened so far, for whoever has to find out why.
    #[must_use]
    pub fn story(&self) -> String {
        let Self { visited, state, answer, error, .. } = self;
        format!("{visited:?}, next {state:?}\nanswer: {answer}\nerror: {error}\n{}", self.functions.logs())
    }

    /// Plays one state.
    pub async fn step(&mut self) {
        self.visited.push(self.state);
        if let Next::To(state) = self.play().await {
            self.state = state;
        }
    }

    async fn play(&mut self) -> Next {
        match self.state {
            State::Admit => self.admit().await,
            State::AssessResource => self.assess().await,
            State::DraftPlan => self.draft().await,
            State::AutoApprove => self.approve_by_rule().await,
            State::RequestApproval | State::RequestHighRiskApproval => self.request().await,
            State::TallyVotes => self.tally().await,
            State::PlanDecommissioning => self.confirm().await,
            State::ExecuteReversible => self.reversible().await,
            State::SoakPeriod => self.soak().await,
            State::Reassess => self.reassess().await,
            State::ExecuteIrreversible => self.irreversible().await,
            State::ValidateDecommissioning => self.check().await,
            State::HoldForPerson => self.hold().await,
            State::Resolution => self.resolution().await,
            State::HandleDecommissioningFailure => self.roll_back().await,
            State::Report => self.report().await,
            end => Next::To(end),
        }
    }

    /// Runs a Task state, with its retries but without their waits.
    async fn task(&mut self, function: Function, event: Value) -> Result<String, FunctionError> {
        let mut retries = DECOMMISSION.retries(&format!("{:?}", self.state));
        loop {
            if self.delivers_twice {
                // Whatever becomes of the second delivery, the machine takes the answer of one of them.
                self.functions.invoke(function, event.clone()).await.ok();
            }
            match self.functions.invoke(function, event.clone()).await {
                Ok(answer) => {
                    let verdict = ["verdict", "decision", "state", "choice", "status"];
                    let verdict = verdict.iter().find_map(|name| answer[*name].as_str()).unwrap_or_default().to_owned();
                    self.answer = answer;
                    return Ok(verdict);
                }
                Err(error) if retries.take(&error.error_type) => {}
                Err(error) => {
                    self.error = json!({"Error": error.error_type, "Cause": error.message});
                    return Err(error);
                }
            }
        }
    }

    fn event(&self, action: &str) -> Value {
        json!({"schema": 1, "action": action, "process_id": self.id()})
    }

    /// The error that the machine makes of an answer that leads nowhere.
    fn fails_with_the_answer(&mut self) {
        let cause = self.answer["reason"].as_str().unwrap_or("the step did not come to its end");
        self.error = json!({"Error": "Sunset.ProcessFailed", "Cause": cause});
    }

    async fn admit(&mut self) -> Next {
        let event = json!({
            "schema": 1,
            "action": "admit",
            "execution": self.execution.as_event(),
            "input": self.input,
        });
        let verdict = match self.task(Function::Assess, event).await {
            Ok(verdict) => verdict,
            Err(_) => return Next::To(State::ProcessFailed),
        };
        self.id = self.answer["process_id"].as_str().map(str::to_owned);
        self.is_live = self.answer["mode"] == "live";
        Next::To(if verdict == "duplicate" { State::AlreadyUnderWay } else { State::AssessResource })
    }

    async fn assess(&mut self) -> Next {
        match self.task(Function::Assess, self.event("assess")).await.as_deref() {
            Ok("blocked") => Next::To(State::Report),
            Ok(_) => Next::To(State::DraftPlan),
            Err(_) => Next::To(State::HandleDecommissioningFailure),
        }
    }

    async fn draft(&mut self) -> Next {
        let verdict = self.task(Function::Plan, self.event("draft")).await;
        Next::To(match (verdict.as_deref(), self.answer["risk_level"].as_str()) {
            (Err(_), _) => State::HandleDecommissioningFailure,
            (Ok("blocked"), _) => State::Report,
            _ if !self.is_live => State::ExecuteReversible,
            (_, Some("low")) => State::AutoApprove,
            (_, Some("medium")) => State::RequestApproval,
            _ => State::RequestHighRiskApproval,
        })
    }

    async fn approve_by_rule(&mut self) -> Next {
        Next::To(match self.task(Function::Approve, self.event("auto")).await.as_deref() {
            Ok("approved") => State::PlanDecommissioning,
            Ok(_) => State::RequestApproval,
            Err(_) => State::HandleDecommissioningFailure,
        })
    }

    async fn request(&mut self) -> Next {
        let token = self.world.tokens.issue();
        let mut event = self.event("request");
        event["task_token"] = token.as_str().into();
        if self.task(Function::Approve, event).await.is_err() {
            return Next::To(State::HandleDecommissioningFailure);
        }
        if self.approvers == Approvers::Agree {
            self.everybody_agrees(&token).await;
        }
        if !self.world.tokens.is_woken(&token) {
            self.wait_until("/round/deadline").await;
            self.world.tokens.time_out(&token);
        }
        Next::To(State::TallyVotes)
    }

    async fn everybody_agrees(&self, token: &str) {
        let record = self.record().await;
        let mut asked: Vec<&str> = record["round"]["required"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|role| role["people"].as_array().into_iter().flatten())
            .filter_map(Value::as_str)
            .collect();
        asked.sort_unstable();
        asked.dedup();
        for name in asked {
            if self.world.tokens.is_woken(token) {
                return;
            }
            let (status, body) = self.votes(Person::named(name), "approve").await;
            assert_eq!(status, 200, "{name} could not approve: {body}\n{}", self.story());
        }
    }

    async fn tally(&mut self) -> Next {
        Next::To(match self.task(Function::Approve, self.event("tally")).await.as_deref() {
            Ok("approved") => State::PlanDecommissioning,
            Ok("rejected" | "expired") => State::Report,
            Ok("waiting") => State::RequestApproval,
            Ok(_) => {
                self.fails_with_the_answer();
                State::HandleDecommissioningFailure
            }
            Err(_) => State::HandleDecommissioningFailure,
        })
    }

    async fn confirm(&mut self) -> Next {
        Next::To(match self.task(Function::Plan, self.event("confirm")).await.as_deref() {
            Ok("confirmed") => State::ExecuteReversible,
            Ok("changed") => State::RequestHighRiskApproval,
            Ok(_) => State::Report,
            Err(_) => State::HandleDecommissioningFailure,
        })
    }

    async fn reversible(&mut self) -> Next {
        match self.task(Function::Execute, self.event("reversible")).await.as_deref() {
            Ok("waiting") => Next::Again,
            Ok("done") if !self.is_live => Next::To(State::ExecuteIrreversible),
            Ok("done") => Next::To(State::SoakPeriod),
            Ok(_) => {
                self.fails_with_the_answer();
                Next::To(State::HandleDecommissioningFailure)
            }
            Err(_) => Next::To(State::HandleDecommissioningFailure),
        }
    }

    async fn soak(&mut self) -> Next {
        let token = self.world.tokens.issue();
        let mut event = self.event("soak");
        event["task_token"] = token.as_str().into();
        if self.task(Function::Approve, event).await.is_err() {
            return Next::To(State::HandleDecommissioningFailure);
        }
        self.wait_until("/soak_until").await;
        let woken = self.world.tokens.time_out(&token);
        Next::To(if woken { State::HandleDecommissioningFailure } else { State::Reassess })
    }

    async fn reassess(&mut self) -> Next {
        match self.task(Function::Assess, self.event("reassess")).await.as_deref() {
            Ok("proceed") => Next::To(State::ExecuteIrreversible),
            Ok("waiting") => {
                self.wait_until("/soak_until").await;
                Next::Again
            }
            Ok(_) => {
                self.fails_with_the_answer();
                Next::To(State::HandleDecommissioningFailure)
            }
            Err(_) => Next::To(State::HandleDecommissioningFailure),
        }
    }

    async fn irreversible(&mut self) -> Next {
        match self.task(Function::Execute, self.event("irreversible")).await.as_deref() {
            Ok("waiting") => Next::Again,
            Ok("done") => Next::To(State::ValidateDecommissioning),
            Ok("roll_back") => {
                self.fails_with_the_answer();
                Next::To(State::HandleDecommissioningFailure)
            }
            Ok(_) => {
                self.fails_with_the_answer();
                self.held()
            }
            Err(_) => self.held(),
        }
    }

    async fn check(&mut self) -> Next {
        match self.task(Function::Validate, self.event("check")).await.as_deref() {
            Ok("waiting") => Next::Again,
            Ok("done") => Next::To(State::Report),
            Ok(_) => {
                self.fails_with_the_answer();
                self.held()
            }
            Err(_) => self.held(),
        }
    }

    fn held(&self) -> Next {
        Next::To(if self.is_live { State::HoldForPerson } else { State::HandleDecommissioningFailure })
    }

    async fn hold(&mut self) -> Next {
        let token = self.world.tokens.issue();
        let mut event = self.event("hold");
        event["task_token"] = token.as_str().into();
        event["error"] = self.error.clone();
        // Asked or not, the state after it reads what a person wrote.
        self.task(Function::Approve, event).await.ok();
        Next::To(State::Resolution)
    }

    async fn resolution(&mut self) -> Next {
        Next::To(match self.task(Function::Approve, self.event("resolution")).await.as_deref() {
            Ok("retry") => State::ExecuteIrreversible,
            Ok("accept") => State::Report,
            Ok("recover") => State::HandleDecommissioningFailure,
            Ok(_) => State::HoldForPerson,
            Err(_) => State::Resolution,
        })
    }

    async fn roll_back(&mut self) -> Next {
        let mut event = self.event("rollback");
        event["error"] = self.error.clone();
        match self.task(Function::Execute, event).await.as_deref() {
            Ok("waiting") => Next::Again,
            Ok("held") => Next::To(State::HoldForPerson),
            _ => Next::To(State::Report),
        }
    }

    async fn report(&mut self) -> Next {
        if self.task(Function::Validate, self.event("report")).await.is_err() {
            return Next::To(State::ProcessFailed);
        }
        Next::To(match self.answer["status"].as_str() {
            Some("completed") => State::ProcessCompleted,
            Some("rejected" | "cancelled") => State::ProcessRejected,
            Some("expired") => State::ProcessExpired,
            Some("blocked") => State::ProcessBlocked,
            Some("rolled_back") => State::ProcessRolledBack,
            Some("rollback_failed") => State::RollbackFailed,
            _ => State::ProcessFailed,
        })
    }

    /// Sleeps until a time of the record has come, where that is soon; what is far is left to the caller.
    async fn wait_until(&self, pointer: &str) {
        let record = self.record().await;
        let Some(text) = record.pointer(pointer).and_then(Value::as_str) else { return };
        let until = OffsetDateTime::parse(text, &Rfc3339).expect("a time of RFC 3339");
        let left = Duration::try_from(until - OffsetDateTime::now_utc()).unwrap_or_default();
        if left < LONGEST {
            tokio::time::sleep(left).await;
        }
    }

    /// Sends a person's request to the Function URL, again where the function crashed: the status and the body of its
    /// answer.
    ///
    /// # Panics
    /// When it is not answered as HTTP.
    pub async fn posts(&self, person: Person, body: &Value) -> (u64, Value) {
        let mut tries = 0;
        let answer = loop {
            match self.functions.invoke(Function::Approve, person.posts(body)).await {
                Err(error) if error.error_type == "Runtime.ExitError" && tries < 3 => tries += 1,
                answer => break answer.unwrap_or_else(|error| panic!("{error}: {}", self.story())),
            }
        };
        let text = answer["body"].as_str().unwrap_or_else(|| panic!("no body: {answer}"));
        (answer["statusCode"].as_u64().expect("an HTTP status"), serde_json::from_str(text).expect("a body of JSON"))
    }

    /// A person's vote for the plan that is asked about.
    pub async fn votes(&self, person: Person, answer: &str) -> (u64, Value) {
        let hash = self.record().await["round"]["plan_hash"].clone();
        self.posts(person, &self.vote(&hash, answer)).await
    }

    /// A vote as people send it.
    #[must_use]
    pub fn vote(&self, plan_hash: &Value, answer: &str) -> Value {
        let mut body = self.event("vote");
        body["plan_hash"] = plan_hash.clone();
        body["answer"] = answer.into();
        if answer == "reject" {
            body["reason"] = "it is still needed".into();
        }
        body
    }

    /// A person ends the soak.
    pub async fn ends_the_soak(&self, person: Person) -> (u64, Value) {
        let mut body = self.event("end_soak");
        body["reason"] = "it is missed".into();
        self.posts(person, &body).await
    }

    /// A person decides about a held process.
    pub async fn resolves(&self, person: Person, choice: &str) -> (u64, Value) {
        let mut body = self.event("resolve");
        body["choice"] = choice.into();
        body["reason"] = "looked at it".into();
        self.posts(person, &body).await
    }

    /// A person breaks the glass.
    pub async fn releases(&self, person: Person, confirm: &str) -> (u64, Value) {
        let mut body = self.event("release");
        body["confirm"] = confirm.into();
        body["reason"] = "nobody works on it any more".into();
        self.posts(person, &body).await
    }
}

/// What somebody types into the console.
fn input((resource_type, resource_id): (&str, &str)) -> Value {
    json!({
        "schema": 1,
        "resource_type": resource_type,
        "resource_id": resource_id,
        "initiator": "eve",
        "reason": "nobody has used it for a year",
    })
}
