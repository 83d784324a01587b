//! What happens while a resource rests, and right before it would go.

use std::time::Duration;

use serde_json::json;
use sunset_functions_tests::{Function, Functions, Person, Process, State, World};
use sunset_wire::{Account, NetworkInterface, Peer, TargetGroup};

use crate::cut_off::rolled_back;
use crate::picture::picture;
use crate::sound::sound;
use crate::stories::{ALL, IMAGE, INSTANCE, SECURITY_GROUP, SNAPSHOT, SPARE_VOLUME, Story, VOLUME, depends, track};
use crate::{events, is_free, side_by_side, told};

/// A process whose soak is over.
async fn soaked<'w>(world: &'w World, functions: &'w Functions, story: &Story) -> Process<'w> {
    let mut process = Process::live(world, functions, story.resource).await;
    process.until(State::Reassess).await;
    process
}

/// Nothing was destroyed.
fn nothing_is_gone(world: &World, story: &Story, told: &str) {
    assert!(world.calls.of(&format!("ec2:{}", story.irreversible)).is_empty(), "{told}");
}

#[tokio::test]
async fn a_dependent_that_appears_brings_every_type_of_resource_back() {
    side_by_side(ALL.into_iter().map(async |story| {
        for at in [State::Reassess, State::ExecuteIrreversible] {
            let world = story.world().await;
            let functions = world.functions();
            let mut process = soaked(&world, &functions, &story).await;
            // Also between the look after the soak and the call itself.
            process.until(at).await;
            depends(&world, story.resource, "billing", "critical").await;
            assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
            rolled_back(&world, &process, &story, &process.story()).await;
            nothing_is_gone(&world, &story, &process.story());
            let outcome = told(&process, "outcome").await;
            assert!(outcome.contains("billing"), "{outcome}");
            sound(&world).await;
        }
    }))
    .await;
}

