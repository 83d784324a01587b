//! Links that are signed as they should be, and are used up, of somebody else, about something else, or over.

use sunset_domain::approval::link::Link;
use sunset_domain::ids::{PlanHash, ProcessId};
use sunset_domain::time::Timestamp;
use sunset_functions_tests::page::{Visit, now, sign};
use sunset_functions_tests::{APPROVERS, Person};

use crate::asked::{Asked, Question};
use crate::refused::address;

/// A link gets the answer of one that nobody signed, to GET, HEAD and POST.
async fn does_not_work(asked: &Asked, link: &Link, kind: &str) {
    let page = asked.dead_link_page().await;
    let token = sign(link);
    let form = asked.unseen_form(&token, "reject").await;
    assert_eq!(asked.does_not_work(Visit::get(&token), kind).await, page, "{link:?}");
    assert_eq!(asked.does_not_work(Visit::post(&token, &form), kind).await, page, "{link:?}");
    let head = asked.does_not_work(Visit::head(&token), kind).await;
    assert_eq!((head.headers, head.html.as_str()), (page.headers, ""), "{link:?}");
}

#[tokio::test]
async fn a_link_answers_once() {
    let asked = Question::Volume.asked().await;
    let link = asked.link(Person::Lin).await;
    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303);
    does_not_work(&asked, &link, "used").await;
    // A second link for the same answer, signed later, is as used as the first.
    does_not_work(&asked, &Link { expires_at: link.expires_at.plus_seconds(60), ..link }, "used").await;
    assert_eq!(asked.votes().await.len(), 1);

    let objected = Question::ByRule.asked().await;
    let link = objected.link(Person::Ada).await;
    assert_eq!(objected.answers(Person::Ada, "reject").await.status, 303);
    does_not_work(&objected, &link, "used").await;
}

#[tokio::test]
async fn the_same_form_sent_twice_counts_once() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await;
    assert_eq!(asked.visit(Visit::post(&token, &form)).await.status, 303);
    let page = asked.dead_link_page().await;
    assert_eq!(asked.does_not_work(Visit::post(&token, &form), "used").await, page);
    assert_eq!(asked.does_not_work(Visit::post(&token, &form.but("answer", "reject")), "used").await, page);
}

#[tokio::test]
async fn a_link_of_somebody_who_is_not_asked_does_not_work() {
    let asked = Question::Volume.asked().await;
    assert!(!asked.people().await.contains(&Person::Kay));
    for person in [Person::Kay, Person::Mallory] {
        does_not_work(&asked, &asked.link(person).await, "foreign").await;
    }
    // Of somebody whom nobody knows not even what only shows something works.
    let id = asked.record().await.process_id;
    does_not_work(&asked, &Link::timeline("mallory", &id, now().plus_days(1)), "foreign").await;
    does_not_work(&asked, &Link::waiting("mallory", now().plus_days(1)), "foreign").await;
}

#[tokio::test]
async fn a_link_of_somebody_whom_the_policy_file_no_longer_names_does_not_work() {
    let without_lin = APPROVERS
        .replace("  lin: { identities: [\"role/ops\"], channels: [\"sns:sunset-approver-lin\"] }\n", "")
        .replace("[ada, lin]", "[ada]")
        .replace("[kay, lin]", "[kay]")
        .replace("[lin, grace]", "[grace]")
        .replace("[lin]", "[grace]");
    assert!(!without_lin.contains("lin"), "{without_lin}");
    for question in [Question::Volume, Question::ByRule] {
        let asked = question.asked_before(&without_lin).await;
        does_not_work(&asked, &asked.link(Person::Lin).await, "foreign").await;
        let id = asked.record().await.process_id;
        does_not_work(&asked, &Link::timeline("lin", &id, now().plus_days(1)), "foreign").await;
        does_not_work(&asked, &Link::waiting("lin", now().plus_days(1)), "foreign").await;
        assert_eq!(asked.visit(Visit::get(&asked.token(Person::Grace).await)).await.status, 200);
    }
}

#[tokio::test]
async fn a_link_of_the_initiator_does_not_approve() {
    // Nobody asks the initiator; should they be asked all the same, their link is nobody's.
    let asked = Question::Volume.asked().await;
    asked.world.ledger.set(&asked.pk(), "META", "initiator", "sso/grace@example.com".into()).await;
    does_not_work(&asked, &asked.link(Person::Grace).await, "foreign").await;
    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303);
}

