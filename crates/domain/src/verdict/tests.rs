use std::collections::BTreeSet;

use super::fixtures::{complete_evidence, image, now};
use super::*;
use crate::coverage::Coverage;
use crate::evidence::Use;
use crate::filter::{Filter, Pattern, TagPattern};
use crate::ledger::Quarantine;

/// A policy under which an old image that nothing holds goes at once.
fn open() -> Policy {
    Policy { valid_hours: 24, grace_days: 0, keep_newest: 0, min_idle_days: 0, ..Policy::default() }
}

fn decide(image: &Image, policy: &Policy) -> Verdict {
    verdict(image, &complete_evidence(std::slice::from_ref(image)), policy, now())
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons.iter().map(Reason::code).collect()
}

#[test]
fn an_old_image_that_nothing_holds_is_deregistered_and_says_why() {
    let verdict = decide(&image("ami-1").aged_hours(100).image(), &open());
    assert_eq!(verdict.action, Action::Deregister);
    assert_eq!(codes(&verdict), ["expired", "unused"]);
}

#[rstest::rstest]
#[case::the_limit_itself_is_young(24 * 3600, Action::Keep)]
#[case::a_second_more_is_expired(24 * 3600 + 1, Action::Deregister)]
#[case::c158_a_day_and_an_hour(25 * 3600, Action::Deregister)]
#[case::a_minute(60, Action::Keep)]
fn expired_is_strictly_older_than_valid_hours(#[case] seconds: i64, #[case] action: Action) {
    assert_eq!(decide(&image("ami-1").aged_seconds(seconds).image(), &open()).action, action);
}

#[test]
fn ages_agree_with_every_vector_of_the_tutorials_fault() {
    #[derive(serde::Deserialize)]
    struct Vector {
        valid_hours: u32,
        age_hours: f64,
        correct_expired: bool,
    }
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../../tests/vectors/ami_age.json")).unwrap();
    assert_eq!(vectors.len(), 45);
    for vector in vectors {
        #[expect(clippy::cast_possible_truncation)]
        let seconds = (vector.age_hours * 3600.0).round() as i64;
        let policy = Policy { valid_hours: vector.valid_hours, ..open() };
        let action = decide(&image("ami-1").aged_seconds(seconds).image(), &policy).action;
        assert_eq!(
            action == Action::Deregister,
            vector.correct_expired,
            "{} of {}",
            vector.age_hours,
            vector.valid_hours
        );
    }
}

#[test]
fn an_image_without_a_readable_or_with_a_future_creation_date_stays() {
    let mut dateless = image("ami-1").image();
    dateless.created_at = None;
    assert_eq!(codes(&decide(&dateless, &open())), ["no_creation_date"]);
    assert_eq!(codes(&decide(&image("ami-1").aged_hours(-5).image(), &open())), ["created_in_the_future"]);
}

#[test]
fn with_grace_an_image_is_disabled_first_and_deregistered_when_its_grace_is_over() {
    let policy = Policy { grace_days: 7, ..open() };
    assert_eq!(decide(&image("ami-1").image(), &policy).action, Action::Disable);
    let disabled = image("ami-1").in_state("disabled").image();
    let mut evidence = complete_evidence(std::slice::from_ref(&disabled));
    let disabled_days_ago = |days: i64| {
        Some(Quarantine {
            status: ImageStatus::Disabled,
            disabled_at: Some(Timestamp::from_unix_seconds(now().unix_seconds() - days * 86_400)),
            deregistered_at: None,
            owner_told: true,
        })
    };
    for (days, action, code) in
        [(6, Action::Keep, "in_grace"), (7, Action::Deregister, "grace_over"), (400, Action::Deregister, "grace_over")]
    {
        evidence.quarantines.insert(disabled.id.clone(), disabled_days_ago(days));
        let verdict = verdict(&disabled, &evidence, &policy, now());
        assert_eq!(verdict.action, action, "{days}");
        assert!(codes(&verdict).contains(&code));
    }
}

fn only(status: ImageStatus) -> Quarantine {
    Quarantine { status, disabled_at: None, deregistered_at: None, owner_told: false }
}