/// What somebody does to a resource while it rests, and what it leaves behind.
type Change = (&'static str, Story, fn(&mut Account));

const CHANGES: [Change; 11] = [
    ("a tag sunset:keep on an instance", INSTANCE, |account| {
        account.instances.get_mut("i-0web").unwrap().tags.insert("sunset:keep".into(), "please".into());
    }),
    ("termination protection", INSTANCE, |account| {
        account.instances.get_mut("i-0web").unwrap().disable_api_termination = true;
    }),
    ("another instance type", INSTANCE, |account| {
        "m7i.large".clone_into(&mut account.instances.get_mut("i-0web").unwrap().instance_type);
    }),
    ("a target group", INSTANCE, |account| {
        let group = TargetGroup::new("web").target("i-0web");
        account.target_groups.insert("web".into(), group);
    }),
    ("a larger volume", VOLUME, |account| account.volumes.get_mut("vol-0data").unwrap().size_gib = 40),
    ("a tag of compliance", VOLUME, |account| {
        account.volumes.get_mut("vol-0data").unwrap().tags.insert("compliance".into(), "sox".into());
    }),
    ("a tag sunset:keep on a spare volume", SPARE_VOLUME, |account| {
        account.volumes.get_mut("vol-0spare").unwrap().tags.insert("sunset:keep".into(), String::new());
    }),
    ("a lock on a snapshot", SNAPSHOT, |account| {
        let snapshot = account.snapshots.get_mut("snap-0old").unwrap();
        *snapshot = snapshot.clone().locked();
    }),
    ("a tag sunset:keep on an image", IMAGE, |account| {
        account.images.get_mut("ami-0old").unwrap().tags.insert("sunset:keep".into(), "2".into());
    }),
    ("protection from deregistration", IMAGE, |account| {
        let image = account.images.get_mut("ami-0old").unwrap();
        *image = image.clone().protected();
    }),
    ("another rule", SECURITY_GROUP, |account| {
        let group = account.security_groups.get_mut("sg-0web").unwrap();
        *group = group.clone().lets_in(8443, Peer::cidr("10.0.0.0/8"));
    }),
];

#[tokio::test]
async fn whatever_changes_about_a_resource_brings_it_back() {
    side_by_side(CHANGES.into_iter().map(async |(what, story, change)| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = soaked(&world, &functions, &story).await;
        change(&mut world.ec2.account());
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{what}: {}", process.story());
        nothing_is_gone(&world, &story, what);
        let mut expected = story.account();
        change(&mut expected);
        assert_eq!(picture(&world.ec2.account()), picture(&expected), "{what}: {}", process.story());
        assert!(is_free(&world, story.resource).await, "{what}");
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn what_is_used_again_stays_as_whoever_uses_it_has_it() {
    let changes: [Change; 3] = [
        ("started again", INSTANCE, |account| {
            "running".clone_into(&mut account.instances.get_mut("i-0web").unwrap().state);
        }),
        ("enabled again", IMAGE, |account| {
            "available".clone_into(&mut account.images.get_mut("ami-0old").unwrap().state);
        }),
        ("given to another interface", SECURITY_GROUP, |account| {
            let other = NetworkInterface::new("eni-0new").member_of("sg-0web").member_of("sg-0base");
            account.add_network_interface(other);
        }),
    ];
    side_by_side(changes.into_iter().map(async |(what, story, change)| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = soaked(&world, &functions, &story).await;
        change(&mut world.ec2.account());
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{what}: {}", process.story());
        nothing_is_gone(&world, &story, what);
        let mut expected = story.account();
        change(&mut expected);
        assert_eq!(picture(&world.ec2.account()), picture(&expected), "{what}: {}", process.story());
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn a_risk_that_rises_brings_it_back() {
    let environments = [("production", SPARE_VOLUME), ("nobody-knows", INSTANCE)];
    side_by_side(environments.into_iter().map(async |(environment, story)| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = soaked(&world, &functions, &story).await;
        track(&world, story.resource, environment).await;
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{environment}: {}", process.story());
        rolled_back(&world, &process, &story, environment).await;
        nothing_is_gone(&world, &story, environment);
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn evidence_that_can_no_longer_be_read_brings_it_back() {
    for (story, action) in [
        (INSTANCE, "DescribeTargetGroups"),
        (VOLUME, "DescribeVolumes"),
        (SNAPSHOT, "DescribeImages"),
        (IMAGE, "DescribeLaunchTemplateVersions"),
        (SECURITY_GROUP, "DescribeSecurityGroups"),
    ] {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = soaked(&world, &functions, &story).await;
        world.ec2.account().denied.insert(action.into());
        process.until(State::HandleDecommissioningFailure).await;
        nothing_is_gone(&world, &story, action);
        world.ec2.account().denied.clear();
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{action}: {}", process.story());
        rolled_back(&world, &process, &story, action).await;
        sound(&world).await;
    }
}

#[tokio::test]
async fn the_machine_fails_with_what_brought_it_back() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = soaked(&world, &functions, &SPARE_VOLUME).await;
    depends(&world, SPARE_VOLUME.resource, "billing", "critical").await;
    assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
    let cause = process.answer()["reason"].as_str().unwrap();
    assert!(cause.contains("billing"), "{cause}");
}

#[tokio::test]
async fn a_persons_word_ends_the_soak_and_always_leads_back() {
    for person in [Person::Kay, Person::Lin] {
        let world = VOLUME.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, VOLUME.resource).await.with("soak_seconds", 600);
        process.until(State::ChangeWindow).await;
        let (status, body) = process.ends_the_soak(person).await;
        assert_eq!(status, 200, "{body}");
        let (status, body) = process.ends_the_soak(person).await;
        assert_eq!((status, &body["repeated"]), (200, &json!(true)), "{body}");
        assert_eq!(process.ends_the_soak(Person::Mallory).await.0, 403);
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
        rolled_back(&world, &process, &VOLUME, person.name()).await;
        nothing_is_gone(&world, &VOLUME, person.name());
        let outcome = told(&process, "outcome").await;
        assert!(outcome.contains(person.name()) && outcome.contains("it is missed"), "{outcome}");
        sound(&world).await;
    }
}

#[tokio::test]
async fn a_persons_word_counts_until_the_very_last_look() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    process.until(State::ExecuteIrreversible).await;
    let (status, body) = process.ends_the_soak(Person::Kay).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
    rolled_back(&world, &process, &VOLUME, "at the last moment").await;
    sound(&world).await;
}

#[tokio::test]
async fn a_soak_that_somebody_cuts_short_is_no_shorter() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await.with("soak_seconds", 600);
    // The state's timeout is no proof: the ledger says how long the soak is.
    for _ in 0..2 {
        process.until(State::ChangeWindow).await;
        process.step().await;
        assert_eq!(process.state(), State::WaitForWindow, "{}", process.story());
        assert_eq!(process.answer()["state"], "waiting", "{}", process.answer());
        let seconds = process.answer()["wait_seconds"].as_u64().unwrap();
        assert!((500..=600).contains(&seconds), "{seconds}");
    }
    let event = json!({"schema": 1, "action": "reassess", "process_id": process.id()});
    let answer = functions.invoke(Function::Assess, event).await.unwrap();
    assert_eq!(answer["verdict"], "waiting", "{answer}");
    nothing_is_gone(&world, &VOLUME, "cut short");
    assert_eq!(process.record().await["status"], "soaking");
    sound(&world).await;
}

#[tokio::test]
async fn a_soak_that_begins_twice_is_no_longer() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    process.until(State::SoakPeriod).await;
    let event = json!({"schema": 1, "action": "soak", "process_id": process.id(), "task_token": world.tokens.issue()});
    let first = functions.invoke(Function::Approve, event.clone()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let second = functions.invoke(Function::Approve, event).await.unwrap();
    assert_eq!(first["until"], second["until"]);
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    let events = events(&world, &process).await;
    assert!(events.contains(&"SOAK_STARTED".to_owned()), "{events:?}");
    sound(&world).await;
}
