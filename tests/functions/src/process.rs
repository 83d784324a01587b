//! The state machine of decommission, played: from Admit to one of its ends, without the waits.

mod people;
mod play;

use serde_json::{Value, json};

use self::play::Next;
use crate::functions::Functions;
use crate::ministack::{Execution, Workflow};
use crate::world::World;

/// A state of the machine, by its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the machine's own definition says what each of them is")]
pub enum State {
    Admit,
    AssessResource,
    DraftPlan,
    AutoApprove,
    NoticePeriod,
    NoticeOver,
    RequestApproval,
    RequestHighRiskApproval,
    WaitForApproval,
    TallyVotes,
    RemindApprovers,
    EscalateApproval,
    PlanDecommissioning,
    ExecuteReversible,
    SoakPeriod,
    ChangeWindow,
    WaitForWindow,
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

/// More states than any story has.
const MOST: usize = 400;

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

    /// Everybody answers when people are asked.
    #[must_use]
    pub fn that_everybody_answers(mut self) -> Self {
        self.approvers = Approvers::Agree;
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

    fn event(&self, action: &str) -> Value {
        json!({"schema": 1, "action": action, "process_id": self.id()})
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
