//! What one process of decommission costs: an instance on its whole way, played by the functions as the state machine
//! and people would call them.

use serde_json::Value;

use super::actor::Actor;
use super::machine::{EVENT_BYTES, follow};
use super::month::{count, dollars};
use super::prices;
use super::template::Deployed;
use super::usage::{LATENCY, Usage, float};
use crate::decommission::{
    self, INSTANCE, PEOPLE, TaskRoot, after_the_soak, approves, link, of, opens, sent_on, text, voted, waiting,
};
use crate::error::BenchError;
use crate::functions::{Bootstraps, Function};
use crate::options::Options;
use crate::stage::Stage;
use crate::table::Table;

/// Looks at an instance until it has stopped or is terminated, and at its image until it is there: about as many as the
/// growing waits leave room for when that takes a minute, and half an hour.
const LOOKS_AT_AN_INSTANCE: usize = 4;
const LOOKS_AT_AN_IMAGE: usize = 9;
/// More than any of these waits takes.
const MOST_CALLS: usize = 100;
/// How long the record and its audit trail are kept: nothing of them goes by itself.
const MONTHS_KEPT: f64 = 7.0 * 12.0;

/// A process that goes on.
struct Player<'a> {
    bootstraps: &'a Bootstraps,
    deployed: Deployed,
    stage: Stage,
    task_root: TaskRoot,
    visited: Vec<&'static str>,
    used: Usage,
}

