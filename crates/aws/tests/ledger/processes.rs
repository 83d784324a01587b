//! Processes: nothing changes without its audit event, and nothing is changed by whoever does not hold the lock.

use aws_sdk_dynamodb::types::{AttributeValue, ScalarAttributeType};
use serde_json::json;
use sunset_aws::ledger::{Admission, Change, Guard, Ledger, LedgerError, Processes};
use sunset_domain::ids::{AccountId, ProcessId};
use sunset_domain::ledger::ImageStatus;
use sunset_domain::policy::Mode;
use sunset_domain::process::audit::{EventType, verify};
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::resource::{Resource, ResourceType};
use sunset_domain::process::start::Start;
use sunset_domain::process::status::Status;
use sunset_domain::process::terms::Terms;
use sunset_domain::run::Execution;

use crate::support::{ledger, table};
use crate::{intent, now};

pub async fn processes(name: &str) -> (Processes, Ledger, aws_sdk_dynamodb::Client) {
    let (ledger, dynamodb) = ledger(name).await;
    let audit = format!("{name}-audit");
    table(&audit, [("process_id", ScalarAttributeType::S), ("seq", ScalarAttributeType::N)]).await;
    (Processes::new(ledger.clone(), audit), ledger, dynamodb)
}

/// The process whose id ends with this digit.
pub fn process(digit: char, mode: Mode) -> ProcessRecord {
    let execution = Execution {
        arn: format!("arn:aws:states:us-east-1:123456789012:execution:decommission:{digit}"),
        started_at: now(),
    };
    let start = Start {
        resource: Resource::new(ResourceType::Image, "ami-1").unwrap(),
        initiator: "ada".into(),
        reason: "unused".into(),
        mode,
        terms: Terms::default(),
    };
    ProcessRecord {
        process_id: ProcessId::parse(&format!("01KAG3V7Q4M2ZD9X5T8R6W0B1{digit}")).unwrap(),
        ..ProcessRecord::begin(&execution, start, AccountId::parse("123456789012").unwrap(), None, now())
    }
}

pub async fn admitted(processes: &Processes, digit: char) -> ProcessRecord {
    match processes.admit(process(digit, Mode::Live), json!({})).await.unwrap() {
        Admission::Admitted(record) => *record,
        Admission::HeldBy(other) => panic!("held by {other}"),
    }
}

fn assessed(record: &ProcessRecord) -> Change {
    let after = record.clone().at(Status::Assessed).unwrap();
    Change::to(after, EventType::AssessmentCompleted, "function:assess", now(), json!({"score": 3}))
}

#[tokio::test]
async fn a_resource_has_one_process_and_the_same_start_is_the_same_process() {
    let (processes, ledger, _) = processes("admission").await;
    let first = admitted(&processes, '1').await;
    assert_eq!(admitted(&processes, '1').await, first);
    let second = processes.admit(process('2', Mode::Live), json!({})).await.unwrap();
    assert_eq!(second, Admission::HeldBy(first.process_id.clone()));
    let blocked = Change::to(
        first.clone().at(Status::Blocked).unwrap(),
        EventType::ProcessBlocked,
        "function:assess",
        now(),
        json!({}),
    );
    processes.commit(&first, blocked).await.unwrap();
    let third = admitted(&processes, '3').await;
    assert_eq!((first.fence, third.fence), (1, 2));
    assert_eq!(ledger.process_lock("ami-1").await.unwrap().unwrap().process_id, Some(third.process_id));
}

#[tokio::test]
async fn a_dry_run_holds_nothing_and_waits_for_nobody() {
    let (processes, ledger, _) = processes("dry").await;
    admitted(&processes, '1').await;
    let dry = processes.admit(process('2', Mode::DryRun), json!({})).await.unwrap();
    assert!(matches!(dry, Admission::Admitted(record) if record.fence == 0));
    let holder = ledger.process_lock("ami-1").await.unwrap().unwrap().process_id.unwrap();
    assert!(holder.as_str().ends_with('1'));
}

#[tokio::test]
async fn every_change_has_its_event_and_a_change_of_an_older_version_is_refused() {
    let (processes, ..) = processes("versions").await;
    let before = admitted(&processes, '1').await;
    let after = processes.commit(&before, assessed(&before)).await.unwrap();
    assert_eq!((after.version, after.audit.seq), (2, 2));
    let conflict = processes.commit(&before, assessed(&before)).await.unwrap_err();
    assert!(matches!(conflict, LedgerError::Conflict { .. }));
    let events = processes.audit_events(&before.process_id).await.unwrap();
    assert_eq!(verify(&before.process_id, &events, &after.audit), []);
    assert_eq!(
        events.iter().map(|event| event.event_type).collect::<Vec<_>>(),
        [EventType::ProcessInitiated, EventType::AssessmentCompleted]
    );
    assert_eq!(processes.process(&before.process_id).await.unwrap().unwrap(), after);
}