#[test]
fn a_grace_that_the_owner_was_not_told_of_is_no_grace_that_is_over() {
    let policy = Policy { grace_days: 7, ..open() };
    let disabled = image("ami-1").in_state("disabled").image();
    let mut evidence = complete_evidence(std::slice::from_ref(&disabled));
    let long_ago = Timestamp::from_unix_seconds(now().unix_seconds() - 400 * 86_400);
    for disabled_at in [now(), long_ago] {
        let untold = Quarantine { disabled_at: Some(disabled_at), ..only(ImageStatus::Disabled) };
        evidence.quarantines.insert(disabled.id.clone(), Some(untold));
        assert_eq!(verdict(&disabled, &evidence, &policy, now()).action, Action::Disable);
        assert_eq!(
            verdict(&disabled, &evidence, &open(), now()).action,
            Action::Deregister,
            "no grace, nobody to tell"
        );
    }
}

#[test]
fn an_image_that_is_half_brought_back_stays_in_either_state() {
    for state in ["available", "disabled"] {
        let image = image("ami-1").in_state(state).image();
        let mut evidence = complete_evidence(std::slice::from_ref(&image));
        let begun = Quarantine { disabled_at: Some(now()), owner_told: true, ..only(ImageStatus::Restoring) };
        evidence.quarantines.insert(image.id.clone(), Some(begun));
        assert_eq!(codes(&verdict(&image, &evidence, &open(), now().plus_days(400))), ["restoring"], "{state}");
    }
}

#[test]
fn what_is_held_anyway_is_not_said_to_wait_for_an_answer() {
    let held = image("ami-1").tag("sunset:keep", "").image();
    let mut evidence = complete_evidence(std::slice::from_ref(&held));
    evidence.quarantines.clear();
    evidence.launch_permissions.clear();
    let verdict = verdict(&held, &evidence, &open(), now());
    assert_eq!(codes(&verdict), ["opted_out"]);
    assert!(!verdict.is_blocked());
}

#[test]
fn the_tag_that_shows_the_disabling_decides_nothing() {
    let policy = Policy { grace_days: 7, ..open() };
    let tagged = image("ami-1").in_state("disabled").tag("sunset:disabled-at", "2020-01-01T00:00:00Z").image();
    assert_eq!(decide(&tagged, &policy).action, Action::Disable);
}

#[test]
fn an_image_that_somebody_enabled_again_or_brought_back_stays() {
    let available = image("ami-1").image();
    let mut evidence = complete_evidence(std::slice::from_ref(&available));
    for (status, code) in [(ImageStatus::Disabled, "enabled_again"), (ImageStatus::Deregistered, "brought_back")] {
        let record = Quarantine { disabled_at: Some(now()), deregistered_at: Some(now()), ..only(status) };
        evidence.quarantines.insert(available.id.clone(), Some(record));
        assert_eq!(codes(&verdict(&available, &evidence, &open(), now())), [code]);
    }
    evidence.quarantines.insert(available.id.clone(), Some(only(ImageStatus::Restored)));
    assert_eq!(verdict(&available, &evidence, &open(), now()).action, Action::Deregister);
}

#[test]
fn an_image_that_an_interrupted_run_was_about_to_disable_is_as_due_as_before() {
    let available = image("ami-1").image();
    let mut evidence = complete_evidence(std::slice::from_ref(&available));
    evidence.quarantines.insert(available.id.clone(), Some(only(ImageStatus::Disabling)));
    let policy = Policy { grace_days: 7, ..open() };
    assert_eq!(verdict(&available, &evidence, &policy, now()).action, Action::Disable);
    let disabled = image("ami-1").in_state("disabled").image();
    assert_eq!(verdict(&disabled, &evidence, &policy, now()).action, Action::Disable);
}

#[test]
fn the_newest_of_a_family_stay_and_the_older_ones_go() {
    let images: Vec<Image> = (1..=4)
        .map(|n| image(&format!("ami-{n}")).named(&format!("web-{n}")).aged_hours(1000 - n * 100).image())
        .collect();
    let evidence = complete_evidence(&images);
    let policy = Policy { keep_newest: 3, ..open() };
    let actions: Vec<Action> = images.iter().map(|image| verdict(image, &evidence, &policy, now()).action).collect();
    assert_eq!(actions, [Action::Deregister, Action::Keep, Action::Keep, Action::Keep]);
    let kept = verdict(&images[1], &evidence, &policy, now());
    assert_eq!(kept.reasons[0].to_string(), "number 3 of family web, of which the newest 3 stay");
}

#[test]
fn an_image_whose_place_is_unknown_counts_as_the_newest() {
    let image = image("ami-1").image();
    let mut evidence = complete_evidence(std::slice::from_ref(&image));
    evidence.places.clear();
    let policy = Policy { keep_newest: 1, ..open() };
    assert_eq!(codes(&verdict(&image, &evidence, &policy, now())), ["newest_of_family"]);
}