impl Player<'_> {
    /// Calls a function. Days may pass between two calls, so each finds no sandbox that still runs.
    async fn call(&mut self, function: Function, event: &Value) -> Result<Value, BenchError> {
        let program = self.bootstraps.program(function, &[]).environment([self.task_root.variable()]);
        let program = program.environment(self.stage.environment());
        let mut actor = Actor::new(program, self.deployed.memory_mib(function));
        let (answer, used) = actor.call(&self.stage, event).await?;
        self.used = self.used + used;
        Ok(answer)
    }

    /// The same as the state machine calls it, from these states.
    async fn task(
        &mut self,
        states: &[&'static str],
        function: Function,
        event: &Value,
        expected: &str,
    ) -> Result<Value, BenchError> {
        self.visited.extend(states);
        let answer = self.call(function, event).await?;
        let word = ["verdict", "decision", "state"].iter().find_map(|name| answer.get(*name)?.as_str());
        if word.is_some_and(|word| word != expected) {
            let name = function.name();
            return Err(BenchError::unexpected(format!("{name} was to come to {expected}, and came to {answer}")));
        }
        Ok(answer)
    }

    /// The same as often as its answer asks to wait.
    async fn until_done(
        &mut self,
        [task, choice, wait]: [&'static str; 3],
        function: Function,
        event: &Value,
    ) -> Result<(), BenchError> {
        for _ in 0..MOST_CALLS {
            self.visited.extend([task, choice]);
            let answer = self.call(function, event).await?;
            match text(&answer, "state")? {
                "done" => return Ok(()),
                "waiting" => self.visited.push(wait),
                _ => return Err(BenchError::unexpected(format!("{task} came to {answer}"))),
            }
        }
        Err(BenchError::unexpected(format!("{task} goes on and on")))
    }
}

/// Plays a process, and prints what it costs.
///
/// # Errors
/// Something could not be measured.
pub async fn run(
    bootstraps: &Bootstraps,
    machine: &Value,
    deployed: Deployed,
    options: &Options,
) -> Result<(), BenchError> {
    let scene = decommission::scene()?.with_account(|account| {
        account.paces.stopping = LOOKS_AT_AN_INSTANCE;
        account.paces.images = LOOKS_AT_AN_IMAGE;
        account.paces.terminating = LOOKS_AT_AN_INSTANCE;
    });
    let stage = Stage::over_http(&scene).await?;
    let before = stage.ledger_bytes();
    let task_root = TaskRoot::write(&options.directory)?;
    let mut player = Player { bootstraps, deployed, stage, task_root, visited: Vec::new(), used: Usage::default() };
    let votes = play(&mut player).await?;
    let path = follow(machine, &player.visited)?;
    let used = player.used
        + Usage {
            transitions: float(path.transitions),
            log_bytes: float(path.events * EVENT_BYTES),
            traces: 1.0,
            ledger_bytes: float(player.stage.ledger_bytes().saturating_sub(before) as u64),
            ..Usage::default()
        };
    print(used, votes);
    Ok(())
}

/// From its start to its report; how many people voted.
async fn play(player: &mut Player<'_>) -> Result<usize, BenchError> {
    use Function::{Approve, Assess, Execute, Plan, Validate};
    let admitted = player.task(&["Admit", "Admitted?"], Assess, &decommission::admit("dollars")?, "admitted").await?;
    let id = text(&admitted, "process_id")?;
    player.task(&["AssessResource", "CheckRiskLevel"], Assess, &of("assess", id), "assessed").await?;
    player.task(&["DraftPlan", "HowToApprove"], Plan, &of("draft", id), "drafted").await?;
    player.task(&["RequestHighRiskApproval"], Approve, &of("request", id), "").await?;
    player.task(&["WaitForApproval"], Approve, &waiting("await", id), "").await?;
    let votes = votes(player, id).await?;
    player.task(&["TallyVotes", "ApprovalDecision"], Approve, &of("tally", id), "approved").await?;
    player.task(&["PlanDecommissioning", "Confirmed?"], Plan, &of("confirm", id), "confirmed").await?;
    let reversible = ["ExecuteReversible", "ReversibleDone?", "WaitForReversible"];
    player.until_done(reversible, Execute, &of("reversible", id)).await?;
    player.task(&["SoakPeriod"], Approve, &waiting("soak", id), "").await?;
    player.stage.set(&after_the_soak(player.stage.scene())?);
    let window = ["ChangeWindow", "WindowOpen?"];
    player.task_root.close_window()?;
    player.task(&window, Execute, &of("window", id), "closed").await?;
    player.task(&["WaitForWindow"], Approve, &waiting("await_window", id), "").await?;
    player.task_root.open_window()?;
    player.task(&window, Execute, &of("window", id), "open").await?;
    player.task(&["Reassess", "SoakOver?"], Assess, &of("reassess", id), "proceed").await?;
    let irreversible = ["ExecuteIrreversible", "IrreversibleDone?", "WaitForIrreversible"];
    player.until_done(irreversible, Execute, &of("irreversible", id)).await?;
    let validation = ["ValidateDecommissioning", "Gone?", "WaitForValidation"];
    player.until_done(validation, Validate, &of("check", id)).await?;
    let report = ["Report", "Outcome", "ProcessCompleted"];
    let reported = player.task(&report, Validate, &of("report", id), "").await?;
    match text(&reported, "status")? {
        "completed" => Ok(votes),
        _ => Err(BenchError::unexpected(format!("the process came to {reported}"))),
    }
}

/// Lets people answer by their links until it is decided; how many did.
async fn votes(player: &mut Player<'_>, id: &str) -> Result<usize, BenchError> {
    for (voted_before, person) in PEOPLE.into_iter().enumerate() {
        let query = format!("l={}", link(&player.stage.scene(), person)?);
        let page = player.call(Function::ApprovePage, &opens(&query)).await?;
        let sent = player.call(Function::ApprovePage, &approves(&page, &query, INSTANCE)?).await?;
        player.call(Function::ApprovePage, &opens(&sent_on(&sent)?)).await?;
        // Whoever wrote the vote wakes nobody: the ledger's stream does.
        player.call(Function::Approve, &voted(person, id, 1)).await?;
        if player.stage.scene().wakes() > 0 {
            return Ok(voted_before + 1);
        }
    }
    Err(BenchError::unexpected("everybody voted, and nothing was decided"))
}

fn print(used: Usage, votes: usize) {
    println!("\n# What one process of decommission costs\n");
    println!("An instance on its whole way, from its start to its report, in dollars ({}):\n", prices::AS_OF);
    let kept = |bytes: f64, a_gb_month: f64| bytes / 1e9 * a_gb_month * MONTHS_KEPT;
    let mut table = Table::new(["a process", "count", "dollars"]);
    let mut total = 0.0;
    for (what, shown, cost) in [
        ("state transitions", count(used.transitions), used.transitions * prices::STATE_TRANSITION),
        ("function calls", count(used.invocations), used.invocations * prices::LAMBDA_REQUEST),
        ("GB-seconds", count(used.gb_seconds), used.gb_seconds * prices::LAMBDA_GB_SECOND),
        ("tables: write units", count(used.writes), used.writes * prices::DYNAMODB_WRITE),
        ("tables: read units", count(used.reads), used.reads * prices::DYNAMODB_READ),
        ("tables: KB kept for seven years", kb(used.ledger_bytes), kept(used.ledger_bytes, prices::DYNAMODB_GB_MONTH)),
        ("bucket: PUTs", count(used.puts), used.puts * prices::S3_PUT),
        ("bucket: KB kept for seven years", kb(used.put_bytes), kept(used.put_bytes, prices::S3_GB_MONTH)),
        ("logs: KB written", kb(used.log_bytes), used.log_bytes / 1e9 * prices::LOGS_GB),
        ("keys: decryptions", count(used.decryptions), used.decryptions * prices::KMS_REQUEST),
        ("notices by e-mail", count(used.notices), used.notices * prices::SNS_NOTICE),
        ("traces", count(used.traces), used.traces * prices::XRAY_TRACE),
    ] {
        total += cost;
        table.row([what.into(), shown, hundredths(cost)]);
    }
    table.row(["**in all**".into(), String::new(), format!("**{}**", hundredths(total))]);
    print!("{table}");
    println!(
        "\nA thousand such processes cost {}. {votes} people vote, each once, by their personal links: each opens the page, \
         answers, and is shown the process. Nobody has to be reminded. Lambda's reading of the tables' stream, Function \
         URLs and standard parameters cost nothing of their own. Assumed, on the dear side: AWS takes {} ms for every \
         call, one after the other, and every call starts a sandbox of its own; the change \
         window is closed when the soak is over, and open the next time; the instance shows as stopping, and later \
         as going, {LOOKS_AT_AN_INSTANCE} times, and its image as pending {LOOKS_AT_AN_IMAGE} times. The snapshots of the \
         backup cost what their size costs, and are not in this.",
        dollars(total * 1000.0),
        LATENCY.as_millis(),
    );
}

fn kb(bytes: f64) -> String {
    count(bytes / 1e3)
}

/// A sum that is far below a cent.
fn hundredths(dollars: f64) -> String {
    format!("{:.4}¢", dollars * 100.0)
}
