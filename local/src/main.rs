//! `sunset-local`: what the Makefile's targets call.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};
use sunset_local::{
    APPROVERS, EC2_SERVICES, Item, Look, Need, Options, PICTURE, POLICY, Place, REGION, Result, Screen, Seed, Stack,
    Table, Tool, account, browser_suite, build, demand, demo, down, end_everything_on_a_signal, image_id, install,
    install_browser, interrupted, left_running, picture, suite, verdicts, voters,
};

/// The name of the stack of `up`, `run`, `images` and `down`.
const PLAYGROUND: &str = "play";

/// An image of its account that nobody uses and no run of ami-cleanup takes.
const SPARE: &str = "web-1.3";

/// How long decommission waits on it: long enough to look, and to vote by hand.
const SOON: [(&str, &str); 3] = [("SoakSeconds", "60"), ("ApprovalSeconds", "3600"), ("SettleSeconds", "0")];

/// Sunset on one machine: no AWS account, no Docker.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look for what this machine must have, and say how to get what is missing.
    Doctor,
    /// Install the pinned tools into .sunset/tools.
    Tools,
    /// Build the functions for release, with `sam build`.
    Build,
    /// Show both workflows on an account full of examples, and stop everything again.
    Demo(Demo),
    /// Start the emulators, fill an account and deploy the template; they stay until `down`.
    Up(Up),
    /// Run ami-cleanup on the stack that `up` started, and show the verdicts.
    Run(Run),
    /// Show the images of the stack that `up` started, as EC2 answers.
    Images(Named),
    /// Start a decommission process on the stack that `up` started, and show where it stands once it asks, ends or rests.
    Decommission(Decommission),
    /// Make a person's keys on the stack that `up` started, as scripts/vote reads them from the environment.
    Person(Voter),
    /// Stop every stack of this clone that was left running.
    Down,
    /// Run every test; the last line says how many passed and how many failed.
    Test(Test),
    /// Make the picture of the approval page in docs/images anew. The functions must have been built.
    Picture,
}

#[derive(Debug, Args)]
struct Demo {
    /// Wait for you to approve in your own browser, by the links that it prints. Without it the demo approves by itself.
    #[arg(long)]
    wait: bool,
}

#[derive(Debug, Args)]
struct Test {
    /// Only the tests of the approval page in a browser, on the functions as they were built last.
    #[arg(long)]
    browser: bool,
}

#[derive(Debug, Args)]
struct Named {
    /// The stack's name.
    #[arg(long, default_value = PLAYGROUND)]
    name: String,
}

#[derive(Debug, Args)]
struct Up {
    #[command(flatten)]
    named: Named,
    /// Start with an empty account and deploy nothing.
    #[arg(long)]
    empty: bool,
    /// Stay, and end the stack with ctrl-C instead of `down`.
    #[arg(long)]
    foreground: bool,
}

#[derive(Debug, Args)]
struct Run {
    #[command(flatten)]
    named: Named,
    /// Act. Without it the run is dry.
    #[arg(long)]
    live: bool,
    /// Days between disabling and deregistering an image.
    #[arg(long)]
    grace_days: Option<u32>,
}

#[derive(Debug, Args)]
struct Decommission {
    #[command(flatten)]
    named: Named,
    /// Its type: EC2Instance, EBSVolume, EBSSnapshot, AMI, ElasticIP or SecurityGroup.
    resource_type: String,
    /// Its id.
    resource_id: String,
    /// Act. Without it the process is dry.
    #[arg(long)]
    live: bool,
}

#[derive(Debug, Args)]
struct Voter {
    #[command(flatten)]
    named: Named,
    /// Their name: ada, grace and lin may vote.
    person: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match end_everything_on_a_signal().and_then(|()| obey(&arguments.command)) {
        Ok(code) => code,
        Err(_) if interrupted() => wait_for_the_end(),
        Err(error) => {
            eprintln!("\n{error}");
            ExitCode::FAILURE
        }
    }
}

/// The thread that handles the signal ends the process, once everything else has ended.
fn wait_for_the_end() -> ! {
    loop {
        std::thread::park();
    }
}