#[test]
fn an_image_launched_within_the_idle_days_stays_and_one_never_launched_is_no_evidence_of_anything() {
    let policy = Policy { min_idle_days: 30, ..open() };
    assert_eq!(codes(&decide(&image("ami-1").launched_days_ago(29).image(), &policy)), ["recently_launched"]);
    assert_eq!(decide(&image("ami-1").launched_days_ago(30).image(), &policy).action, Action::Deregister);
    assert_eq!(decide(&image("ami-1").image(), &policy).action, Action::Deregister);
}

#[test]
fn filters_include_and_exclude_by_name_and_tag() {
    let include = Filter { names: vec![Pattern::parse("web-*").unwrap()], tags: vec![] };
    let exclude = Filter { names: vec![], tags: vec![TagPattern::parse("env=prod").unwrap()] };
    let policy = Policy { include: vec![include], exclude: vec![exclude], ..open() };
    assert_eq!(decide(&image("ami-1").named("web-1").image(), &policy).action, Action::Deregister);
    assert_eq!(
        codes(&decide(&image("ami-1").named("api-1").tag("env", "prod").image(), &policy)),
        ["not_included", "excluded"]
    );
}

#[test]
fn a_shared_image_stays_unless_the_policy_allows_it_and_one_for_everybody_always_stays() {
    let image = image("ami-1").image();
    let mut evidence = complete_evidence(std::slice::from_ref(&image));
    evidence.launch_permissions.insert(image.id.clone(), vec![LaunchPermission::Account("999999999999".into())]);
    assert_eq!(verdict(&image, &evidence, &open(), now()).reasons[0].to_string(), "shared with account 999999999999");
    let allowing = Policy { allow_shared: true, ..open() };
    assert_eq!(verdict(&image, &evidence, &allowing, now()).action, Action::Deregister);
    evidence.launch_permissions.insert(image.id.clone(), vec![LaunchPermission::Everybody]);
    assert_eq!(codes(&verdict(&image, &evidence, &allowing, now())), ["public"]);
}

#[test]
fn each_required_source_that_is_missing_or_incomplete_holds_every_image_and_is_named() {
    let image = image("ami-1").image();
    for source in Source::REQUIRED {
        for coverage in [
            None,
            Some(Coverage::Denied { detail: "d".into() }),
            Some(Coverage::Failed { detail: "f".into() }),
            Some(Coverage::Truncated { items: 5, detail: "t".into() }),
            Some(Coverage::Implausible { items: 0, last_complete_items: 50 }),
        ] {
            let mut evidence = complete_evidence(std::slice::from_ref(&image));
            evidence.coverages.remove(&source);
            evidence.coverages.extend(coverage.clone().map(|coverage| (source, coverage)));
            let verdict = verdict(&image, &evidence, &open(), now());
            assert_eq!(verdict.reasons, [Reason::Unread { source, coverage }]);
            assert!(verdict.is_blocked() && !verdict.awaits_reading());
        }
    }
}

#[test]
fn what_is_asked_image_by_image_blocks_until_it_is_answered() {
    let image = image("ami-1").image();
    let policy = Policy { second_opinion: true, ..open() };
    let mut evidence = complete_evidence(std::slice::from_ref(&image));
    evidence.quarantines.clear();
    evidence.launch_permissions.clear();
    evidence.second_opinions = BTreeSet::new();
    let waiting = verdict(&image, &evidence, &policy, now());
    assert_eq!(codes(&waiting), ["unread", "unread", "unread"]);
    assert!(waiting.awaits_reading());
    evidence.add_use(image.id.clone(), Use::Fleet { id: "fleet-1".into() });
    assert!(!verdict(&image, &evidence, &policy, now()).awaits_reading());
}

#[test]
fn a_state_that_is_neither_available_nor_disabled_holds_an_image() {
    for state in ["pending", "failed", "invalid", "transient", "error", "deregistered", "something-new"] {
        assert_eq!(codes(&decide(&image("ami-1").in_state(state).image(), &open())), ["state"], "{state}");
    }
}

#[test]
fn all_reasons_are_given_and_not_only_the_first() {
    let held = image("ami-1").aged_hours(1).tag("sunset:keep", "").launched_days_ago(1).image();
    let mut evidence = complete_evidence(std::slice::from_ref(&held));
    evidence.add_use(held.id.clone(), Use::SsmParameter { name: "/golden".into() });
    let policy = Policy { min_idle_days: 30, keep_newest: 1, ..open() };
    assert_eq!(
        codes(&verdict(&held, &evidence, &policy, now())),
        ["opted_out", "in_use", "newest_of_family", "recently_launched", "too_young"]
    );
}
