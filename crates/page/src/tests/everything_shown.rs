//! What an approver must find on the page before they answer.

use sunset_domain::process::report::dollars;
use sunset_domain::runbook::action::{Action, Effect};

use super::{all, amiss, lines, main_text, parsed, text};
use crate::fixtures::Material;
use crate::{Timeline, approval, timeline};

#[test]
fn an_approver_reads_what_will_happen_why_it_is_a_risk_and_who_decides() {
    insta::assert_snapshot!(lines(all(&parsed(&approval(&Material::asked().open())), "main")[0]), @r#"
    Your answer is needed
    Retire EBSVolume vol-0123456789abcdef0 "web-data"?
    5 steps come first, and none of them is final. Then it is left alone for 7 days. Never to be taken back: Deletes volume vol-0123456789abcdef0.
    Answer before
    Mon 23 Nov 2026, 09:00 UTC (in 2 days)
    Risk
    ●●●○ high risk Why it is high
    Cannot be taken back
    1 of 7 steps
    Saves
    $15.00 a month, $40.00 once its backups are gone
    Why
    "nothing has used it since spring"
    Started by
    "carol", proved by AWS, Fri 20 Nov 2026, 08:55 UTC (65 minutes ago)
    Owner
    team-web
    Environment
    production
    Account
    123456789012
    Its tags
    environment
    production
    owner
    team-web
    project
    web
    Go to your answer
    Why the risk is high
    ●●●○ high risk, with 6 points by profile v2, as seen Fri 20 Nov 2026, 08:55 UTC.
    +3 its environment is production
    +2 data goes with it
    +1 billing depends on it
    Never below
    medium: production is never below medium
    Every source was read completely.
    What depends on it
    i-0fedcba9876543210 (instance) is attached to it at /dev/sdf: it can do without
    billing (service) reads its files: it needs it, or nobody knows
    Last sign of life: was attached Thu 2 Apr 2026, 07:15 UTC.
    What to do first
    Ask the people of billing whether they still read its files.
    What will happen, step by step
    First: what can be taken back
    1 Stores what EBSVolume vol-0123456789abcdef0 is made of, for the way back.
    Only adds something. Done when the ledger holds the assessment of this fingerprint, with the whole configuration.
    2 Tags EBSVolume vol-0123456789abcdef0 as this process's own, for everybody to see that it is on its way out.
    Only adds something. Done when its tag sunset:process names this process.
    3 Detaches volume vol-0123456789abcdef0 from instance i-0fedcba9876543210 at /dev/sdf.
    ↩ Can be taken back until step 7, which comes after 7 days of rest at the earliest. Done when it has no attachment to i-0fedcba9876543210.
    Lost even so: instance i-0fedcba9876543210 gets errors where it still uses it; what it has not yet written to it is lost.
    Not brought back: its mount within i-0fedcba9876543210, and its DeleteOnTermination, which was true: attached again, it outlives the instance.
    4 Makes a snapshot of volume vol-0123456789abcdef0, and keeps it for 90 days.
    Only adds something. Done when the snapshot's state is completed.
    5 Holds the snapshot against volume vol-0123456789abcdef0.
    Only adds something. Done when the snapshot is of this volume, of its 500 GiB, and encrypted under the same key.
    Then: nothing, so that everybody can notice
    6 Leaves it alone for 7 days: the volume is attached to nothing, and can be attached again.
    Changes nothing. Whoever ends it early has everything put back. Done when 7 days have passed since it began, and nobody ended it early.
    ▼ From here on there is no way back ▼
    Last: what cannot be taken back
    7 Deletes volume vol-0123456789abcdef0.
    ⚠ Cannot be taken back.
    To have it again: Make a volume (gp3, 500 GiB, 3000 IOPS, encrypted under the account's default key) from the snapshot that create-snapshot gives in eu-central-1a. It has all data, but another id.
    Done when EC2 does not know it any more.
    In all it takes about 8 days, and longer where a change window has to open first. Backups are kept for 90 days.
    What it saves
    Dollars a month. An estimate at the public prices of us-east-1, never a bill.
    What
    A month
    500 GiB of gp3
    $40.00
    a snapshot of at most 500 GiB, kept for 90 days
    -$25.00
    Saved while the backups are kept
    $15.00
    Saved after that
    $40.00
    What you attest by approving
    Confirm business justification for decommissioning: the reason given justifies that the resource goes
    Schedule decommissioning window: the time is fit: its reversible steps follow the approval, and the irreversible ones begin only in a change window
    Identify data retention requirements: it is known how long what the resource holds has to be kept
    Confirm compliance with retention policies: the time that backups are kept satisfies every policy that applies
    Plan for dependency migration or updates: every dependent has somewhere to go, or may fail
    Test dependency changes in non-production: what the dependents change to was tried where it does no harm
    Who decides
    Not decided yet. Missing: infrastructure-manager needs 1 more of margaret; 1 of at least 2 people have approved. Answers count until Mon 23 Nov 2026, 09:00 UTC (in 2 days).
    owner team-web
    Asked because team-web owns it. 1 of 2 must approve.
    ada (you): no answer yet
    grace, standing in for linus: ✓ approved, Fri 20 Nov 2026, 09:30 UTC: "the team agreed on it"
    infrastructure-manager
    Asked because the risk is high. 1 of 1 must approve.
    margaret: no answer yet
    In all at least 2 different people must approve. One no ends it. Whoever started it never approves.
    Who is asked later
    barbara for infrastructure-manager, if it is not decided by Sun 22 Nov 2026, 15:00 UTC
    What your answer is bound to
    An answer counts for this plan and no other. If the plan changes, people are asked again.
    Plan
    number 1, made Fri 20 Nov 2026, 08:57 UTC
    Plan hash
    6e78e23b0a28980468482b9968948f2c79b1ebe72a74df3b95acff8f6ef6e314
    Audit head
    5:8c9b91032740e2537616cf259f38bf160eae28038dba8702ccf469904494ef02
    Process
    01KAG3V7Q4M2ZD9X5T8R6W0B1C
    Known as
    DECOMM-20261120085500-vol-0123456789abcdef0
    Your answer
    Enter sends nothing
    Type the last 6 characters of the resource’s id
    It is vol-0123456789abcdef0.
    Your reason
    Needed for a no, welcome for a yes, up to 1000 characters. Everybody who works on this process can read it.
    Approve: retire it
    Reject: keep it
    You answer as ada, once. It is written into the audit trail with the time and your reason.
    "#);
}

#[test]
fn every_reason_every_floor_and_every_dependent_is_shown() {
    let material = Material::asked();
    let shown = main_text(&approval(&material.open()));
    let assessment = &material.assessment;
    for point in &assessment.points {
        assert!(shown.contains(&format!("+{} {}", point.points, point.reason)), "{point:?}");
    }
    for floor in &assessment.floors {
        assert!(shown.contains(&format!("{}: {}", floor.level, floor.reason)), "{floor:?}");
    }
    for dependent in &assessment.observation.dependents {
        assert!(shown.contains(&format!("{} ({}) {}", dependent.id, dependent.kind, dependent.relation)));
    }
    for text in &assessment.recommendations {
        assert!(shown.contains(text), "{text}");
    }
}

#[test]
fn every_step_is_shown_with_what_is_lost_by_it_and_how_it_is_had_again() {
    let material = Material::asked();
    let page = approval(&material.open());
    let html = parsed(&page);
    let shown = all(&html, ".step");
    assert_eq!(shown.len(), material.plan.runbook.steps.len());
    for ((step, element), number) in material.plan.runbook.steps.iter().zip(shown).zip(1..) {
        let text = text(element);
        assert!(text.starts_with(&format!("{number} {}", step.description)), "{text}");
        let irreversible = step.effect == Effect::Irreversible;
        assert_eq!(text.contains("Cannot be taken back."), irreversible, "{text}");
        assert_eq!(element.value().classes().any(|class| class == "irreversible"), irreversible);
        for words in [&step.loses, &step.recovery.as_ref().map(|it| it.how.clone())].into_iter().flatten() {
            assert!(text.contains(words.as_str()), "{text}");
        }
    }
}

#[test]
fn the_steps_are_numbered_on_over_their_parts() {
    let html = approval(&Material::asked().open());
    let html = parsed(&html);
    let mut next = 1;
    for list in all(&html, "ol.steps") {
        assert_eq!(list.value().attr("start"), Some(next.to_string().as_str()));
        next += list.child_elements().count();
    }
    assert_eq!(next, 1 + all(&html, ".step").len());
}

#[test]
fn a_plan_without_a_soak_is_not_promised_to_be_taken_back() {
    let mut material = Material::asked();
    material.plan.runbook.steps.retain(|step| step.action != Action::Soak);
    let shown = main_text(&approval(&material.open()));
    for promise in ["none of them is final", "what can be taken back", "it is left alone"] {
        assert!(!shown.contains(promise), "{promise}");
    }
    assert!(shown.contains("6 steps come first. Never to be taken back: Deletes volume"), "{shown}");
}

#[test]
fn the_savings_are_net_of_the_backups() {
    let material = Material::asked();
    let savings = &material.plan.savings;
    let shown = main_text(&approval(&material.open()));
    let net = dollars(Some(savings.net_micro_dollars_a_month));
    assert!(shown.contains(&format!("Saves {net} a month, {} once", dollars(Some(40_000_000)))), "{shown}");
    assert!(shown.contains(&format!("Saved after that {}", dollars(Some(40_000_000)))), "{shown}");
    assert!(main_text(&approval(&amiss().open())).contains("as far as prices are known"));
}

#[test]
fn what_could_not_be_read_is_never_shown_as_nothing() {
    let mut material = amiss();
    material.assessment.observation.dependents.clear();
    let shown = main_text(&approval(&material.open()));
    for words in [
        "Not everything could be read",
        "instances: denied: not authorized",
        "resource_tracking: not read",
        "Nothing was found that does, but not everything could be read.",
    ] {
        assert!(shown.contains(words), "{words}");
    }
    assert!(!shown.contains("Every source was read completely"));
}

#[test]
fn what_nothing_brings_back_and_whom_nobody_can_prove_is_said() {
    let shown = main_text(&approval(&amiss().open()));
    assert!(shown.contains("Nothing brings it back."), "{shown}");
    assert!(shown.contains("\"carol\", which nobody can prove"), "{shown}");
}

#[test]
fn whoever_was_asked_is_shown_with_their_answer_their_reason_and_whom_they_stand_in_for() {
    let html = approval(&Material::asked().open());
    let people: Vec<String> = all(&parsed(&html), ".people li").into_iter().map(text).collect();
    insta::assert_json_snapshot!(people, @r#"
    [
      "ada (you): no answer yet",
      "grace, standing in for linus: ✓ approved, Fri 20 Nov 2026, 09:30 UTC: \"the team agreed on it\"",
      "margaret: no answer yet"
    ]
    "#);
}

#[test]
fn the_deadline_is_written_for_people_and_for_machines() {
    let html = approval(&Material::asked().open());
    let html = parsed(&html);
    let deadline = all(&html, ".facts time[datetime='2026-11-23T09:00:00Z']");
    assert_eq!(text(deadline[0]), "Mon 23 Nov 2026, 09:00 UTC");
    assert!(text(all(&html, ".facts")[0]).starts_with("Answer before Mon 23 Nov 2026, 09:00 UTC (in 2 days)"));
}

#[test]
fn what_proves_the_answer_is_shown_in_full() {
    let material = Material::asked();
    let shown = main_text(&approval(&material.open()));
    for proof in
        [material.plan.hash.to_string(), material.record.audit.to_string(), material.record.process_id.to_string()]
    {
        assert!(shown.contains(&proof), "{proof}");
    }
}

#[test]
fn whoever_may_object_reads_that_the_rule_approved_and_until_when_they_can() {
    let page = approval(&Material::by_rule().open());
    let shown = main_text(&page);
    assert!(shown.starts_with("Approved by rule, and you can object Keep EBSVolume vol-0123456789abcdef0"), "{shown}");
    assert!(shown.contains("Object before Sat 21 Nov 2026, 09:00 UTC (in 23 hours)"), "{shown}");
    let html = parsed(&page);
    let buttons: Vec<String> = all(&html, "button[name=answer]").into_iter().map(text).collect();
    assert_eq!(buttons, ["Object: keep the resource"]);
    assert_eq!(all(&html, "textarea[required]").len(), 1);
}

#[test]
fn a_timeline_tells_every_event_and_whether_the_trail_is_whole() {
    let material = Material::asked();
    let page = timeline(&material.timeline());
    let html = parsed(&page);
    assert_eq!(all(&html, ".trail li").len(), material.events.len());
    let head = material.record.audit.to_string();
    let shown = main_text(&page);
    assert!(shown.contains("The audit trail is whole: 5 events, each chained to the one before."), "{shown}");
    assert!(shown.contains(&head));
    assert!(
        shown.contains("5 Somebody answered Fri 20 Nov 2026, 09:30 UTC, by person:grace answer: approve"),
        "{shown}"
    );

    let shown = main_text(&timeline(&amiss().timeline()));
    assert!(shown.contains("The audit trail is not whole event 2 was edited"), "{shown}");
    assert!(!shown.contains("trail is whole"), "{shown}");
}

#[test]
fn whoever_has_answered_reads_what_is_stored_and_nothing_that_is_not() {
    let mut material = Material::asked();
    let shown = main_text(&timeline(&Timeline { done: true, ..material.timeline() }));
    assert!(shown.contains("Your answer is recorded. You approved Fri 20 Nov 2026, 09:30 UTC."), "{shown}");
    material.votes.clear();
    let page = timeline(&Timeline { done: true, ..material.timeline() });
    assert!(!main_text(&page).contains("recorded"));
    assert!(!page.html.contains("<title>Your answer is recorded"));
}