fn obey(command: &Command) -> Result<ExitCode> {
    let place = Place::here()?;
    let screen = Screen::stdout();
    match command {
        Command::Doctor => return Ok(doctor(screen)),
        Command::Tools => {
            prepare(&place, screen, &Tool::ALL)?;
            browser(&place, screen)?;
        }
        Command::Build => build_functions(&place, screen)?,
        Command::Demo(wanted) => {
            screen.heading(
                "Sunset on one machine: the real template, state machine and functions; no AWS account, no Docker",
            );
            build_functions(&place, screen)?;
            demo(screen, wanted.wait)?;
        }
        Command::Up(wanted) => up(&place, screen, wanted)?,
        Command::Run(wanted) => run(screen, wanted)?,
        Command::Images(named) => images(screen, named)?,
        Command::Decommission(wanted) => decommission(screen, wanted)?,
        Command::Person(wanted) => person(screen, wanted)?,
        Command::Down => stop(&place, screen)?,
        Command::Test(wanted) => {
            demand(&Need::ALWAYS)?;
            let passed = if wanted.browser { browser_suite(&place, screen)? } else { suite(&place, screen)? };
            if !passed {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Picture => {
            prepare(&place, screen, &Tool::ALL)?;
            browser(&place, screen)?;
            screen.step(&format!("taking {PICTURE}"), None, || picture(&place))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn doctor(screen: Screen) -> ExitCode {
    let mut complete = ExitCode::SUCCESS;
    for need in Need::ALWAYS.into_iter().chain(Need::FOR_TESTS) {
        match need.look().state {
            Ok(found) => screen.say(&format!("  {} {}: {found}", screen.paint(Look::Green, "✓"), need.title())),
            Err(why) => {
                let mark = screen.paint(Look::Red, "✗");
                screen.say(&format!("  {mark} {}: {why}. To get it: {}", need.title(), need.how_to_get_it()));
                complete = ExitCode::FAILURE;
            }
        }
    }
    complete
}

/// Everything that a target needs before it can begin.
fn prepare(place: &Place, screen: Screen, wanted: &[Tool]) -> Result<()> {
    demand(&Need::ALWAYS)?;
    for tool in wanted.iter().filter(|tool| !tool.is_installed(place)) {
        screen.step(&format!("installing {}", tool.title()), Some(&tool.log(place)), || install(place, &[*tool]))?;
    }
    Ok(())
}

fn browser(place: &Place, screen: Screen) -> Result<()> {
    if Need::Chromium.look().state.is_ok() {
        return Ok(());
    }
    let log = place.tools().join("logs/chromium.log");
    screen.step("installing a browser (chromium)", Some(&log), || install_browser(&log))
}

fn build_functions(place: &Place, screen: Screen) -> Result<()> {
    prepare(place, screen, &[Tool::Emulators, Tool::Sam])?;
    let log = place.root().join(".sunset/build.log");
    let first = if place.built().exists() { "" } else { " (minutes, the first time)" };
    screen.step(&format!("building the functions for release{first}"), Some(&log), || build(place, &log))
}

fn up(place: &Place, screen: Screen, wanted: &Up) -> Result<()> {
    if wanted.empty {
        prepare(place, screen, &[Tool::Emulators])?;
    } else {
        build_functions(place, screen)?;
    }
    let seed = if wanted.empty { Seed::default() } else { account() };
    let mut options = Options::new(&wanted.named.name).seed(seed).approvers(APPROVERS);
    if !wanted.foreground {
        options = options.stays();
    }
    let mut stack = screen.step("starting the emulators", None, || Stack::up(options))?;
    if !wanted.empty {
        let log = stack.folder().join("sam-deploy.log");
        let parameters: Vec<_> = POLICY.into_iter().chain(SOON).collect();
        screen.step("deploying template.yaml with sam deploy", Some(&log), || stack.deploy(&parameters))?;
    }
    tell_how_to_play(screen, &stack, wanted)?;
    if wanted.foreground {
        wait_for_the_end();
    }
    stack.leave();
    Ok(())
}

fn tell_how_to_play(screen: Screen, stack: &Stack, wanted: &Up) -> Result<()> {
    screen.heading("It runs");
    screen.say(&format!("  logs and state  {}", stack.folder().display()));
    screen.say("  for any SDK or the AWS CLI:");
    let everything = [("AWS_ENDPOINT_URL", stack.aws_url())];
    let caller = [("AWS_REGION", REGION), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    for (name, value) in everything.into_iter().chain(EC2_SERVICES.map(|name| (name, stack.ec2_url()))).chain(caller) {
        screen.say(&format!("    export {name}={value}"));
    }
    if !wanted.empty {
        screen.say("  ami-cleanup, dry, then for real, and what EC2 answers then:");
        for command in ["run", "run --live --grace-days 7", "run --live", "images"] {
            screen.say(&format!("    cargo run -q -p sunset-local -- {command}"));
        }
    }
    if !wanted.empty {
        screen.say("  one resource, dry; with --live it asks ada, grace and lin, and prints their links to the page:");
        screen.say(&format!("    cargo run -q -p sunset-local -- decommission AMI {}", image_id(SPARE)));
        screen.say(&format!("  the approval page  {}", stack.page_url()?));
    }
    screen.say(if wanted.foreground { "  ctrl-C ends it" } else { "  `make down` ends it" });
    Ok(())
}

fn run(screen: Screen, wanted: &Run) -> Result<()> {
    let stack = Stack::attach(&wanted.named.name)?;
    let mut input = json!({"schema": 1, "mode": if wanted.live { "live" } else { "dry-run" }});
    if let (Some(days), Some(fields)) = (wanted.grace_days, input.as_object_mut()) {
        fields.insert("grace_days".to_owned(), days.into());
    }
    let finished = screen.step(&format!("running the workflow with {input}"), None, || stack.run(&input))?;
    for line in verdicts(&stack.report(&finished)?).lines(screen) {
        screen.say(&line);
    }
    Ok(())
}

fn images(screen: Screen, named: &Named) -> Result<()> {
    let stack = Stack::attach(&named.name)?;
    let mut table = Table::new(["image", "id", "state", "created", "tags"]);
    for image in stack.images()? {
        let tags: Vec<String> = image.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let day: String = image.created.chars().take(10).collect();
        table.row([image.name.into(), image.id.into(), image.state.into(), day.into(), tags.join(" ").into()]);
    }
    for line in table.lines(screen) {
        screen.say(&line);
    }
    Ok(())
}

fn decommission(screen: Screen, wanted: &Decommission) -> Result<()> {
    let stack = Stack::attach(&wanted.named.name)?;
    let input = json!({
        "schema": 1, "resource_type": wanted.resource_type, "resource_id": wanted.resource_id,
        "initiator": "somebody at this machine", "reason": "to see what happens",
        "mode": if wanted.live { "live" } else { "dry-run" },
    });
    let execution = stack.start_decommission(&input)?;
    let settled = |record: &Item| {
        let status = record.get("status").and_then(Value::as_str).unwrap_or_default();
        !["identified", "assessed", "approved", "planned", "in_progress"].contains(&status)
    };
    let record = screen.step(&format!("running the workflow with {input}"), None, || {
        stack.until_process(&execution, "the process", settled)
    })?;
    for field in ["process_id", "status", "risk_level", "plan_hash", "soak_until", "outcome"] {
        if let Some(value) = record.get(field).and_then(Value::as_str) {
            screen.say(&format!("  {field:<11} {value}"));
        }
    }
    let url = stack.approve_url()?;
    screen.say(&format!("  its URL     {url}"));
    let text = |field: &str| record.get(field).and_then(Value::as_str).unwrap_or_default();
    if text("status") == "awaiting_approval" {
        for person in voters(&record) {
            screen.say(&format!("  {person}'s page  {}", stack.personal_link(&person, text("process_id"))?));
        }
        screen.say("  to vote as ada, and see how it stands:");
        screen.say("    eval \"$(cargo run -q -p sunset-local -- person ada)\"");
        screen.say(&format!("    scripts/vote {url} {} approve", text("process_id")));
    }
    Ok(())
}

fn person(screen: Screen, wanted: &Voter) -> Result<()> {
    let stack = Stack::attach(&wanted.named.name)?;
    let person = stack.person(&wanted.person)?;
    if let Some((key, secret)) = person.keys() {
        screen.say(&format!("export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret}"));
        screen.say(&format!("# scripts/vote {} <process-id> approve", stack.approve_url()?));
    }
    Ok(())
}

fn stop(place: &Place, screen: Screen) -> Result<()> {
    let names = left_running(place)?;
    if names.is_empty() {
        screen.say("  nothing runs here");
    }
    for name in names {
        screen.step(&format!("stopping {name}"), None, || down(place, &name))?;
    }
    Ok(())
}
