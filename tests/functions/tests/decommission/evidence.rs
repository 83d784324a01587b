//! What is not known: it blocks, or asks people, and never counts as "nobody needs it" (C41–C49).

use serde_json::{Value, json};
use sunset_functions_tests::{Functions, Policy, Process, State, World};
use sunset_wire::{Account, Image, Instance, SecurityGroup, Snapshot};

use crate::sound::sound;
use crate::stories::{
    ADDRESS, ALL, IMAGE, INSTANCE, SECURITY_GROUP, SNAPSHOT, SPARE_VOLUME, Story, UNUSED_GROUP, VOLUME, depends, track,
};
use crate::{is_free, side_by_side, told, untouched};

/// A live process that must be blocked: why it is.
async fn blocked(world: &World, functions: &Functions, story: &Story) -> String {
    let mut process = Process::live(world, functions, story.resource).await;
    assert_eq!(process.to_end().await, State::ProcessBlocked, "{}", process.story());
    assert_eq!(process.record().await["status"], "blocked");
    assert!(is_free(world, story.resource).await);
    untouched(world);
    sound(world).await;
    told(&process, "outcome").await
}

#[tokio::test]
async fn the_machine_fails_with_what_to_change_instead() {
    let mut account = INSTANCE.account();
    account.instances.get_mut("i-0web").unwrap().tags.insert("sunset:keep".into(), "please".into());
    let world = INSTANCE.world_with(account).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, INSTANCE.resource).await;
    assert_eq!(process.to_end().await, State::ProcessBlocked, "{}", process.story());
    let cause = process.answer()["reason"].as_str().unwrap();
    assert!(cause.contains("sunset:keep"), "{cause}");
}

// C41, C42
#[tokio::test]
async fn a_teams_table_that_cannot_be_read_blocks_every_type() {
    side_by_side([UNUSED_GROUP].into_iter().chain(ALL).map(async |story| {
        for (variable, source) in
            [("TRACKING_TABLE", "resource_tracking"), ("DEPENDENCIES_TABLE", "resource_dependencies")]
        {
            let world = story.world().await;
            let functions = world.functions_under(&Policy::brisk().with(variable, "nowhere"));
            let why = blocked(&world, &functions, &story).await;
            assert!(why.contains(source), "{why}");
        }
        let world = story.world().await;
        world.denied.add(&world.dependencies);
        world.denied.add(&world.tracking);
        let why = blocked(&world, &world.functions(), &story).await;
        assert!(why.contains("resource_tracking") && why.contains("resource_dependencies"), "{why}");
    }))
    .await;
}

// C41
#[tokio::test]
async fn a_teams_table_that_makes_no_sense_blocks() {
    let items: [(&str, Value); 3] = [
        ("a text for the dependents", json!({"ResourceId": "sg-0idle", "Dependents": "billing"})),
        (
            "a dependent without a name",
            json!({"ResourceId": "sg-0idle", "Dependents": [{"dependency_type": "required"}]}),
        ),
        ("a number for a dependent", json!({"ResourceId": "sg-0idle", "Dependents": [7]})),
    ];
    for (what, item) in items {
        let world = UNUSED_GROUP.world().await;
        world.dependencies.put(item).await;
        let why = blocked(&world, &world.functions(), &UNUSED_GROUP).await;
        assert!(why.contains("resource_dependencies"), "{what}: {why}");
    }
    let world = UNUSED_GROUP.world().await;
    let item = json!({"ResourceId": "sg-0idle", "ResourceType": "SecurityGroup", "TrackingData": "development"});
    world.tracking.put(item).await;
    let why = blocked(&world, &world.functions(), &UNUSED_GROUP).await;
    assert!(why.contains("resource_tracking"), "{why}");
}

