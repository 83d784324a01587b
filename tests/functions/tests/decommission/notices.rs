//! What people are told: each of those who are asked alone, with links that nobody else has.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sunset_domain::approval::link::{LinkKeys, Purpose};
use sunset_functions_tests::page::now;
use sunset_functions_tests::{
    APPROVERS, Function, LINK_KEYS, LINK_KEYS_PARAMETER, PAGE_URL, Person, Policy, Process, State, World,
};
use sunset_wire::{Fault, When};

use crate::asked::{asked, links, passes, tokens, told_all, told_alone, told_on};
use crate::sound::sound;
use crate::stories::{INSTANCE, SPARE_VOLUME, UNUSED_GROUP};
use crate::untouched;

/// The data of a process's events of one type.
async fn data(world: &World, process: &Process<'_>, name: &str) -> Vec<Value> {
    let mut events = world.audit.items().await;
    events.retain(|event| event["process_id"] == process.id() && event["type"] == name);
    events.sort_by_key(|event| event["seq"].as_u64());
    events.into_iter().map(|mut event| event["data"].take()).collect()
}

/// Nothing on the shared topic opens the page for anybody.
fn nothing_personal_is_shared(world: &World) {
    for (subject, body) in told_all(world) {
        for personal in [PAGE_URL, "?l=", "v1."] {
            assert!(!subject.contains(personal) && !body.contains(personal), "{subject}\n{body}");
        }
    }
}

#[tokio::test]
async fn each_of_those_who_are_asked_has_a_notice_of_their_own_with_links_that_nobody_else_has() {
    for (story, asks) in [(INSTANCE, &Person::KNOWN[..]), (SPARE_VOLUME, &[Person::Grace, Person::Lin])] {
        let world = story.world().await;
        let functions = world.functions();
        let process = asked(&world, &functions, &story).await;
        let record = process.record().await;
        let mut all = BTreeSet::new();
        for person in Person::KNOWN {
            let notices = told_alone(&world, person);
            assert_eq!(notices.len(), usize::from(asks.contains(&person)), "{}: {notices:#?}", person.name());
            let Some((subject, body)) = notices.first() else { continue };
            assert!(subject.contains(story.resource.1), "{subject}");
            assert!(body.contains("Do not forward it") && body.contains("This link is yours alone"), "{body}");
            let decides = story.resource == SPARE_VOLUME.resource;
            assert_eq!(body.contains("It answers once"), decides, "at a high risk it only shows: {body}");
            let tokens = tokens(body);
            assert_eq!(tokens.len(), 2, "{body}");
            assert!(tokens.into_iter().all(|token| all.insert(token)), "somebody else has it too");
            let [decide, waiting] = links(&world, person).try_into().unwrap();
            assert_eq!((decide.purpose, waiting.purpose), (Purpose::Decide, Purpose::Waiting));
            assert_eq!((decide.person.as_str(), waiting.person.as_str()), (person.name(), person.name()));
            assert_eq!(json!(decide.process_id), record["process_id"]);
            assert_eq!(json!(decide.plan_hash), record["plan_hash"]);
            assert_eq!(
                (json!(decide.round), json!(decide.expires_at)),
                (json!(1), record["round"]["deadline"].clone())
            );
            assert_eq!((waiting.process_id, waiting.plan_hash), (None, None));
        }
        nothing_personal_is_shared(&world);
        sound(&world).await;
    }
}

