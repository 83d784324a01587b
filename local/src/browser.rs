//! The approval page in a real browser: a stack with a process for everything that a person can meet there, and the tests in
//! `tests/browser` that open the links of its notices.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::account::{self, TEAM};
use crate::error::{Result, at, missing, plain};
use crate::make::NewInstance;
use crate::place::Place;
use crate::process::{command, run};
use crate::seed::{Seed, SeedImage, image_id};
use crate::stack::{Options, Stack};
use crate::stored::Item;
use crate::workflow::Execution;

/// The folder of the tests, from the clone's top.
const TESTS: &str = "tests/browser";
/// The picture that the README shows, from the clone's top.
pub const PICTURE: &str = "docs/images/approval.png";
const MOST_BYTES: u64 = 200_000;
const BASE: &str = "base";

/// Who is asked, each with a topic of their own. Of those who answer for the owner and for the data, two must agree.
const APPROVERS: &str = "\
schema: 1
people:
  ada: { identities: [user/ada], channels: ['sns:sunset-approver-ada'] }
  grace: { identities: [user/grace], channels: ['sns:sunset-approver-grace'] }
  lin: { identities: [user/lin], channels: ['sns:sunset-approver-lin'] }
roles:
  infrastructure-manager: { people: [ada, grace, lin] }
  security-team: { people: [grace, lin] }
  cto: { people: [ada] }
  compliance-officer: { people: [lin] }
  production-manager: { people: [ada, grace] }
  data-protection-officer: { people: [lin] }
owners:
  team-web: { people: [ada, grace] }
";

/// Long enough for every test, and for a person who looks with them.
const TERMS: [(&str, &str); 6] = [
    ("AllowLive", "true"),
    ("ScheduleState", "DISABLED"),
    ("SoakSeconds", "3600"),
    ("ApprovalSeconds", "3600"),
    ("NoticeSeconds", "1800"),
    ("SettleSeconds", "0"),
];

/// As in an account: the picture shows days.
const TERMS_OF_AN_ACCOUNT: [(&str, &str); 2] = [("AllowLive", "true"), ("ScheduleState", "DISABLED")];

/// What is to be retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// An instance with data that stands stopped, in development: a link decides about it.
    Instance,
    /// One that runs, in staging: its risk is high, and no link decides about it.
    RunningInstance,
    /// A volume that nothing uses.
    Volume,
    /// A security group that nothing uses: the rule approves it.
    SecurityGroup,
}

/// A process that a test is about.
struct Scene {
    name: &'static str,
    what: What,
    /// The resource's own name.
    title: &'static str,
    /// How long people have to answer.
    approval_seconds: Option<u32>,
}

const fn scene(name: &'static str, what: What, title: &'static str) -> Scene {
    Scene { name, what, title, approval_seconds: None }
}

/// A name that would be markup, and that would turn what follows it around, if anybody let it.
const HOSTILE: &str = "\"><img src=x onerror=document.title='owned'><b>&amp;\u{202e}gpj";

const SCENES: [Scene; 11] = [
    scene("approve", What::Instance, "legacy-web"),
    scene("reject", What::Volume, "old-uploads"),
    scene("object", What::SecurityGroup, "left-over"),
    scene("used", What::Volume, "scratch"),
    scene("keyboard", What::Volume, "by-keyboard"),
    scene("no-script", What::Volume, "without-script"),
    scene("again", What::Volume, "reloaded"),
    scene("read", What::Instance, "only-read"),
    scene("high-risk", What::RunningInstance, "staging-web"),
    scene("hostile", What::Instance, HOSTILE),
    Scene { name: "expired", what: What::Volume, title: "nobody-answered", approval_seconds: Some(6) },
];

/// What the picture shows.
const PICTURED: [Scene; 1] = [scene("picture", What::RunningInstance, "legacy-web")];

/// A process that people are asked about, or told of.
#[derive(Debug)]
struct Asked {
    scene: &'static str,
    process_id: String,
    resource_id: String,
    /// The links of each person's notice: to the question, and to everything that waits for them.
    links: BTreeMap<String, Vec<String>>,
}

/// Runs every test of the page; what they say goes into the log. The functions must have been built.
///
/// # Errors
/// When the stack does not come up, or a test fails.
pub fn browser_tests(place: &Place, log: &Path) -> Result<()> {
    let stack = browser_stack(APPROVERS, &TERMS)?;
    let asked = begin(&stack, &SCENES)?;
    let tests = place.root().join(TESTS).join("main.mjs");
    let mut node = node(place, &stack, &asked)?;
    node.arg("--test-reporter=tap").arg(&tests);
    let done = run("the tests in the browser", &mut node, log);
    stack.down()?;
    done
}

/// Makes the picture of the page anew. The functions must have been built.
///
/// # Errors
/// When the stack does not come up, or the browser takes no picture.
pub fn picture(place: &Place) -> Result<()> {
    let to = place.root().join(PICTURE);
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let stack = browser_stack(account::APPROVERS, &TERMS_OF_AN_ACCOUNT)?;
    let asked = begin(&stack, &PICTURED)?;
    let mut node = node(place, &stack, &asked)?;
    node.arg(place.root().join(TESTS).join("picture.mjs")).arg(&to);
    let done = run("taking the picture", &mut node, &stack.folder().join("picture.log"));
    stack.down()?;
    done?;
    let size = fs::metadata(&to).map_err(at(&to))?.len();
    if size > MOST_BYTES {
        return Err(plain(format!("{PICTURE} has {size} bytes; a README should load no more than {MOST_BYTES}")));
    }
    Ok(())
}