// C41
#[tokio::test]
async fn a_required_source_that_cannot_be_read_blocks_by_name() {
    let cases: [(Story, &[&str]); 6] = [
        (
            INSTANCE,
            &[
                "DescribeInstances",
                "DescribeInstanceAttribute",
                "DescribeVolumes",
                "DescribeAddresses",
                "DescribeNetworkInterfaces",
                "DescribeTargetGroups",
                "DescribeAutoScalingGroups",
            ],
        ),
        (VOLUME, &["DescribeVolumes", "DescribeInstances"]),
        (SNAPSHOT, &["DescribeSnapshots", "DescribeSnapshotAttribute", "DescribeImages"]),
        (
            IMAGE,
            &[
                "DescribeImages",
                "DescribeImageAttribute",
                "DescribeInstances",
                "DescribeLaunchTemplateVersions",
                "DescribeAutoScalingGroups",
                "DescribeLaunchConfigurations",
                "DescribeSpotInstanceRequests",
                "DescribeSpotFleetRequests",
                "DescribeFleets",
                "DescribeParameters",
            ],
        ),
        (ADDRESS, &["DescribeAddresses", "DescribeNetworkInterfaces"]),
        (
            SECURITY_GROUP,
            &[
                "DescribeSecurityGroups",
                "DescribeNetworkInterfaces",
                "DescribeLaunchTemplateVersions",
                "DescribeLaunchConfigurations",
            ],
        ),
    ];
    side_by_side(cases.into_iter().map(async |(story, actions)| {
        for action in actions {
            let world = story.world_with(story.account().denies(action)).await;
            let functions = world.functions();
            let mut process = Process::live(&world, &functions, story.resource).await;
            assert_eq!(process.to_end().await, State::ProcessBlocked, "without {action}: {}", process.story());
            let why = told(&process, "outcome").await;
            assert!(why.contains("could not be relied on"), "without {action}: {why}");
            untouched(&world);
            sound(&world).await;
        }
    }))
    .await;
}

/// A live process up to where it asks, or does not: what was decided.
async fn asked(world: &World, story: &Story) -> (Value, Vec<State>) {
    let functions = world.functions();
    let mut process = Process::live(world, &functions, story.resource).await.that_nobody_answers();
    process.until(State::TallyVotes).await;
    untouched(world);
    sound(world).await;
    (process.record().await, process.visited().to_vec())
}

fn roles(record: &Value) -> Vec<&str> {
    record["round"]["required"].as_array().unwrap().iter().map(|role| role["role"].as_str().unwrap()).collect()
}

// C42
#[tokio::test]
async fn what_nobody_wrote_down_is_never_approved_by_rule() {
    for story in [UNUSED_GROUP, INSTANCE, SPARE_VOLUME, SNAPSHOT, ADDRESS] {
        let world = World::under(Policy::brisk(), story.account()).await;
        let (record, visited) = asked(&world, &story).await;
        assert_ne!(record["risk_level"], "low", "{record}");
        assert!(!visited.contains(&State::AutoApprove), "{visited:?}");
        assert!(roles(&record).contains(&"production-manager"), "unknown counts as production: {record}");
    }
}

// C43, C44
#[tokio::test]
async fn an_environment_is_production_by_every_name_and_where_nobody_knows() {
    for environment in ["production", "prod", "PRD", "live", "production-eu", "prod-blue", "", "unknown", "whatever"] {
        let world = UNUSED_GROUP.world().await;
        track(&world, UNUSED_GROUP.resource, environment).await;
        let (record, visited) = asked(&world, &UNUSED_GROUP).await;
        assert_ne!(record["risk_level"], "low", "{environment}");
        assert!(!visited.contains(&State::AutoApprove), "{environment}: {visited:?}");
        assert!(roles(&record).contains(&"production-manager"), "{environment}: {record}");
    }
    let world = World::under(Policy::brisk(), UNUSED_GROUP.account()).await;
    let item =
        json!({"ResourceId": "sg-0idle", "ResourceType": "SecurityGroup", "TrackingData": {"owner": "team-web"}});
    world.tracking.put(item).await;
    let (record, _) = asked(&world, &UNUSED_GROUP).await;
    assert!(roles(&record).contains(&"production-manager"), "{record}");
}

// C46, C48
#[tokio::test]
async fn a_dependent_never_lowers_the_risk_and_one_of_no_kind_counts_as_critical() {
    for kind in ["critical", "required", "somehow"] {
        let world = UNUSED_GROUP.world().await;
        depends(&world, UNUSED_GROUP.resource, "billing", kind).await;
        let (record, visited) = asked(&world, &UNUSED_GROUP).await;
        assert_ne!(record["risk_level"], "low", "{kind}: {record}");
        assert!(!visited.contains(&State::AutoApprove), "{kind}: {visited:?}");
    }
}

// C51
#[tokio::test]
async fn the_owner_is_asked_and_the_list_is_never_empty() {
    let world = SPARE_VOLUME.world().await;
    let (record, _) = asked(&world, &SPARE_VOLUME).await;
    assert!(roles(&record).contains(&"owner:team-web"), "{record}");
    assert_eq!(record["resource_owner"], "team-web");
    let people = record["round"]["minimum_approvers"].as_u64().unwrap();
    assert!(people >= 2, "nobody can prove who started it, so one more must agree: {record}");
}

