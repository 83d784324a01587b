//! Every role of decommission against the calls that its function makes: nothing that a function asks for is missing from
//! its role, and nothing that its role holds is never asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sunset_functions_tests::{
    ALWAYS_OPEN, Call, Function, Functions, LINK_KEYS_PARAMETER, Person, Policy, Process, State, World, iam_actions,
};

use crate::stories::{ALL, INSTANCE, Story, UNUSED_GROUP, VOLUME, depends};

/// Every call of every function, over all that the functions are for.
#[derive(Default)]
struct Made(BTreeMap<Function, Vec<Call>>);

impl Made {
    fn add(&mut self, functions: &Functions) {
        for function in Function::DECOMMISSION {
            self.0.entry(function).or_default().extend(functions.calls_of(function));
        }
    }
}

/// EC2 asks for these in the caller's name: no function ever does.
const IN_THE_CALLERS_NAME: [&str; 1] = ["kms:CreateGrant"];

/// An account in which whoever is looked for is found.
fn account(story: &Story) -> sunset_wire::Account {
    use sunset_wire::{Calendar, LaunchTemplate, LoadBalancer, Parameter, Snapshot, TargetGroup};
    story
        .account()
        .launch_template(LaunchTemplate::new("lt-0a", "a").version("resolve:ssm:/golden"))
        .parameter(Parameter::new("/golden", "ami-0golden"))
        .load_balancer(LoadBalancer::new("front"))
        .target_group(TargetGroup::new("web").behind("front"))
        .snapshot(Snapshot::new("snap-0locked").locked())
        .calendar(Calendar::open("releases"))
}

async fn everything() -> Made {
    let mut made = Made::default();
    for story in ALL.into_iter().chain([UNUSED_GROUP]) {
        forward_and_dry(&story, &mut made).await;
        back(&story, &mut made).await;
    }
    held_and_by_hand(&mut made).await;
    made
}

async fn forward_and_dry(story: &Story, made: &mut Made) {
    let windows = format!("{ALWAYS_OPEN}calendars: [releases]\n");
    let world = story.world_with(account(story)).await.with_windows(&windows);
    let functions = world.functions();
    let mut dry = Process::dry(&world, &functions, story.resource).await;
    assert_eq!(dry.to_end().await, State::ProcessCompleted, "{}", dry.story());
    let mut live = Process::live(&world, &functions, story.resource).await;
    live.until(State::ValidateDecommissioning).await;
    // EC2 goes on showing it for a while.
    let gone = std::mem::replace(&mut *world.ec2.account(), account(story));
    live.step().await;
    *world.ec2.account() = gone;
    assert_eq!(live.to_end().await, State::ProcessCompleted, "{}", live.story());
    let event = json!({"schema": 1, "action": "verify_audit", "process_id": live.id()});
    functions.invoke(Function::Validate, event).await.unwrap();
    made.add(&functions);
}

async fn back(story: &Story, made: &mut Made) {
    let world = story.world_with(account(story)).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, story.resource).await;
    process.until(State::Reassess).await;
    depends(&world, story.resource, "billing", "critical").await;
    assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
    made.add(&functions);
}

async fn held_and_by_hand(made: &mut Made) {
    let world = VOLUME.world().await;
    let functions = world.functions();
    world.ec2.account().denied.insert("DeleteVolume".into());
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    process.until(State::Resolution).await;
    functions.invoke(Function::Approve, Person::Ada.gets(process.id())).await.unwrap();
    process.execution.stop().await;
    assert_eq!(process.releases(Person::Ada, "vol-0data").await.0, 200);
    made.add(&functions);
}