#[tokio::test]
async fn a_link_about_another_process_round_or_plan_does_not_work() {
    let asked = Question::Volume.asked().await;
    let right = asked.link(Person::Lin).await;
    let plan = right.plan_hash.clone().unwrap();
    let other_plan = PlanHash::parse(&"0".repeat(64)).unwrap();
    let other_process = ProcessId::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV").unwrap();
    let until = right.expires_at;
    let id = right.process_id.clone().unwrap();
    for (link, kind) in [
        (Link::decide("lin", &other_process, 1, &plan, until), "foreign"),
        (Link::timeline("lin", &other_process, until), "foreign"),
        (Link::decide("lin", &id, 2, &plan, until), "changed_plan"),
        (Link::decide("lin", &id, 1, &other_plan, until), "changed_plan"),
        (Link::opt_out("lin", &id, &plan, until), "changed_plan"),
    ] {
        does_not_work(&asked, &link, kind).await;
    }

    let by_rule = Question::ByRule.asked().await;
    let right = by_rule.link(Person::Lin).await;
    let (id, plan) = (right.process_id.clone().unwrap(), right.plan_hash.clone().unwrap());
    for (link, kind) in [
        (Link::decide("lin", &id, 1, &plan, right.expires_at), "changed_plan"),
        (Link::opt_out("lin", &id, &other_plan, right.expires_at), "changed_plan"),
    ] {
        does_not_work(&by_rule, &link, kind).await;
    }
}

#[tokio::test]
async fn a_link_of_an_earlier_round_does_not_work_in_a_later_one() {
    let asked = Question::Volume.asked().await;
    let old = asked.link(Person::Lin).await;
    let mut round = asked.stored().await["round"].clone();
    round["number"] = 2.into();
    round["plan_hash"] = "1".repeat(64).into();
    asked.world.ledger.set(&asked.pk(), "META", "round", round).await;
    does_not_work(&asked, &old, "changed_plan").await;
    let new = asked.token(Person::Lin).await;
    assert_eq!(asked.visit(Visit::get(&new)).await.status, 200);
}

#[tokio::test]
async fn what_only_shows_something_answers_nothing() {
    let asked = Question::Volume.asked().await;
    let id = asked.record().await.process_id;
    let page = asked.dead_link_page().await;
    for link in [Link::timeline("lin", &id, now().plus_days(1)), Link::waiting("lin", now().plus_days(1))] {
        let token = sign(&link);
        assert_eq!(asked.visit(Visit::get(&token)).await.status, 200);
        assert_eq!(
            asked.does_not_work(Visit::post(&token, &asked.unseen_form(&token, "reject").await), "foreign").await,
            page
        );
    }
}

#[tokio::test]
async fn a_link_whose_time_is_over_says_so_to_whoever_has_it_and_answers_nothing() {
    for question in [Question::Volume, Question::ByRule] {
        let asked = question.asked().await;
        let right = asked.link(Person::Lin).await;
        let id = right.process_id.clone().unwrap();
        let over = Timestamp::from_unix_seconds(now().unix_seconds() - 5);
        for link in
            [Link { expires_at: over, ..right.clone() }, Link::timeline("lin", &id, over), Link::waiting("lin", over)]
        {
            let token = sign(&link);
            for visit in [Visit::get(&token), Visit::post(&token, &asked.unseen_form(&token, "reject").await)] {
                let (shown, line) = asked.is_refused_with(visit, 410, "expired").await;
                assert!(shown.html.contains(&over.to_string()), "{}", shown.html);
                assert!(!shown.html.contains("vol-0spare"), "{}", shown.html);
                assert_eq!(line["person"], "lin");
            }
            let (head, _) = asked.is_refused_with(Visit::head(&token), 410, "expired").await;
            assert_eq!(head.html, "");
        }
        assert_eq!(asked.visit(Visit::get(&sign(&right)).from(&address(1))).await.status, 200);
    }
}

#[tokio::test]
async fn what_is_refused_of_a_signed_link_is_written_down_with_its_person_and_process() {
    let asked = Question::Volume.asked().await;
    let token = sign(&asked.link(Person::Kay).await);
    let (_, line) = asked.is_refused_with(Visit::get(&token).from("203.0.113.99"), 404, "foreign").await;
    assert_eq!(line["person"], "kay");
    assert_eq!(line["link_process_id"], asked.id.as_str());
    assert_eq!(line["purpose"], "decide");
    assert_eq!(line["source"], "203.0.113.99");
    assert!(line["process_id"].as_str().unwrap().starts_with("approve-page#20"), "{line}");
}