#[tokio::test]
async fn no_notice_of_a_whole_process_holds_a_token_or_is_more_than_sns_takes() {
    for story in [INSTANCE, SPARE_VOLUME, UNUSED_GROUP] {
        let mut account = story.account();
        let name = "\u{202e}\u{7}é\u{1f980}<b>&amp;|`*_".repeat(10);
        for tags in [
            account.instances.get_mut("i-0web").map(|it| &mut it.tags),
            account.volumes.get_mut("vol-0spare").map(|it| &mut it.tags),
            account.security_groups.get_mut("sg-0idle").map(|it| &mut it.tags),
        ] {
            let Some(tags) = tags else { continue };
            tags.insert("Name".into(), name.clone());
            tags.extend((0..40).map(|n| (format!("{n}-{}", "k".repeat(120)), "v".repeat(255))));
        }
        let world = story.world_with(account).await;
        let functions = world.functions();
        let process = Process::live(&world, &functions, story.resource).await;
        let mut process = process.with("reason", "\u{e9}".repeat(1_000));
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        let notices = world.calls.notices();
        assert!(notices.len() > 2);
        for (topic, subject, body) in notices {
            assert!((1..=100).contains(&subject.len()), "{subject}");
            assert!(subject.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{subject:?}");
            assert!(body.len() < 262_144 && body.contains(process.id()), "{} bytes", body.len());
            assert!(!body.contains("token-") && !subject.contains("token-"), "{body}");
            assert!(!body.contains(['\u{202e}', '\u{7}']), "{body}");
            if topic.contains(":sunset-approver-") {
                assert!(body.len() < 8_000, "a personal notice is short: {} bytes", body.len());
                assert!(!tokens(&body).is_empty(), "no link is left of {body}");
            }
        }
        nothing_personal_is_shared(&world);
        sound(&world).await;
    }
}

#[tokio::test]
async fn a_topic_that_fails_is_tried_again_and_the_others_are_told_once() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await.that_nobody_answers();
    process.until(State::RequestApproval).await;
    world.topics.fails(&Person::Grace.topic());
    let event = json!({"schema": 1, "action": "request", "process_id": process.id()});
    for _ in 0..2 {
        let error = functions.invoke(Function::Approve, event.clone()).await.unwrap_err();
        assert_eq!(error.error_type, "Sunset.Transient", "the machine tries it again: {error}");
    }
    let told =
        || (told_all(&world).len(), told_alone(&world, Person::Lin).len(), told_alone(&world, Person::Grace).len());
    assert_eq!(told(), (1, 1, 0));
    world.topics.clear();
    process.until(State::WaitForApproval).await;
    assert_eq!(told(), (1, 1, 1));
    assert_eq!(process.record().await["round"]["number"], 1);
    let notified = data(&world, &process, "APPROVERS_NOTIFIED").await;
    let people: Vec<&Value> = notified.iter().map(|data| &data["people"]).filter(|it| !it.is_null()).collect();
    assert_eq!(people, [&json!(["lin"]), &json!(["grace"])], "{notified:#?}");
    sound(&world).await;
}

#[tokio::test]
async fn who_cannot_be_reached_is_named_to_all_and_in_the_trail_and_the_question_goes_on() {
    let gone = APPROVERS.replace("sns:sunset-approver-grace", "sns:sunset-approver-gone");
    for denied in [false, true] {
        let world = SPARE_VOLUME.world().await.with_approvers(if denied { APPROVERS } else { &gone });
        if denied {
            world.topics.denies(&Person::Grace.topic());
        }
        let functions = world.functions();
        let process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
        let mut process = process.that_nobody_answers().that_is_delivered_twice();
        process.until(State::TallyVotes).await;
        assert_eq!(told_alone(&world, Person::Lin).len(), 1);
        let [_, (subject, body)] = told_all(&world).try_into().unwrap();
        assert!(subject.starts_with("NOT TOLD: 1 "), "{subject}");
        assert!(body.contains("grace: ") && !body.contains("lin: "), "{body}");
        assert!(body.contains("policy/approvers.yaml"), "{body}");
        let notified = data(&world, &process, "APPROVERS_NOTIFIED").await;
        let unreached: Vec<&Value> = notified.iter().flat_map(|data| data["unreached"].as_array()).flatten().collect();
        assert_eq!(unreached.len(), 1, "{notified:#?}");
        assert_eq!(unreached[0]["person"], "grace", "{notified:#?}");
        assert!(functions.logs().contains("NoticesFailed"), "nobody is alarmed: {}", functions.logs());
        nothing_personal_is_shared(&world);
        // Whoever cannot be told may answer all the same.
        for person in [Person::Grace, Person::Lin] {
            assert_eq!(process.votes(person, "approve").await.0, 200);
        }
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        sound(&world).await;
    }
}

