//! What the page asks of AWS is what its role holds: it reads processes, adds votes, counts what it refused, and can do
//! nothing else.

use std::collections::BTreeSet;

use serde_json::Value;
use sunset_domain::approval::link::Link;
use sunset_functions_tests::page::{Visit, now, sign};
use sunset_functions_tests::{Call, Function, LINK_KEYS_PARAMETER, Person, iam_actions};

use crate::asked::{Asked, Question};

/// What an item of a vote may have.
const OF_A_VOTE: [&str; 9] = ["pk", "sk", "round", "person", "identity", "answer", "reason", "plan_hash", "at"];
/// What an update of a process may touch.
const OF_A_PROCESS: [&str; 5] = ["pk", "sk", "version", "audit", "updated_at"];
/// What a count of refusals has.
const OF_A_COUNT: [&str; 4] = ["pk", "sk", "refused", "expires_at_epoch_seconds"];

/// The calls of the page over all that it is for.
async fn calls() -> (Vec<Call>, Vec<Asked>) {
    let mut calls = Vec::new();
    let mut worlds = Vec::new();
    for question in [Question::Volume, Question::ByRule, Question::Production] {
        let asked = question.asked().await;
        let token = asked.token(Person::Lin).await;
        let waiting = sign(&Link::waiting("lin", now().plus_days(1)));
        for token in [&token, &waiting, &asked.timeline(Person::Lin).await, &asked.token(Person::Kay).await] {
            asked.visit(Visit::get(token)).await;
        }
        asked.visit(Visit::home()).await;
        asked.visit(Visit::get("x")).await;
        if question != Question::Production {
            let form = asked.form(&token, "reject").await;
            asked.visit(Visit::post(&token, &form.clone().but("confirm", "x"))).await;
            assert_eq!(asked.visit(Visit::post(&token, &form)).await.status, 303);
        }
        calls.extend(asked.functions.calls_of(Function::ApprovePage));
        worlds.push(asked);
    }
    (calls, worlds)
}

/// The names of the attributes that an expression of an update names, with those of its key.
fn touched(update: &Value) -> BTreeSet<String> {
    let text = |field: &str| update[field].as_str().unwrap_or_default().to_owned();
    let expression = format!("{} {}", text("UpdateExpression"), text("ConditionExpression"));
    assert!(update["ExpressionAttributeNames"].is_null(), "{update}");
    let words = expression.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let names = words.filter(|word| !word.is_empty() && !word.starts_with(':') && !["SET", "ADD"].contains(word));
    names.map(str::to_owned).chain(update["Key"].as_object().unwrap().keys().cloned()).collect()
}

fn within(names: &BTreeSet<String>, allowed: &[&str], told: &Value) {
    assert!(names.iter().all(|name| allowed.contains(&name.as_str())), "{names:?} are not all of {allowed:?}: {told}");
}

#[tokio::test]
async fn the_role_holds_what_the_page_asks_for_and_nothing_that_it_never_does() {
    let (calls, _) = calls().await;
    let asked: BTreeSet<String> = calls.iter().flat_map(iam_actions).collect();
    let held: BTreeSet<String> = Function::ApprovePage.iam_actions().into_iter().map(|(_, action)| action).collect();
    assert_eq!(asked, held);
}

#[tokio::test]
async fn each_call_stays_within_the_keys_and_attributes_that_the_role_allows() {
    let (calls, worlds) = calls().await;
    let is_ledger = |table: &Value| worlds.iter().any(|asked| table == asked.world.ledger.name());
    let is_audit = |table: &Value| worlds.iter().any(|asked| table == asked.world.audit.name());
    let key = |item: &Value| item["pk"]["S"].as_str().unwrap_or_default().to_owned();
    let begins = |text: &str, with: &[&str]| with.iter().any(|start| text.starts_with(start));
    let readable = ["PROC#", "PERSON#", "PAGE#"];
    let (mut votes, mut updates, mut counts, mut events) = (0, 0, 0, 0);
    for call in &calls {
        let fields = &call.fields;
        match call.name().as_str() {
            "ssm:GetParameter" => assert_eq!(call.text("Name"), Some(LINK_KEYS_PARAMETER), "{call:?}"),
            "dynamodb:GetItem" => {
                assert!(is_ledger(&fields["TableName"]) && begins(&key(&fields["Key"]), &readable), "{call:?}");
            }
            "dynamodb:Query" if is_ledger(&fields["TableName"]) => {
                let pk = fields["ExpressionAttributeValues"][":pk"]["S"].as_str().unwrap();
                assert!(begins(pk, &readable), "{call:?}");
            }
            "dynamodb:Query" => assert!(is_audit(&fields["TableName"]), "{call:?}"),
            "dynamodb:TransactWriteItems" => {
                for part in fields["TransactItems"].as_array().unwrap() {
                    let (operation, part) = part.as_object().unwrap().iter().next().unwrap();
                    let ledger = is_ledger(&part["TableName"]);
                    match operation.as_str() {
                        "ConditionCheck" => assert!(ledger && begins(&key(&part["Key"]), &["LOCK#"]), "{part}"),
                        "Put" if ledger => {
                            assert!(begins(&key(&part["Item"]), &["PROC#"]), "{part}");
                            assert!(part["Item"]["sk"]["S"].as_str().unwrap().starts_with("VOTE#"), "{part}");
                            assert_eq!(part["ConditionExpression"], "attribute_not_exists(pk)", "{part}");
                            within(&part["Item"].as_object().unwrap().keys().cloned().collect(), &OF_A_VOTE, part);
                            votes += 1;
                        }
                        "Put" => {
                            assert!(is_audit(&part["TableName"]), "{part}");
                            assert_eq!(part["ConditionExpression"], "attribute_not_exists(process_id)", "{part}");
                            events += 1;
                        }
                        "Update" if begins(&key(&part["Key"]), &["PAGE#"]) => {
                            assert!(ledger, "{part}");
                            within(&touched(part), &OF_A_COUNT, part);
                            counts += 1;
                        }
                        "Update" => {
                            assert!(ledger && begins(&key(&part["Key"]), &["PROC#"]), "{part}");
                            assert!(part["ConditionExpression"].as_str().unwrap().contains("version ="), "{part}");
                            within(&touched(part), &OF_A_PROCESS, part);
                            updates += 1;
                        }
                        other => panic!("{other}: {part}"),
                    }
                }
            }
            other => panic!("{other}: {call:?}"),
        }
    }
    assert_eq!((votes, updates), (2, 2));
    assert!(counts >= 8 && events >= 6, "{counts} {events}");
}

#[tokio::test]
async fn the_page_knows_no_address_that_wakes_tells_or_changes_anything() {
    let asked = Question::Volume.asked().await;
    let before = asked.world.calls.count();
    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303);
    assert_eq!(asked.answers(Person::Grace, "approve").await.status, 303);
    for call in asked.world.calls.since(before) {
        assert!(["dynamodb", "ssm"].contains(&call.service), "{call:?}");
    }
    let token = asked.world.ledger.item(&asked.pk(), "TOKEN#approval").await.unwrap();
    assert!(!asked.world.tokens.is_woken(token["task_token"].as_str().unwrap()), "that is the vote's own doing");
}
