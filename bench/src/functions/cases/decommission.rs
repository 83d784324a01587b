//! decommission of an instance with one volume, from its assessment to the proof that it is gone.

use serde_json::Value;

use super::{Bootstraps, Case, Function, Python, Sandbox, Scene, Stage};
use crate::decommission::{self, PEOPLE, TaskRoot, is_decided, link, of, opens, text, vote, waiting};
use crate::error::BenchError;
use crate::options::Options;

const ZIP_TARGET: u64 = 4_000_000;

/// Plays a process on a stage of its own.
struct Player<'a> {
    bootstraps: &'a Bootstraps,
    stage: Stage,
    task_root: (String, String),
}

impl Player<'_> {
    /// Calls a function where the stage stands, and gives its answer. The scene is what it leaves behind.
    async fn call(&self, function: Function, event: &Value, expected: &str) -> Result<Value, BenchError> {
        let program = self.bootstraps.program(function, &[]).environment([self.task_root.clone()]);
        let program = program.environment(self.stage.environment());
        let (_sandbox, started) = Sandbox::start(&program, event).await?;
        let answer = started.answer;
        let word = ["verdict", "decision", "state"].iter().find_map(|name| answer.get(*name)?.as_str());
        if word.is_some_and(|word| word != expected) {
            let name = function.name();
            return Err(BenchError::unexpected(format!("{name} was to come to {expected}, and came to {answer}")));
        }
        Ok(answer)
    }
}

/// Makes the scenes, by the functions themselves, and gives what is compared in them.
pub async fn cases(bootstraps: &Bootstraps, python: &Python, options: &Options) -> Result<Vec<Case>, BenchError> {
    let task_root = TaskRoot::write(&options.directory)?.variable();
    let stage = Stage::over_tls(&decommission::scene()?, &python.authorities()?, &options.directory).await?;
    let player = Player { bootstraps, stage, task_root: task_root.clone() };
    let stage = &player.stage;

    let admitted = player.call(Function::Assess, &decommission::admit("bench")?, "admitted").await?;
    let id = text(&admitted, "process_id")?;
    let to_assess = stage.scene();
    player.call(Function::Assess, &of("assess", id), "assessed").await?;
    let to_plan = stage.scene();
    let drafted = player.call(Function::Plan, &of("draft", id), "drafted").await?;
    player.call(Function::Approve, &of("request", id), "").await?;
    player.call(Function::Approve, &waiting("await", id), "").await?;
    let to_open = stage.scene();
    let [first, ..] = PEOPLE;
    let opens_link = opens(&format!("l={}", link(&to_open, first)?));
    let (to_approve, deciding_vote) = deciding_vote(&player, id, &drafted).await?;
    player.call(Function::Approve, &of("tally", id), "approved").await?;
    player.call(Function::Plan, &of("confirm", id), "confirmed").await?;
    // It takes longer to stop than a call would wait.
    let to_execute = stage.scene().with_account(|account| account.paces.stopping = usize::MAX);
    player.call(Function::Execute, &of("reversible", id), "done").await?;
    player.call(Function::Approve, &waiting("soak", id), "").await?;
    stage.set(&decommission::after_the_soak(stage.scene())?);
    player.call(Function::Execute, &of("window", id), "open").await?;
    player.call(Function::Assess, &of("reassess", id), "proceed").await?;
    player.call(Function::Execute, &of("irreversible", id), "done").await?;
    let to_validate = stage.scene();

    let case = |name, function: Function, scene: Scene, event: Value, same| Case {
        name,
        function,
        scene,
        event,
        policy: vec![task_root.clone()],
        baseline: python
            .program(&format!("{name}.py"), &function.name().replace('-', "_"))
            .environment([task_root.clone()]),
        tutorial: None,
        same,
        zip_target: ZIP_TARGET,
    };
    Ok(vec![
        case(
            "assess",
            Function::Assess,
            to_assess,
            of("assess", id),
            &["/verdict", "/risk_level", "/score", "/assessment"],
        ),
        case("plan", Function::Plan, to_plan, of("draft", id), &["/verdict", "/risk_level", "/soak_seconds"]),
        case("approve", Function::Approve, to_approve, deciding_vote, &["/statusCode"]),
        case(
            "approve-page",
            Function::ApprovePage,
            to_open,
            opens_link,
            &["/statusCode", "/headers/content-type", "/headers/content-security-policy"],
        ),
        case("execute", Function::Execute, to_execute, of("reversible", id), &["/state", "/step", "/wait_seconds"]),
        case("validate", Function::Validate, to_validate, of("check", id), &["/state", "/reason"]),
    ])
}

/// Lets people vote until it is decided; what the last of them met, and that vote.
async fn deciding_vote(player: &Player<'_>, id: &str, drafted: &Value) -> Result<(Scene, Value), BenchError> {
    let plan_hash = drafted.get("plan_hash").unwrap_or(&Value::Null);
    for person in PEOPLE {
        let met = player.stage.scene();
        let vote = vote(person, id, plan_hash);
        let answer = player.call(Function::Approve, &vote, "").await?;
        if is_decided(&answer) {
            return Ok((met, vote));
        }
    }
    Err(BenchError::unexpected("everybody voted, and nothing was decided"))
}
