//! Throttling, 5xx, closed connections and refusals: typed, and settled by looking.

use serde_json::json;
use sunset_functions_tests::{End, Function, Functions, Policy, Run, World, intents_precede_acts};
use sunset_wire::{Account, Fault, Image, When};

use crate::{DUE, SNAPSHOT, due, gone, name, one_due};

/// The calls that take an image out, with the grace under which they are made.
const ACTS: [(&str, u32); 3] = [("DisableImage", 7), ("DeregisterImage", 0), ("DeleteSnapshot", 0)];

async fn world_with(grace_days: u32) -> (World, Functions) {
    let world = World::under(Policy::quick().with("GRACE_DAYS", grace_days), one_due()).await;
    let functions = world.functions();
    (world, functions)
}

/// The first call of the act goes wrong: the error that the function answers, and then the run, from there to its end.
async fn first_act_goes_wrong(act: &str, grace_days: u32, fault: Fault) -> (Option<String>, World) {
    let (world, functions) = world_with(grace_days).await;
    world.ec2.faults().add(act, When::Nth(1), fault);
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    let mut answer = functions.invoke(Function::Deregister, lines[0].clone()).await;
    if act == "DeleteSnapshot" {
        answer.unwrap();
        answer = functions.invoke(Function::DeleteSnapshot, lines[0].clone()).await;
    }
    let error = answer.err().map(|error| error.error_type);
    let report = run.to_end().await.report();
    let counts = &report["counts"];
    let (images, snapshots) = if grace_days > 0 { ("disabled", 0) } else { ("deregistered", 1) };
    assert_eq!((&counts[images], &counts["snapshots_deleted"]), (&json!(1), &json!(snapshots)), "{act}: {report}");
    intents_precede_acts(&world.calls.all());
    (error, world)
}

#[tokio::test]
async fn a_throttled_act_is_typed_and_succeeds_when_it_is_retried() {
    for (act, grace_days) in ACTS {
        for fault in [Fault::Throttled, Fault::Throttling] {
            let (error, world) = first_act_goes_wrong(act, grace_days, fault).await;
            assert_eq!(error.as_deref(), Some("Sunset.Throttled"), "{act}");
            assert_eq!(world.calls.of(&format!("ec2:{act}")).len(), 2, "{act}");
        }
    }
}

#[tokio::test]
async fn an_act_answered_with_5xx_is_typed_and_succeeds_when_it_is_retried() {
    for (act, grace_days) in ACTS {
        for fault in [Fault::InternalError, Fault::Unavailable, Fault::CloseBefore] {
            let (error, _) = first_act_goes_wrong(act, grace_days, fault).await;
            assert_eq!(error.as_deref(), Some("Sunset.Transient"), "{act}");
        }
    }
}

#[tokio::test]
async fn an_act_whose_answer_is_lost_is_settled_by_looking_and_never_by_acting_again() {
    for (act, grace_days) in ACTS {
        for fault in [Fault::CloseAfter, Fault::Truncated] {
            let (error, world) = first_act_goes_wrong(act, grace_days, fault).await;
            assert!(error.as_deref().is_none_or(|error| error == "Sunset.Transient"), "{act}: {error:?}");
            assert_eq!(world.calls.of(&format!("ec2:{act}")).len(), 1, "{act} was called again");
        }
    }
}

#[tokio::test]
async fn a_look_that_stays_throttled_is_typed_and_succeeds_when_it_is_retried() {
    let (world, functions) = world_with(0).await;
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    world.ec2.faults().add("DescribeImages", When::Every, Fault::Throttled);
    let refused = functions.invoke(Function::Deregister, lines[0].clone()).await;
    assert_eq!(name(refused), "Sunset.Throttled");
    world.ec2.faults().clear();
    run.to_end().await.report();
    gone(&world);
}

#[tokio::test]
async fn a_look_that_stays_out_of_reach_is_typed_and_succeeds_when_it_is_retried() {
    let (world, functions) = world_with(0).await;
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    world.ec2.faults().add("DescribeImages", When::Every, Fault::InternalError);
    let refused = functions.invoke(Function::Deregister, lines[0].clone()).await;
    assert_eq!(name(refused), "Sunset.Transient");
    world.ec2.faults().clear();
    run.to_end().await.report();
    gone(&world);
}

#[tokio::test]
async fn protection_that_is_switched_on_at_the_last_moment_wins() {
    let (world, functions) = world_with(0).await;
    // After the fresh look, before the call.
    world.ec2.faults().on("DeregisterImage", 1, |account| {
        let image = account.images.get_mut(DUE).unwrap();
        *image = image.clone().protected();
    });
    let End::Failed(error) = Run::live(&world, &functions).await.to_end().await else { panic!("a run that failed") };
    assert_eq!(error.error_type, "Sunset.RunFailed");
    assert!(world.has_image(DUE) && world.has_snapshot(SNAPSHOT));
    // The next run finds it protected, and leaves it and its snapshots alone.
    let End::Done { list, .. } = Run::live(&world, &functions).await.to_end().await else { panic!("a run") };
    assert_eq!(list["verdict"], "nothing", "{list}");
    assert!(world.has_snapshot(SNAPSHOT));

    // An hour later the intent is forgotten, so that whoever deregisters the image by hand keeps its snapshots.
    world
        .ledger
        .set("PENDING#snapshots", &format!("{DUE}#{SNAPSHOT}"), "written_at", json!("2026-01-01T00:00:00Z"))
        .await;
    let over = Run::live(&world, &functions).await.to_end().await;
    assert!(matches!(over, End::Done { .. }), "{over:?}");
    {
        let mut account = world.ec2.account();
        let removed = account.images.remove_entry(DUE);
        account.deregistered.extend(removed);
    }
    let over = Run::live(&world, &functions).await.to_end().await;
    assert!(matches!(over, End::Done { .. }), "{over:?}");
    assert!(world.has_snapshot(SNAPSHOT));
}