#[tokio::test]
async fn each_role_holds_what_its_function_asks_for_and_nothing_that_it_never_does() {
    let made = everything().await;
    let mut wrong = Vec::new();
    for (function, calls) in &made.0 {
        let held: BTreeSet<String> = function.iam_actions().into_iter().map(|(_, action)| action).collect();
        let asked: BTreeSet<String> = calls.iter().flat_map(iam_actions).collect();
        let name = function.name();
        wrong.extend(asked.difference(&held).map(|action| format!("{name} asks for {action}, which its role lacks")));
        let never = held.difference(&asked).filter(|action| !IN_THE_CALLERS_NAME.contains(&action.as_str()));
        wrong.extend(never.map(|action| format!("{name}'s role holds {action}, which it never asks for")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn without_allow_live_nothing_is_asked_for_that_only_live_roles_hold() {
    for story in ALL {
        let world = story.world_under(Policy::brisk().with("ALLOW_LIVE", false), account(&story)).await;
        let functions = world.functions();
        let mut live = Process::live(&world, &functions, story.resource).await;
        assert_eq!(live.to_end().await, State::ProcessFailed);
        assert_eq!(live.error()["Error"], "Sunset.Invalid", "{}", live.error());
        let mut dry = Process::dry(&world, &functions, story.resource).await;
        assert_eq!(dry.to_end().await, State::ProcessCompleted, "{}", dry.story());
        for function in Function::DECOMMISSION {
            let held = function.iam_actions();
            let live: BTreeSet<&String> =
                held.iter().filter(|(when, _)| when == "live").map(|(_, action)| action).collect();
            for call in functions.calls_of(function) {
                // EC2's own dry run asks whether the right is there: "no" is an answer too.
                let only_asks = call.text("DryRun") == Some("true");
                assert!(only_asks || iam_actions(&call).iter().all(|action| !live.contains(action)), "{call:?}");
            }
        }
    }
}

/// The keys of a call's tags.
fn tag_keys(call: &Call) -> Vec<&str> {
    let fields = call.fields.as_object().unwrap();
    fields
        .iter()
        .filter(|(name, _)| name.contains("Tag.") && name.ends_with(".Key"))
        .filter_map(|(_, key)| key.as_str())
        .collect()
}

/// The tables that a call writes.
fn written(call: &Call) -> Vec<(String, String)> {
    let table = |part: &Value| part["TableName"].as_str().unwrap().to_owned();
    if call.action != "TransactWriteItems" {
        return vec![(call.action.clone(), table(&call.fields))];
    }
    let items = call.fields["TransactItems"].as_array().unwrap().iter();
    items.flat_map(|item| item.as_object().unwrap()).map(|(kind, part)| (kind.clone(), table(part))).collect()
}

fn scoped(world: &World, function: Function, call: &Call) {
    let told = format!("{} makes {call:?}", function.name());
    match call.name().as_str() {
        "s3:PutObject" => assert!(call.text("path").unwrap().starts_with("/sunset-functions/processes/"), "{told}"),
        "sns:Publish" => {
            let name = call.text("TopicArn").unwrap().rsplit(':').next().unwrap();
            let personal = function == Function::Approve && name.starts_with("sunset-approver-");
            assert!(personal || name == "sunset-notices", "{told}");
        }
        "ssm:GetParameter" => assert_eq!(call.text("Name"), Some(LINK_KEYS_PARAMETER), "{told}"),
        "ssm:GetCalendarState" => assert_eq!(call.fields["CalendarNames"], json!(["releases"]), "{told}"),
        "states:DescribeExecution" => {
            assert!(call.text("executionArn").unwrap().contains(":execution:decommission:"), "{told}");
        }
        "ec2:CreateTags" | "ec2:DeleteTags" => {
            assert!(tag_keys(call).iter().all(|key| key.starts_with("sunset:")), "{told}");
        }
        "dynamodb:PutItem" | "dynamodb:TransactWriteItems" => {
            for (kind, table) in written(call) {
                let audit = table == world.audit.name();
                assert!(audit || table == world.ledger.name(), "a team's own table is only read: {told}");
                assert!(!audit || kind == "Put", "an audit trail is only ever added to: {told}");
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn what_the_roles_scope_by_resource_or_key_is_all_that_is_asked_for() {
    for story in [INSTANCE, VOLUME] {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::Reassess).await;
        depends(&world, story.resource, "billing", "critical").await;
        process.to_end().await;
        process.releases(Person::Ada, story.resource.1).await;
        for function in Function::DECOMMISSION {
            for call in functions.calls_of(function) {
                scoped(&world, function, &call);
            }
        }
    }
}