// C49
#[tokio::test]
async fn what_something_else_manages_is_blocked_with_what_to_change_instead() {
    let tagged = |story: &Story, key: &str, value: &str| {
        let mut account = story.account();
        let (key, value) = (key.to_owned(), value.to_owned());
        match story.resource.0 {
            "EC2Instance" => account.instances.get_mut(story.resource.1).unwrap().tags.insert(key, value),
            "EBSVolume" => account.volumes.get_mut(story.resource.1).unwrap().tags.insert(key, value),
            "EBSSnapshot" => account.snapshots.get_mut(story.resource.1).unwrap().tags.insert(key, value),
            "AMI" => account.images.get_mut(story.resource.1).unwrap().tags.insert(key, value),
            "ElasticIP" => account.addresses.get_mut(story.resource.1).unwrap().tags.insert(key, value),
            _ => account.security_groups.get_mut(story.resource.1).unwrap().tags.insert(key, value),
        };
        account
    };
    side_by_side(ALL.into_iter().map(async |story| {
        let account = tagged(&story, "aws:cloudformation:stack-name", "shop");
        let world = story.world_with(account).await;
        let why = blocked(&world, &world.functions(), &story).await;
        assert!(why.contains("CloudFormation") && why.contains("shop"), "{why}");

        let world = story.world_with(tagged(&story, "sunset:keep", "please")).await;
        let why = blocked(&world, &world.functions(), &story).await;
        assert!(why.contains("sunset:keep"), "{why}");

        let account = tagged(&story, "sunset:process", "01KAG3V7Q4M2ZD9X5T8R6W0B1C");
        let world = story.world_with(account).await;
        let why = blocked(&world, &world.functions(), &story).await;
        assert!(why.contains("01KAG3V7Q4M2ZD9X5T8R6W0B1C"), "{why}");
    }))
    .await;
    let world = INSTANCE.world_with(tagged(&INSTANCE, "aws:autoscaling:groupName", "web")).await;
    let why = blocked(&world, &world.functions(), &INSTANCE).await;
    assert!(why.contains("Auto Scaling") && why.contains("web"), "{why}");
}

#[tokio::test]
async fn what_is_protected_or_cannot_go_this_way_is_blocked_before_anything_happens() {
    type Change = fn(&mut Account);
    let cases: [(Story, Change, &str); 7] = [
        (INSTANCE, |account| account.instances.get_mut("i-0web").unwrap().disable_api_termination = true, "protection"),
        (INSTANCE, |account| account.instances.get_mut("i-0web").unwrap().disable_api_stop = true, "protection"),
        (
            INSTANCE,
            |account| account.add_instance(Instance::new("i-0web", "ami-0base").instance_store()),
            "instance-store",
        ),
        (VOLUME, |account| "running".clone_into(&mut account.instances.get_mut("i-0web").unwrap().state), ""),
        (
            SNAPSHOT,
            |account| account.add_image(Image::new("ami-0uses").named("uses").snapshots(["snap-0old"])),
            "ami-0uses",
        ),
        (SNAPSHOT, |account| account.add_snapshot(Snapshot::new("snap-0old").locked()), "lock"),
        (
            SECURITY_GROUP,
            |account| {
                let other = SecurityGroup::new("sg-0names", "names").lets_in(443, sunset_wire::Peer::group("sg-0web"));
                account.add_security_group(other);
            },
            "sg-0names",
        ),
    ];
    for (story, change, says) in cases {
        let mut account = story.account();
        change(&mut account);
        let world = story.world_with(account).await;
        if says.is_empty() {
            // Detached while its instance runs: that needs people, not a stop.
            let (record, _) = asked(&world, &story).await;
            assert!(["high", "critical"].map(Value::from).contains(&record["risk_level"]), "{record}");
        } else {
            let why = blocked(&world, &world.functions(), &story).await;
            assert!(why.contains(says), "{why}");
        }
    }
}

#[tokio::test]
async fn what_does_not_exist_is_blocked_and_says_so() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world_with(Account::new(sunset_functions_tests::ACCOUNT)).await;
        let why = blocked(&world, &world.functions(), &story).await;
        assert!(why.contains("does not exist"), "{why}");
    }))
    .await;
}
