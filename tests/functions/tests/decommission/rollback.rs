//! The way back: each step by itself, and an end that says what the account shows.

use serde_json::{Value, json};
use sunset_functions_tests::{Person, Process, State};

use crate::cut_off::rolled_back;
use crate::picture::picture;
use crate::sound::sound;
use crate::stories::{ADDRESS, ALL, IMAGE, INSTANCE, SECURITY_GROUP, VOLUME, depends};
use crate::{is_free, side_by_side, step, told};

#[tokio::test]
async fn a_step_that_fails_for_good_takes_back_what_was_done_before_it() {
    let cases = [
        (INSTANCE, "CreateTags"),
        (INSTANCE, "StopInstances"),
        (INSTANCE, "CreateImage"),
        (VOLUME, "CreateTags"),
        (VOLUME, "DetachVolume"),
        (VOLUME, "CreateSnapshot"),
        (IMAGE, "DisableImage"),
        (ADDRESS, "DisassociateAddress"),
        (SECURITY_GROUP, "ModifyNetworkInterfaceAttribute"),
    ];
    side_by_side(cases.into_iter().map(async |(story, action)| {
        let world = story.world_with(story.account().denies(action)).await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::HandleDecommissioningFailure).await;
        world.ec2.account().denied.clear();
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{action}: {}", process.story());
        rolled_back(&world, &process, &story, action).await;
        assert!(told(&process, "outcome").await.contains(action), "{}", told(&process, "outcome").await);
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn what_was_so_before_is_not_changed_on_the_way_back() {
    // The instance stood still before anybody asked, and its image was disabled.
    let mut account = INSTANCE.account();
    "stopped".clone_into(&mut account.instances.get_mut("i-0web").unwrap().state);
    let before = picture(&account);
    let world = INSTANCE.world_with(account).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, INSTANCE.resource).await;
    process.until(State::Reassess).await;
    depends(&world, INSTANCE.resource, "billing", "critical").await;
    assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
    assert_eq!(picture(&world.ec2.account()), before);
    assert!(world.calls.of("ec2:StartInstances").is_empty() && world.calls.of("ec2:StopInstances").is_empty());
    sound(&world).await;
}

#[tokio::test]
async fn one_failing_step_does_not_stop_the_others_and_the_lock_is_kept() {
    let world = SECURITY_GROUP.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SECURITY_GROUP.resource).await;
    process.until(State::Reassess).await;
    depends(&world, SECURITY_GROUP.resource, "billing", "critical").await;
    world.ec2.account().network_interfaces.remove("eni-0two");
    assert_eq!(process.to_end().await, State::RollbackFailed, "{}", process.story());
    assert_eq!(process.record().await["status"], "rollback_failed");
    let back = step(&world, &process, "detach-security-group-eni-0one").await;
    assert_eq!(back["state"], "undone", "{back}");
    let failed = step(&world, &process, "detach-security-group-eni-0two").await;
    assert_eq!(failed["state"], "undo_failed", "{failed}");
    let shown = picture(&world.ec2.account());
    assert_eq!(shown["eni-0one"]["groups"], json!(["sg-0web", "sg-0base"]));
    assert_eq!(shown["sg-0web"]["tags"], json!({}), "the tag is off, whatever failed before it");
    assert!(told(&process, "outcome").await.contains("eni-0two"));
    assert!(!is_free(&world, SECURITY_GROUP.resource).await);
    sound(&world).await;

    // Nobody begins anew on what is neither as it was nor gone, until a person has looked.
    let mut second = Process::live(&world, &functions, SECURITY_GROUP.resource).await;
    assert_eq!(second.to_end().await, State::AlreadyUnderWay);
    assert_eq!(second.answer()["process_id"], process.id());
    let (status, body) = process.releases(Person::Ada, "sg-0web").await;
    assert_eq!(status, 200, "{body}");
    assert!(is_free(&world, SECURITY_GROUP.resource).await);
    let mut third = Process::live(&world, &functions, SECURITY_GROUP.resource).await.that_nobody_answers();
    third.until(State::TallyVotes).await;
    sound(&world).await;
}

#[tokio::test]
async fn every_step_that_cannot_be_taken_back_is_a_rollback_that_failed() {
    side_by_side(ALL.into_iter().map(async |story| {
        let Some((_, back)) = story.reversible else { return };
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::Reassess).await;
        depends(&world, story.resource, "billing", "critical").await;
        world.ec2.account().denied.insert(back.into());
        assert_eq!(process.to_end().await, State::RollbackFailed, "{back}: {}", process.story());
        assert!(!is_free(&world, story.resource).await, "{back}");
        let shown = picture(&world.ec2.account());
        assert_eq!(shown[story.resource.1]["tags"].get("sunset:process"), None, "{back}");
        let notices = world.calls.notices();
        assert!(notices.iter().any(|(_, subject, _)| subject.to_lowercase().contains("rollback")), "{notices:#?}");
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn a_way_back_that_is_asked_for_again_answers_as_before() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    process.until(State::Reassess).await;
    depends(&world, VOLUME.resource, "billing", "critical").await;
    assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
    let before = world.calls.changing_ec2().len();
    let event = json!({"schema": 1, "action": "rollback", "process_id": process.id()});
    let answer = functions.invoke(sunset_functions_tests::Function::Execute, event).await.unwrap();
    assert_eq!(answer["state"], "rolled_back", "{answer}");
    assert_eq!(world.calls.changing_ec2().len(), before);
    sound(&world).await;
}

#[tokio::test]
async fn nothing_goes_forward_again_once_it_went_back() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    process.until(State::Reassess).await;
    depends(&world, VOLUME.resource, "billing", "critical").await;
    process.until(State::HandleDecommissioningFailure).await;
    process.step().await;
    let changes = world.calls.changing_ec2().len();
    // A function of the way forward may still be under way somewhere.
    for action in ["reversible", "irreversible"] {
        let event = json!({"schema": 1, "action": action, "process_id": process.id()});
        let error = functions.invoke(sunset_functions_tests::Function::Execute, event).await.unwrap_err();
        assert_eq!(error.error_type, "Sunset.Stale", "{action}: {error}");
    }
    assert_eq!(world.calls.changing_ec2().len(), changes);
    assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
    rolled_back(&world, &process, &VOLUME, "once and for all").await;
    sound(&world).await;
}

#[tokio::test]
async fn before_any_act_there_is_nothing_to_take_back() {
    let states = [State::AssessResource, State::DraftPlan, State::TallyVotes, State::PlanDecommissioning];
    side_by_side(states.into_iter().map(async |at| {
        let world = VOLUME.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, VOLUME.resource).await;
        process.until(at).await;
        let error = json!({"Error": "Sunset.Transient", "Cause": "something failed"});
        let event = json!({"schema": 1, "action": "rollback", "process_id": process.id(), "error": error});
        let answer = functions.invoke(sunset_functions_tests::Function::Execute, event).await.unwrap();
        assert_eq!(answer["state"], "failed", "{at:?}: {answer}");
        let record = process.record().await;
        assert_eq!(
            (&record["status"], &record["error"]["error"]),
            (&json!("failed"), &json!("Sunset.Transient")),
            "{record}"
        );
        assert!(is_free(&world, VOLUME.resource).await, "{at:?}");
        assert_eq!(world.calls.changing_ec2(), [Value::Null; 0].map(|_| String::new()));
        sound(&world).await;
    }))
    .await;
}