#[tokio::test]
async fn who_has_no_channel_hears_of_it_on_the_shared_topic_and_has_no_link() {
    let without = APPROVERS.replace(r#", channels: ["sns:sunset-approver-grace"]"#, "");
    let world = SPARE_VOLUME.world().await.with_approvers(&without);
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    let told: Vec<String> = told_all(&world).into_iter().map(|(subject, _)| subject).collect();
    assert_eq!(told.len(), 1, "they were told with all the others: {told:#?}");
    assert!(told[0].starts_with("Approval needed by"), "{told:#?}");
    passes(&world, &process, 310).await;
    process.until(State::RemindApprovers).await;
    process.until(State::TallyVotes).await;
    let told = told_all(&world);
    assert_eq!(told.len(), 2, "of a reminder only they would not hear: {told:#?}");
    assert!(told[1].1.contains("grace: "), "{}", told[1].1);
    assert_eq!(told_alone(&world, Person::Lin).len(), 2);
    nothing_personal_is_shared(&world);
    sound(&world).await;
}

#[tokio::test]
async fn without_a_key_people_are_told_without_links_and_answer_with_their_credentials() {
    let broken = |world: &World, value: Option<&str>| match value {
        None => drop(world.ec2.account().parameters.remove(LINK_KEYS_PARAMETER)),
        Some(value) => {
            let mut account = world.ec2.account();
            value.clone_into(&mut account.parameters.get_mut(LINK_KEYS_PARAMETER).unwrap().value);
        }
    };
    let secret = LINK_KEYS.replace("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "a-secret-that-is-none");
    for (value, alarms) in [(None, false), (Some("{}"), true), (Some(secret.as_str()), true)] {
        let world = SPARE_VOLUME.world().await;
        broken(&world, value);
        let functions = world.functions();
        let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
        for person in [Person::Grace, Person::Lin] {
            let [(_, body)] = told_alone(&world, person).try_into().unwrap();
            assert_eq!(tokens(&body), [""; 0], "{body}");
            assert!(body.contains("scripts/vote"), "{body}");
            assert_eq!(process.votes(person, "approve").await.0, 200);
        }
        let logs = functions.logs();
        assert!(!logs.contains("a-secret-that-is-none"), "{logs}");
        assert_eq!(logs.contains(r#""NoticesFailed":1"#), alarms, "{logs}");
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        sound(&world).await;
    }
}

#[tokio::test]
async fn keys_that_cannot_be_read_now_are_read_again_before_anybody_is_told_without_a_link() {
    let world = SPARE_VOLUME.world().await;
    world.ec2.faults().add("GetParameter", When::First(5), Fault::InternalError);
    let functions = world.functions();
    let process = asked(&world, &functions, &SPARE_VOLUME).await;
    for person in [Person::Grace, Person::Lin] {
        assert_eq!(links(&world, person).len(), 2);
        assert_eq!(told_alone(&world, person).len(), 1);
    }
    assert_eq!(told_all(&world).len(), 1, "{}", process.story());
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn a_link_is_signed_by_the_newest_key_and_an_older_one_still_verifies() {
    let older = r#"{"id":"old","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","until":"2999-01-01T00:00:00Z"}"#;
    let newer = r#"{"id":"new","secret":"ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"}"#;
    let rotated = format!(r#"{{"schema":1,"keys":[{newer},{older}]}}"#);
    let world = SPARE_VOLUME.world().await;
    rotated.clone_into(&mut world.ec2.account().parameters.get_mut(LINK_KEYS_PARAMETER).unwrap().value);
    let functions = world.functions();
    asked(&world, &functions, &SPARE_VOLUME).await;
    let (_, body) = told_alone(&world, Person::Lin).remove(0);
    let token = tokens(&body).remove(0);
    assert!(token.starts_with("v1.new."), "{token}");
    assert!(LinkKeys::parse(&rotated).unwrap().verify(&token, now()).is_ok());
    assert!(LinkKeys::parse(LINK_KEYS).unwrap().verify(&token, now()).is_err());
}

#[tokio::test]
async fn only_those_whom_it_concerns_are_told_alone_of_what_the_rule_approved() {
    let policy = Policy::brisk().with("NOTICE_SECONDS", 600);
    let world = UNUSED_GROUP.world_under(policy, UNUSED_GROUP.account()).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await.that_is_delivered_twice();
    process.until(State::NoticePeriod).await;
    let told: Vec<usize> = Person::KNOWN.iter().map(|person| told_alone(&world, *person).len()).collect();
    assert_eq!(told, [0, 0, 1, 0], "the owner's people are lin");
    let (subject, body) = told_alone(&world, Person::Lin).remove(0);
    assert!(subject.starts_with("Will be retired unless you object by"), "{subject}");
    let [object, waiting] = links(&world, Person::Lin).try_into().unwrap();
    assert_eq!((object.purpose, waiting.purpose), (Purpose::OptOut, Purpose::Waiting), "{body}");
    assert_eq!(json!(object.expires_at), process.record().await["notice"]["until"]);
    nothing_personal_is_shared(&world);
    assert_eq!(told_on(&world, "sunset-notices").len(), 1);
    sound(&world).await;
}

#[tokio::test]
async fn a_link_stands_in_its_notice_and_nowhere_else() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    passes(&world, &process, 310).await;
    process.until(State::RemindApprovers).await;
    process.until(State::TallyVotes).await;
    let bodies = [Person::Grace, Person::Lin].into_iter().flat_map(|person| told_alone(&world, person));
    let links: Vec<String> = bodies.flat_map(|(_, body)| tokens(&body)).collect();
    assert_eq!(links.len(), 8, "two people, asked and reminded, with two links each");
    let mut kept = world.ledger.items().await;
    kept.extend(world.audit.items().await);
    kept.push(world.aws().object(&format!("processes/{}/plan-0001.md", process.id())).await.into());
    kept.push(functions.logs().into());
    for kept in kept {
        let text = kept.to_string();
        for link in &links {
            let (_, mac) = link.rsplit_once('.').unwrap();
            assert!(!text.contains(link.as_str()) && !text.contains(mac), "{text}");
        }
    }
    // What waits for whom is listed, for their own page.
    for (person, expected) in [("grace", 1), ("lin", 1), ("ada", 0)] {
        let waiting = world.ledger.partition(&format!("PERSON#{person}")).await;
        assert_eq!(waiting.len(), expected, "{waiting:#?}");
    }
    sound(&world).await;
}
