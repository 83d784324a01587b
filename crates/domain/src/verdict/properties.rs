//! What holds for any inventory, evidence and policy.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

use super::fixtures::{ACCOUNT, complete_evidence, image, now};
use super::*;
use crate::coverage::Coverage;
use crate::evidence::Use;
use crate::family::places;
use crate::filter::{Filter, Pattern};
use crate::ids::AccountId;
use crate::ledger::Quarantine;

fn uses() -> impl Strategy<Value = Use> {
    prop_oneof![
        Just(Use::Instance { id: "i-1".into(), state: "stopped".into() }),
        Just(Use::LaunchTemplate { id: "lt-1".into(), name: "web".into(), version: 3 }),
        Just(Use::AutoScalingGroup { name: "web".into() }),
        Just(Use::LaunchConfiguration { name: "web".into() }),
        Just(Use::SpotInstanceRequest { id: "sir-1".into() }),
        Just(Use::SpotFleetRequest { id: "sfr-1".into() }),
        Just(Use::Fleet { id: "fleet-1".into() }),
        Just(Use::SsmParameter { name: "/golden".into() }),
        Just(Use::Reference { resource_type: "ec2:Instance".into(), arn: "arn:x".into() }),
    ]
}

fn failed_coverage() -> impl Strategy<Value = Option<Coverage>> {
    prop_oneof![
        Just(None),
        Just(Some(Coverage::Denied { detail: "no".into() })),
        Just(Some(Coverage::Failed { detail: "timeout".into() })),
        Just(Some(Coverage::Truncated { items: 3, detail: "page 2".into() })),
        Just(Some(Coverage::Implausible { items: 0, last_complete_items: 90 })),
    ]
}

fn protecting_tag() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        Just(("sunset:keep", "")),
        Just(("sunset:keep", "false")),
        Just(("aws:backup:source-resource", "x")),
        Just(("aws:dlm:lifecycle-policy-id", "x")),
        Just(("dlm:managed", "true")),
        Just(("aws:cloudformation:stack-name", "x")),
        Just(("sunset:process", "p")),
    ]
}

fn images() -> impl Strategy<Value = Vec<Image>> {
    let one = (
        prop_oneof![3 => Just("available"), 2 => Just("disabled"), 1 => Just("pending"), 1 => Just("deregistered")],
        prop_oneof![4 => (0i64..10_000).prop_map(Some), 1 => Just(None)],
        prop_oneof![Just("web"), Just("api"), Just("")],
        prop_oneof![3 => Just(None), 1 => (0i64..60).prop_map(Some)],
        any::<(bool, bool, bool, bool, bool)>(),
        prop_oneof![3 => Just(None), 1 => protecting_tag().prop_map(Some)],
    );
    vec(one, 1..12).prop_map(|specs| {
        specs
            .into_iter()
            .enumerate()
            .map(|(n, (state, age, family, launched, (a, b, public, protected, foreign), tag))| {
                let mut built = image(&format!("ami-{n}")).named(&format!("{family}-{n}")).in_state(state);
                if let Some((key, value)) = tag {
                    built = built.tag(key, value);
                }
                let mut built = age.map_or(built.clone(), |hours| built.aged_hours(hours)).image();
                if age.is_none() {
                    built.created_at = None;
                }
                built.last_launched_at =
                    launched.map(|days| Timestamp::from_unix_seconds(now().unix_seconds() - days * 86_400));
                built.public = public && a && b;
                built.deregistration_protection = (protected && a && b).then(|| "enabled".into());
                if foreign && a && b {
                    built.owner_id = AccountId::parse("999999999999").ok();
                }
                built
            })
            .collect()
    })
}

fn policies() -> impl Strategy<Value = Policy> {
    (0u32..4000, 0u32..10, 0u32..4, 0u32..40, any::<(bool, bool, bool)>()).prop_map(
        |(valid_hours, grace_days, keep_newest, min_idle_days, (allow_shared, second_opinion, excluding))| Policy {
            valid_hours,
            grace_days,
            keep_newest,
            min_idle_days,
            allow_shared,
            second_opinion,
            exclude: if excluding {
                vec![Filter { names: vec![Pattern::parse("api-*").unwrap()], tags: vec![] }]
            } else {
                vec![]
            },
            ..Policy::default()
        },
    )
}

fn quarantines() -> impl Strategy<Value = Option<Quarantine>> {
    prop_oneof![
        2 => Just(None),
        1 => (0i64..20, any::<bool>()).prop_map(|(days, owner_told)| Some(Quarantine {
            status: ImageStatus::Disabled,
            disabled_at: Some(Timestamp::from_unix_seconds(now().unix_seconds() - days * 86_400)),
            deregistered_at: None,
            owner_told,
        })),
        1 => prop_oneof![
            Just(ImageStatus::Restored),
            Just(ImageStatus::Restoring),
            Just(ImageStatus::Disabling),
            Just(ImageStatus::Deregistering),
        ]
        .prop_map(|status| Some(Quarantine { status, disabled_at: None, deregistered_at: None, owner_told: false })),
    ]
}