#[tokio::test]
async fn a_way_that_the_table_does_not_have_is_refused_and_leaves_no_trace() {
    let (processes, ..) = processes("ways").await;
    let before = admitted(&processes, '1').await;
    let mut after = before.clone();
    after.status = Status::InProgress;
    let change = Change::to(after, EventType::StepIntended, "x", now(), json!({}));
    assert!(matches!(processes.commit(&before, change).await.unwrap_err(), LedgerError::Transition(_)));
    assert_eq!(processes.audit_events(&before.process_id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn without_its_audit_table_nothing_is_written() {
    let (ledger, _) = ledger("no-audit").await;
    let processes = Processes::new(ledger.clone(), "there-is-no-such-table");
    assert!(processes.admit(process('1', Mode::Live), json!({})).await.is_err());
    assert_eq!(ledger.process_lock("ami-1").await.unwrap(), None);
    assert_eq!(processes.process(&process('1', Mode::Live).process_id).await.unwrap(), None);
}

#[tokio::test]
async fn whoever_lost_the_lock_changes_nothing_any_more() {
    let (processes, _, dynamodb) = processes("fence").await;
    let before = admitted(&processes, '1').await;
    dynamodb
        .update_item()
        .table_name("fence")
        .key("pk", AttributeValue::S("LOCK#ami-1".into()))
        .key("sk", AttributeValue::S("META".into()))
        .update_expression("SET fence = :two")
        .expression_attribute_values(":two", AttributeValue::N("2".into()))
        .send()
        .await
        .unwrap();
    let lost = processes.commit(&before, assessed(&before)).await.unwrap_err();
    assert!(matches!(lost, LedgerError::ProcessLockLost { .. }));
}

#[tokio::test]
async fn the_kill_switch_stops_every_intent_and_no_record() {
    let (processes, _, dynamodb) = processes("pause").await;
    let before = admitted(&processes, '1').await;
    dynamodb
        .put_item()
        .table_name("pause")
        .item("pk", AttributeValue::S("PAUSE".into()))
        .item("sk", AttributeValue::S("META".into()))
        .send()
        .await
        .unwrap();
    let paused = processes.intend(&before, assessed(&before), "ami-1").await.unwrap_err();
    assert_eq!(paused, LedgerError::Paused);
    processes.commit(&before, assessed(&before)).await.unwrap();
}

#[tokio::test]
async fn ami_cleanup_cannot_intend_anything_about_an_image_that_a_process_holds() {
    let (processes, ledger, _) = processes("held").await;
    let record = intent(ImageStatus::Disabling, "a", None);
    let before = admitted(&processes, '1').await;
    let held = ledger.intend(Guard::Person, &record, &[]).await.unwrap_err();
    assert_eq!(held, LedgerError::HeldByProcess { resource_id: "ami-1".into() });
    let blocked =
        Change::to(before.clone().at(Status::Blocked).unwrap(), EventType::ProcessBlocked, "x", now(), json!({}));
    processes.commit(&before, blocked).await.unwrap();
    crate::unused(ledger.intend(Guard::Person, &record, &[]).await.unwrap());
}

#[tokio::test]
async fn a_process_cannot_begin_while_ami_cleanup_is_at_work_on_its_image() {
    let (processes, ledger, _) = processes("at-work").await;
    crate::unused(ledger.intend(Guard::Person, &intent(ImageStatus::Disabling, "a", None), &[]).await.unwrap());
    let refused = processes.admit(process('1', Mode::Live), json!({})).await.unwrap_err();
    assert_eq!(refused, LedgerError::HeldByAmiCleanup { image_id: "ami-1".into() });
    assert!(processes.admit(process('2', Mode::DryRun), json!({})).await.is_ok());
}

#[tokio::test]
async fn a_failed_rollback_keeps_the_lock_until_it_is_released_once() {
    let (processes, ledger, _) = processes("kept").await;
    let mut at = admitted(&processes, '1').await;
    let way = [Status::Assessed, Status::Approved, Status::Planned, Status::InProgress, Status::RollbackFailed];
    for status in way {
        let change = Change::to(at.clone().at(status).unwrap(), EventType::StepDone, "x", now(), json!({}));
        at = processes.commit(&at, change).await.unwrap();
    }
    let holder = async || ledger.process_lock("ami-1").await.unwrap().unwrap().process_id;
    assert_eq!(holder().await, Some(at.process_id.clone()));
    let released = |at: &ProcessRecord| Change::to(at.clone(), EventType::LockReleased, "person:ada", now(), json!({}));
    let after = processes.release(&at, released(&at)).await.unwrap();
    assert_eq!(holder().await, None);
    let again = processes.release(&after, released(&after)).await.unwrap_err();
    assert!(matches!(again, LedgerError::ProcessLockLost { .. }), "{again}");
}