#[tokio::test]
async fn a_snapshot_that_ec2_still_counts_as_used_is_tried_again_in_a_moment() {
    let (world, functions) = world_with(0).await;
    let in_use = Fault::error(400, "InvalidSnapshot.InUse", "The snapshot snap-0due is currently in use by ami-0due");
    world.ec2.faults().add("DeleteSnapshot", When::First(1), in_use);
    let report = Run::live(&world, &functions).await.to_end().await.report();
    assert_eq!(report["counts"]["snapshots_deleted"], 1, "{report}");
    gone(&world);
}

#[tokio::test]
async fn a_snapshot_that_ec2_goes_on_counting_as_used_is_kept_and_names_what_uses_it() {
    let (world, functions) = world_with(0).await;
    let in_use =
        Fault::error(400, "InvalidSnapshot.InUse", "The snapshot snap-0due is currently in use by ami-0hidden");
    world.ec2.faults().add("DeleteSnapshot", When::Every, in_use);
    let run = Run::live(&world, &functions).await;
    let (run_id, lines) = run.listed().await;
    run.delete_image(&lines[0]).await.unwrap();
    let answer = run.delete_snapshot(&lines[0]).await.unwrap();
    assert_eq!(answer["snapshots"][0]["outcome"], "kept", "{answer}");
    assert!(answer["snapshots"][0]["reason"].as_str().unwrap().contains("ami-0hidden"), "{answer}");
    let report = run.report(&run_id).await.unwrap();
    assert_eq!((&report["counts"]["snapshots_kept"], &report["counts"]["failed"]), (&json!(1), &json!(0)), "{report}");
}

#[tokio::test]
async fn an_image_that_ec2_goes_on_showing_for_a_moment_does_not_hold_its_own_snapshot() {
    let world = World::of(one_due().deregistered_images_linger(3)).await;
    let functions = world.functions();
    let report = Run::live(&world, &functions).await.to_end().await.report();
    assert_eq!(report["counts"]["snapshots_deleted"], 1, "{report}");
    gone(&world);
}

// C166
#[tokio::test]
async fn one_poisoned_image_does_not_stop_the_others_and_the_report_names_it() {
    let healthy =
        |n: usize| Image::new(format!("ami-0ok{n}")).named(format!("ok{n}x")).snapshots([format!("snap-0ok{n}")]);
    let account = (0..12)
        .fold(Account::new(crate::ACCOUNT).image(due().aged_hours(9999)), |account, n| account.image(healthy(n)));
    let world = World::of(account).await;
    let poison = Fault::error(400, "SomethingOdd", "nobody has seen this before");
    world.ec2.faults().add("DeregisterImage", When::Naming(DUE.to_owned()), poison);
    let functions = world.functions();
    let End::Done { report: Some(report), failed, .. } = Run::live(&world, &functions).await.to_end().await else {
        panic!("one of thirteen is within the share that may fail")
    };
    assert_eq!(
        failed.iter().map(|(image, error)| (image.as_str(), error.error_type.as_str())).collect::<Vec<_>>(),
        [(DUE, "Sunset.Denied")]
    );
    assert_eq!((&report["counts"]["deregistered"], &report["counts"]["failed"]), (&json!(12), &json!(1)), "{report}");
    let key = report["report"]["key"].as_str().unwrap();
    let summary: serde_json::Value = serde_json::from_str(&world.aws().object(key).await).unwrap();
    assert_eq!(summary["failed"][0]["image_id"], DUE, "{summary}");
    assert!(summary["failed"][0]["message"].as_str().unwrap().contains("nobody has seen this before"), "{summary}");
}

// C166
#[tokio::test]
async fn too_many_failed_images_fail_the_run_by_name() {
    let (world, functions) = world_with(0).await;
    world.ec2.faults().add("DeregisterImage", When::Every, Fault::error(400, "SomethingOdd", "no"));
    let End::Failed(error) = Run::live(&world, &functions).await.to_end().await else { panic!("a run that failed") };
    assert_eq!(error.error_type, "Sunset.RunFailed");
    let (_, subject, body) = world.calls.notices().pop().unwrap();
    assert!(subject.contains("FAILED") && body.contains(DUE), "{subject}\n{body}");
}

#[tokio::test]
async fn an_act_that_is_denied_is_never_retried() {
    for (act, grace_days) in ACTS {
        let (world, functions) = world_with(grace_days).await;
        world.ec2.account().denied.insert(act.to_owned());
        let run = Run::live(&world, &functions).await;
        let (_, lines) = run.listed().await;
        let mut answer = run.delete_image(&lines[0]).await;
        if act == "DeleteSnapshot" {
            answer.unwrap();
            answer = run.delete_snapshot(&lines[0]).await;
        }
        assert_eq!(name(answer), "Sunset.Denied", "{act}");
        assert_eq!(world.calls.of(&format!("ec2:{act}")).len(), 1, "{act}");
    }
}