/// An inventory with evidence of every kind and quality.
fn inventories() -> impl Strategy<Value = (Vec<Image>, Evidence)> {
    images().prop_flat_map(|images| {
        let count = images.len();
        (
            Just(images),
            btree_map(0..count, btree_set(uses(), 1..3), 0..=count / 2),
            vec(quarantines(), count),
            prop_oneof![3 => Just(None), 1 => (0usize..9, failed_coverage()).prop_map(Some)],
            btree_map(0..count, any::<bool>(), 0..=count / 2),
        )
            .prop_map(|(images, uses, quarantines, failed, shared)| {
                let mut evidence = complete_evidence(&images);
                for (at, by) in uses {
                    evidence.uses.insert(images[at].id.clone(), by);
                }
                for (image, quarantine) in images.iter().zip(quarantines) {
                    evidence.quarantines.insert(image.id.clone(), quarantine);
                }
                if let Some((at, coverage)) = failed {
                    fail(&mut evidence, Source::REQUIRED[at], coverage);
                }
                for (at, unread) in shared {
                    if unread {
                        evidence.launch_permissions.remove(&images[at].id);
                    } else {
                        let with = vec![LaunchPermission::Account("999999999999".into())];
                        evidence.launch_permissions.insert(images[at].id.clone(), with);
                    }
                }
                (images, evidence)
            })
    })
}

fn fail(evidence: &mut Evidence, source: Source, coverage: Option<Coverage>) {
    match coverage {
        Some(coverage) => evidence.coverages.insert(source, coverage),
        None => evidence.coverages.remove(&source),
    };
}

fn kept(images: &[Image], evidence: &Evidence, policy: &Policy) -> Vec<bool> {
    images.iter().map(|image| verdict(image, evidence, policy, now()).action == Action::Keep).collect()
}

/// No image that stayed before goes now.
fn nothing_leaves_keep(before: &[bool], after: &[bool]) -> bool {
    before.iter().zip(after).all(|(before, after)| !before || *after)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_chosen_is_unused_expired_free_idle_and_fully_read((images, evidence) in inventories(), policy in policies()) {
        for image in &images {
            let verdict = verdict(image, &evidence, &policy, now());
            prop_assert!(!verdict.reasons.is_empty());
            if verdict.action == Action::Keep {
                continue;
            }
            prop_assert!(evidence.uses.get(&image.id).is_none_or(|by| by.is_empty()));
            prop_assert!(Source::REQUIRED.iter().all(|source| evidence.coverages.get(source).is_some_and(Coverage::is_complete)));
            let age = now().seconds_since(image.created_at.unwrap());
            prop_assert!(age > i64::from(policy.valid_hours) * 3600);
            prop_assert!(image.owner_id.as_ref().is_some_and(|owner| owner.as_str() == ACCOUNT));
            prop_assert!(!image.public && image.deregistration_protection.is_none());
            prop_assert!(image.tags.is_empty());
            prop_assert!(evidence.launch_permissions.get(&image.id).is_some_and(|with| policy.allow_shared || with.is_empty()));
            prop_assert!(image.last_launched_at.is_none_or(|at| now().seconds_since(at) >= i64::from(policy.min_idle_days) * 86_400));
            prop_assert!(!policy.exclude.iter().any(|filter| filter.excludes(image).is_some()));
            prop_assert!(evidence.places[&image.id].newer_available >= policy.keep_newest);
            if image.state == ImageState::Available && policy.grace_days > 0 {
                prop_assert_eq!(verdict.action, Action::Disable);
            }
        }
    }

    #[test]
    fn adding_a_use_a_tag_or_a_failed_source_never_moves_an_image_away_from_keep(
        (images, evidence) in inventories(),
        policy in policies(),
        at in any::<prop::sample::Index>(),
        by in uses(),
        (key, value) in protecting_tag(),
        failed in (0usize..9, failed_coverage()),
    ) {
        let before = kept(&images, &evidence, &policy);
        let target = at.index(images.len());

        let mut more = evidence.clone();
        more.add_use(images[target].id.clone(), by);
        let after = kept(&images, &more, &policy);
        prop_assert!(nothing_leaves_keep(&before, &after) && after[target]);

        let mut tagged = images.clone();
        tagged[target].tags.insert(key, value);
        let after = kept(&tagged, &evidence, &policy);
        prop_assert!(nothing_leaves_keep(&before, &after) && after[target]);

        let mut less = evidence.clone();
        fail(&mut less, Source::REQUIRED[failed.0], failed.1);
        let after = kept(&images, &less, &policy);
        prop_assert!(after.iter().all(|kept| *kept));
    }

    #[test]
    fn forgetting_what_was_asked_about_an_image_never_moves_it_away_from_keep((images, evidence) in inventories(), policy in policies()) {
        let before = kept(&images, &evidence, &policy);
        for image in &images {
            let mut less = evidence.clone();
            less.launch_permissions.remove(&image.id);
            prop_assert!(nothing_leaves_keep(&before, &kept(&images, &less, &policy)));
            let mut less = evidence.clone();
            less.quarantines.remove(&image.id);
            prop_assert!(nothing_leaves_keep(&before, &kept(&images, &less, &policy)));
        }
    }

    #[test]
    fn deciding_twice_and_in_any_order_is_the_same((images, evidence) in inventories(), policy in policies()) {
        let mut reversed = images.clone();
        reversed.reverse();
        prop_assert_eq!(places(&images), places(&reversed));
        for image in &images {
            prop_assert_eq!(verdict(image, &evidence, &policy, now()), verdict(image, &evidence, &policy, now()));
        }
    }

    #[test]
    fn a_tighter_policy_never_moves_an_image_away_from_keep((images, evidence) in inventories(), policy in policies(), more in (0u32..500, 0u32..3, 0u32..20)) {
        let before = kept(&images, &evidence, &policy);
        let tighter = Policy {
            valid_hours: policy.valid_hours + more.0,
            keep_newest: policy.keep_newest + more.1,
            min_idle_days: policy.min_idle_days + more.2,
            allow_shared: false,
            ..policy
        };
        prop_assert!(nothing_leaves_keep(&before, &kept(&images, &evidence, &tighter)));
    }
}
