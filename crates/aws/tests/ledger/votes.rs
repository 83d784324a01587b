//! Votes: one a person and round, in one transaction with their audit event, and nothing else of the record is touched.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use sunset_aws::ledger::{Admission, Change, LedgerError, Processes, Wait};
use sunset_domain::approval::page::waiting::Waiting;
use sunset_domain::approval::vote::{Answer, NOTICE_ROUND, Vote};
use sunset_domain::ids::PlanHash;
use sunset_domain::policy::Mode;
use sunset_domain::process::audit::{EventType, verify};
use sunset_domain::process::record::ProcessRecord;

use crate::now;
use crate::processes::{admitted, process, processes};

fn vote(person: &str, round: u32) -> Vote {
    Vote {
        round,
        person: person.into(),
        identity: format!("link/{person}"),
        answer: Answer::Approve,
        reason: None,
        plan_hash: PlanHash::parse(&"a".repeat(64)).unwrap(),
        at: now(),
    }
}

async fn cast(processes: &Processes, before: &ProcessRecord, vote: &Vote) -> Result<ProcessRecord, LedgerError> {
    let actor = format!("person:{}", vote.person);
    processes.cast(before, vote, &actor, now().plus_seconds(60), json!({"vote": vote})).await
}

async fn set(dynamodb: &aws_sdk_dynamodb::Client, table: &str, pk: &str, name: &str, value: AttributeValue) {
    dynamodb
        .update_item()
        .table_name(table)
        .key("pk", AttributeValue::S(pk.into()))
        .key("sk", AttributeValue::S("META".into()))
        .update_expression(format!("SET {name} = :value"))
        .expression_attribute_values(":value", value)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn one_person_has_one_vote_in_a_round() {
    let (processes, ..) = processes("votes").await;
    let before = admitted(&processes, '1').await;
    let first = vote("ada", 1);
    let after = cast(&processes, &before, &first).await.unwrap();
    let other = Vote { answer: Answer::Reject, ..first.clone() };
    assert!(matches!(cast(&processes, &after, &other).await, Err(LedgerError::Conflict { .. })));
    assert_eq!(processes.process(&before.process_id).await.unwrap().unwrap(), after, "nothing of it was written");
    let again = cast(&processes, &after, &vote("ada", 2)).await.unwrap();
    let objected = cast(&processes, &again, &vote("ada", NOTICE_ROUND)).await.unwrap();
    assert_eq!(objected.version, before.version + 3);
    assert_eq!(processes.votes(&before.process_id, 1).await.unwrap(), [first]);
    assert_eq!(processes.all_votes(&before.process_id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_vote_reads_back_with_its_event_and_the_rest_of_the_record_as_it_was() {
    let (processes, _, dynamodb) = processes("cast").await;
    let before = admitted(&processes, '1').await;
    let pk = format!("PROC#{}", before.process_id);
    // Somebody who may only vote writes nothing of this back, whatever they believe that it is.
    set(&dynamodb, "cast", &pk, "outcome", AttributeValue::S("as it was".into())).await;
    let after = cast(&processes, &before, &vote("ada", 1)).await.unwrap();
    let read = processes.process(&before.process_id).await.unwrap().unwrap();
    assert_eq!(read, ProcessRecord { outcome: Some("as it was".into()), ..after.clone() });
    assert_eq!((read.version, read.updated_at), (before.version + 1, now().plus_seconds(60)));
    let events = processes.audit_events(&before.process_id).await.unwrap();
    assert_eq!(verify(&before.process_id, &events, &read.audit), []);
    assert_eq!(events.last().unwrap().event_type, EventType::VoteCast);
}

#[tokio::test]
async fn of_votes_that_meet_each_is_counted_once_it_is_cast_over_the_other() {
    let (processes, ..) = processes("meet").await;
    let before = admitted(&processes, '1').await;
    let (ada, lin) = (vote("ada", 1), vote("lin", 1));
    let (one, other) = tokio::join!(cast(&processes, &before, &ada), cast(&processes, &before, &lin));
    let after = match (one, other) {
        (Ok(after), Err(LedgerError::Conflict { .. })) => cast(&processes, &after, &lin).await.unwrap(),
        (Err(LedgerError::Conflict { .. }), Ok(after)) => cast(&processes, &after, &ada).await.unwrap(),
        both => panic!("{both:?}"),
    };
    assert_eq!(processes.votes(&before.process_id, 1).await.unwrap(), [ada, lin]);
    let events = processes.audit_events(&before.process_id).await.unwrap();
    assert_eq!(verify(&before.process_id, &events, &after.audit), []);
}

#[tokio::test]
async fn nobody_votes_on_a_process_that_does_not_hold_its_resource_any_more() {
    let (processes, _, dynamodb) = processes("unlocked").await;
    let before = admitted(&processes, '1').await;
    set(&dynamodb, "unlocked", "LOCK#ami-1", "fence", AttributeValue::N("2".into())).await;
    let lost = cast(&processes, &before, &vote("ada", 1)).await.unwrap_err();
    assert!(matches!(lost, LedgerError::ProcessLockLost { .. }), "{lost}");
    assert_eq!(processes.all_votes(&before.process_id).await.unwrap(), []);
    assert_eq!(processes.process(&before.process_id).await.unwrap().unwrap(), before);
}

#[tokio::test]
async fn a_process_that_was_never_there_gets_no_vote() {
    let (processes, ..) = processes("nowhere").await;
    let dry = process('2', Mode::DryRun);
    assert!(matches!(cast(&processes, &dry, &vote("ada", 1)).await, Err(LedgerError::Conflict { .. })));
    assert!(matches!(processes.admit(dry, json!({})).await.unwrap(), Admission::Admitted(_)));
}

#[tokio::test]
async fn each_state_that_waits_has_its_own_token_and_the_newest_counts() {
    let (processes, ..) = processes("tokens").await;
    let before = admitted(&processes, '1').await;
    let waits = [Wait::Notice, Wait::Approval, Wait::Soak, Wait::Window, Wait::Hold];
    for age in ["older", "newer"] {
        for wait in waits {
            processes.await_under(&before.process_id, wait, &format!("{age}, {wait:?}")).await.unwrap();
        }
    }
    for wait in waits {
        assert_eq!(processes.token(&before.process_id, wait).await.unwrap(), Some(format!("newer, {wait:?}")));
    }
    assert_eq!(processes.process(&before.process_id).await.unwrap().unwrap(), before, "a token changes nothing");
}

#[tokio::test]
async fn what_waits_for_people_is_listed_with_the_change_that_asks_them() {
    let (processes, ..) = processes("waits").await;
    let before = admitted(&processes, '1').await;
    let listed = async |person: &str| processes.waiting(person).await.unwrap().0;
    let deadline = now().plus_hours(72);
    let waits: Vec<Waiting> =
        ["ada", "lin"].iter().map(|person| Waiting::new(person, &before.process_id, 1, deadline)).collect();
    let change = |record: &ProcessRecord| {
        Change::to(record.clone(), EventType::ApprovalRequested, "function:approve", now(), json!({}))
    };
    let after = processes.commit(&before, change(&before).waits(&waits).unwrap()).await.unwrap();
    assert_eq!(listed("ada").await, waits[..1]);
    assert_eq!(listed("kay").await, []);

    let later = [Waiting::new("ada", &before.process_id, 2, deadline)];
    assert!(processes.commit(&before, change(&before).waits(&later).unwrap()).await.is_err(), "an older version");
    assert_eq!(listed("ada").await, waits[..1]);
    // A round asks more people than one transaction can list: those who are left out are asked all the same.
    let crowd: Vec<Waiting> =
        (0..200).map(|n| Waiting::new(&format!("p{n}"), &before.process_id, 2, deadline)).collect();
    processes.commit(&after, change(&after).waits(&crowd).unwrap()).await.unwrap();
    assert_eq!(listed("p0").await.len(), 1);
}