fn browser_stack(approvers: &str, terms: &[(&str, &str)]) -> Result<Stack> {
    let seed = Seed::new(vec![SeedImage::new(BASE, 30)]);
    let options = Options::new("browser").seed(seed).approvers(approvers).wait_scale(0.05);
    let mut stack = Stack::up(options)?;
    stack.deploy(terms)?;
    Ok(stack)
}

/// Node, which is told of the stack by a file.
fn node(place: &Place, stack: &Stack, asked: &[Asked]) -> Result<Command> {
    let processes: BTreeMap<&str, Value> = asked
        .iter()
        .map(|it| (it.scene, json!({"process_id": it.process_id, "resource_id": it.resource_id, "links": it.links})))
        .collect();
    let told = json!({
        "page_url": stack.page_url()?,
        "aws_url": stack.aws_url(),
        "table": stack.deployment()?.resource("Table")?,
        "audit_table": stack.deployment()?.resource("AuditTable")?,
        "processes": processes,
        "hostile": HOSTILE,
    });
    let file = stack.folder().join("browser.json");
    fs::write(&file, told.to_string()).map_err(at(&file))?;
    let mut node = command("node");
    node.current_dir(place.root()).env("SUNSET_STACK", &file).env("SUNSET_TOOLS", place.tools());
    Ok(node)
}

/// Starts all of the processes, and waits until everybody who is asked has a link, and who is late is late.
fn begin(stack: &Stack, scenes: &[Scene]) -> Result<Vec<Asked>> {
    let mut started = Vec::new();
    for scene in scenes {
        let (kind, resource_id) = make(stack, scene)?;
        let mut input = json!({
            "schema": 1, "resource_type": kind, "resource_id": resource_id, "initiator": "cleanup-campaign",
            "reason": "no request for a year", "mode": "live",
        });
        if let (Some(seconds), Some(fields)) = (scene.approval_seconds, input.as_object_mut()) {
            fields.insert("approval_seconds".to_owned(), seconds.into());
        }
        started.push((scene, resource_id, stack.start_decommission(&input)?));
    }
    let mut asked = Vec::new();
    for (scene, resource_id, execution) in &started {
        asked.push(told(stack, scene, resource_id, execution)?);
    }
    for (scene, _, execution) in started.iter().filter(|(scene, ..)| scene.approval_seconds.is_some()) {
        stack.until_process(execution, scene.name, |record| status(record) == "expired")?;
    }
    Ok(asked)
}

fn make(stack: &Stack, scene: &Scene) -> Result<(&'static str, String)> {
    let tags = [("Name", scene.title)];
    let environment = if scene.what == What::RunningInstance { "staging" } else { "development" };
    let (kind, id) = match scene.what {
        What::Instance | What::RunningInstance => {
            let new = NewInstance::of(&image_id(BASE)).volume("/dev/sdf", 20).tag("Name", scene.title);
            let id = stack.make_instance(new)?;
            if scene.what == What::Instance {
                stack.ec2("StopInstances", &[("InstanceId.1", &id)])?;
            }
            ("EC2Instance", id)
        }
        What::Volume => ("EBSVolume", stack.make_volume(20, &tags)?),
        What::SecurityGroup => ("SecurityGroup", stack.make_security_group(scene.name, &tags)?),
    };
    stack.put_tracking(kind, &id, &json!({"environment": environment, "project": "shop", "owner": TEAM}))?;
    Ok((kind, id))
}

/// Waits until a process waits for people: for their answer, or for their objection.
fn told(stack: &Stack, scene: &Scene, resource_id: &str, execution: &Execution) -> Result<Asked> {
    let record = stack.until_process(execution, scene.name, |record| {
        ["awaiting_approval", "approved", "expired"].contains(&status(record))
    })?;
    let by_rule = status(&record) == "approved";
    if by_rule != (scene.what == What::SecurityGroup) {
        return Err(plain(format!("{}: the process is {}", scene.name, status(&record))));
    }
    let people = if by_rule { BTreeSet::from(["ada".to_owned(), "grace".to_owned()]) } else { people(&record) };
    let process_id = record.get("process_id").and_then(Value::as_str);
    let process_id = process_id.ok_or_else(|| missing("the process's record", "process_id"))?.to_owned();
    let mut links = BTreeMap::new();
    for person in people {
        let notice = stack.personal_notice(&person, &process_id)?;
        let found = stack.links_in(&notice);
        if found.len() != 2 {
            return Err(plain(format!("{}: not two links in the notice to {person}: {notice}", scene.name)));
        }
        links.insert(person, found);
    }
    Ok(Asked { scene: scene.name, process_id, resource_id: resource_id.to_owned(), links })
}

fn status(record: &Item) -> &str {
    record.get("status").and_then(Value::as_str).unwrap_or_default()
}

/// Everybody whom the newest round of a process asks.
fn people(record: &Item) -> BTreeSet<String> {
    let required = record.get("round").and_then(|round| round.get("required")).and_then(Value::as_array);
    let people = required.into_iter().flatten().filter_map(|role| role.get("people")?.as_array()).flatten();
    people.filter_map(Value::as_str).map(str::to_owned).collect()
}
