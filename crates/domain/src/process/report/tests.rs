use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::fixtures::{Case, assessment, at, is_before_the_soak, observation};
use super::*;
use crate::approval::vote::Answer;
use crate::coverage::{Coverage, Source};
use crate::process::observation::{Blocker, Dependency, Dependent, Manager};
use crate::process::record::{Choice, EndedSoak, Hold, ProcessError, Resolution, StepState};
use crate::process::resource::ResourceType;
use crate::process::validation::{Gone, leftovers};
use crate::runbook::action::{Action, Effect};
use crate::runbook::step::Step;
use crate::tags::Tags;

fn checklist() -> Vec<ChecklistLine> {
    [
        ("pre-decommissioning", "Ownership is verified", true),
        ("pre-decommissioning", "Stakeholders are notified", true),
        ("post-decommissioning", "Lessons are learned", false),
    ]
    .map(|(group, text, settled)| ChecklistLine {
        group: group.into(),
        text: text.into(),
        state: if settled { "done" } else { "a person attests" }.into(),
        settled,
        evidence: if settled { "the audit trail".into() } else { String::new() },
    })
    .into()
}

fn completed(resource_type: ResourceType) -> Case {
    let mut case = Case::new(resource_type, Mode::Live, Status::Completed)
        .planned()
        .approved()
        .with_steps(|_| Some(StepState::Done));
    case.record.past_the_point_of_no_return = true;
    case.record.soak_until = Some(at("2026-11-27T10:30:00Z"));
    let mut again = assessment(2, observation(resource_type));
    again.assessed_at = at("2026-11-27T10:31:00Z");
    again.observation.observed_at = at("2026-11-27T10:31:00Z");
    case.last = Some(again);
    case.happened(EventType::Validated, "function:validate", "2026-11-27T10:40:00Z", json!({"gone": "yes"}));
    case.happened(EventType::ProcessCompleted, "function:validate", "2026-11-27T10:40:01Z", json!({}));
    let first = case.approved.as_ref().unwrap();
    case.validation = Some(Validation {
        at: at("2026-11-27T10:40:00Z"),
        gone: Gone::Yes { how: "EC2 no longer knows it".into() },
        leftovers: leftovers(case.runbook.as_ref().unwrap(), &first.observation, &case.steps),
    });
    case.checklist = checklist();
    case
}

fn rolled_back(resource_type: ResourceType) -> Case {
    let mut case = Case::new(resource_type, Mode::Live, Status::RolledBack).planned().approved().with_steps(|step| {
        let there = if step.rollback.is_some() { StepState::Undone } else { StepState::Done };
        is_before_the_soak(step).then_some(there)
    });
    case.record.rolling_back = true;
    case.record.soak_ended = Some(EndedSoak {
        by: "bob".into(),
        reason: "the shop is slow since it stopped".into(),
        at: at("2026-11-21T08:00:00Z"),
    });
    case.happened(
        EventType::SoakEnded,
        "person:bob",
        "2026-11-21T08:00:00Z",
        json!({"reason": "the shop is slow since it stopped"}),
    );
    case.happened(EventType::RolledBack, "function:execute", "2026-11-21T08:05:00Z", json!({}));
    case
}

fn blocked() -> Case {
    let mut case = Case::new(ResourceType::Volume, Mode::Live, Status::Blocked);
    let assessment = case.last.as_mut().unwrap();
    assessment.blocked = vec![Blocker {
        code: "unread".into(),
        detail: "volumes could not be read, and nobody knows what depends on it".into(),
    }];
    assessment.managed_by = vec![Manager {
        service: "CloudFormation".into(),
        name: "shop".into(),
        change_instead: "remove it from the stack's template".into(),
    }];
    assessment.evidence_complete = false;
    assessment
        .observation
        .coverages
        .insert(Source::Volumes, Coverage::Denied { detail: "UnauthorizedOperation: ec2:DescribeVolumes".into() });
    assessment
        .cost
        .saved
        .push(crate::risk::assessment::CostLine { what: "volume of type io9".into(), micro_dollars_a_month: None });
    case.happened(EventType::ProcessBlocked, "function:assess", "2026-11-20T09:00:13Z", json!({"reasons": ["unread"]}));
    case
}

fn dry_run(resource_type: ResourceType) -> Case {
    let mut case = Case::new(resource_type, Mode::DryRun, Status::Completed).planned();
    case.happened(EventType::ProcessCompleted, "function:validate", "2026-11-20T09:01:00Z", json!({}));
    case
}

/// A dry run as it is carried out: every step is looked at, and nothing is called.
fn rehearsed(resource_type: ResourceType) -> Case {
    let mut case = dry_run(resource_type).with_steps(|_| Some(StepState::Rehearsed));
    for record in &mut case.steps {
        record.attempts = 0;
        record.outputs = [("would", "stop_instance: it is running"), ("permission", "allowed")]
            .map(|(name, text)| (name.to_owned(), json!(text)))
            .into();
    }
    case
}

fn markdown(case: &Case) -> String {
    ProcessReport::of(&case.material()).markdown()
}

#[test]
fn an_instance_that_was_retired_has_its_whole_story_told() {
    insta::assert_snapshot!(markdown(&completed(ResourceType::Instance)));
}

#[test]
fn an_instance_that_was_taken_back_has_its_whole_story_told() {
    insta::assert_snapshot!(markdown(&rolled_back(ResourceType::Instance)));
}

#[test]
fn a_volume_that_is_blocked_says_what_to_change_instead() {
    insta::assert_snapshot!(markdown(&blocked()));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_how_it_would_be_taken_back() {
    insta::assert_snapshot!(markdown(&rehearsed(ResourceType::Instance)));
}

#[test]
fn each_type_has_its_own_way_back_once_it_is_gone() {
    let ways: Vec<String> = ResourceType::ALL
        .into_iter()
        .map(|resource_type| {
            let case = completed(resource_type);
            let entries = ProcessReport::of(&case.material()).way_back;
            let lines = entries.iter().map(|entry| {
                format!("{}: {}\n  {}", entry.step, entry.back, entry.commands.join("\n  ")).trim_end().to_owned()
            });
            format!("{resource_type}\n{}", lines.collect::<Vec<String>>().join("\n"))
        })
        .collect();
    insta::assert_snapshot!(ways.join("\n\n"));
}

#[test]
fn each_type_has_its_own_way_back_while_it_is_there() {
    let ways: Vec<String> = ResourceType::ALL
        .into_iter()
        .map(|resource_type| {
            let case = Case::new(resource_type, Mode::Live, Status::Soaking)
                .planned()
                .approved()
                .with_steps(|step| is_before_the_soak(step).then_some(StepState::Done));
            let entries = ProcessReport::of(&case.material()).way_back;
            let commands: Vec<String> = entries.into_iter().flat_map(|entry| entry.commands).collect();
            format!("{resource_type}\n  {}", commands.join("\n  "))
        })
        .collect();
    insta::assert_snapshot!(ways.join("\n\n"));
}

fn simplest(mode: Mode, status: Status) -> Case {
    Case::new(ResourceType::Instance, mode, status)
}

#[test]
fn each_status_has_its_own_sentence_in_each_mode() {
    let mut sentences = BTreeSet::new();
    for mode in [Mode::Live, Mode::DryRun] {
        for status in Status::ALL {
            let case = simplest(mode, status);
            let outcome = ProcessReport::of(&case.material()).outcome;
            assert!(outcome.ends_with('.') && outcome.contains("i-0123456789abcdef0"), "{outcome}");
            assert_eq!(outcome.starts_with("Dry run"), mode == Mode::DryRun, "{outcome}");
            assert!(sentences.insert(outcome.clone()), "twice: {outcome}");
        }
    }
}

#[test]
fn nothing_is_called_gone_that_no_look_proves() {
    for mode in [Mode::Live, Mode::DryRun] {
        for status in Status::ALL {
            for gone in [
                None,
                Some(Gone::NotYet { why: "EC2 shows it as running".into() }),
                Some(Gone::Unknown { why: "it could not be read".into() }),
            ] {
                let mut case = simplest(mode, status);
                case.validation =
                    gone.map(|gone| Validation { at: at("2026-11-27T10:40:00Z"), gone, leftovers: vec![] });
                let report = ProcessReport::of(&case.material());
                assert!(!report.outcome.contains("is proved gone"), "{}", report.outcome);
                assert_eq!(report.removed, [], "{mode} {status}");
                assert_ne!(report.savings.fate, Fate::Gone, "{mode} {status}");
            }
        }
    }
}

#[test]
fn no_report_speaks_of_success_least_of_all_for_a_dry_run_or_a_way_back() {
    for case in
        [dry_run(ResourceType::Image), rolled_back(ResourceType::Volume), completed(ResourceType::Address), blocked()]
    {
        let document = markdown(&case).to_lowercase();
        assert!(!document.contains("success"), "{document}");
    }
    for status in Status::ALL {
        for mode in [Mode::Live, Mode::DryRun] {
            assert!(!markdown(&simplest(mode, status)).to_lowercase().contains("success"), "{mode} {status}");
        }
    }
}

#[test]
fn a_dry_run_saves_only_what_it_would_and_removes_nothing() {
    for resource_type in ResourceType::ALL {
        for (case, stands) in [(dry_run(resource_type), "would be taken"), (rehearsed(resource_type), "rehearsed")] {
            let report = ProcessReport::of(&case.material());
            assert_eq!((report.removed.len(), report.leftovers.len(), report.savings.fate), (0, 0, Fate::WouldGo));
            assert!(report.outcome.starts_with("Dry run, nothing was changed: "), "{}", report.outcome);
            let document = report.markdown();
            assert!(document.contains("were it live") && document.contains(stands), "{document}");
            assert!(report.way_back.iter().all(|entry| entry.stands.starts_with(stands)), "{:?}", report.way_back);
        }
    }
}

#[test]
fn a_rejection_names_who_said_no_and_why() {
    let mut case = Case::new(ResourceType::Volume, Mode::Live, Status::Rejected).planned().voted(
        "bob",
        Answer::Reject,
        Some("the auditors want it until May"),
        "2026-11-20T11:00:00Z",
    );
    case.happened(EventType::Rejected, "function:approve", "2026-11-20T11:00:01Z", json!({"by": "bob"}));
    let report = ProcessReport::of(&case.material());
    assert_eq!(
        report.outcome,
        "EBSVolume vol-0123456789abcdef0 is left alone: bob rejected its plan; nothing was changed."
    );
    assert_eq!(report.reasons, ["bob said no: the auditors want it until May"]);
}

#[test]
fn what_could_not_be_taken_back_is_named_and_so_is_the_lock() {
    let mut case = Case::new(ResourceType::Instance, Mode::Live, Status::RollbackFailed)
        .planned()
        .approved()
        .with_steps(|step| match step.action {
            Action::StopInstance => Some(StepState::UndoFailed),
            Action::TagResource => Some(StepState::Undone),
            _ => None,
        });
    for record in &mut case.steps {
        if record.state == StepState::UndoFailed {
            record.error = Some("InsufficientInstanceCapacity".into());
        }
    }
    let report = ProcessReport::of(&case.material());
    assert_eq!(
        report.outcome,
        "EC2Instance i-0123456789abcdef0 is NOT as it was: not every step could be taken back (stop-instance). It stays \
         locked until somebody has looked at it."
    );
    let back = report.way_back.iter().find(|entry| entry.step == "stop-instance").unwrap();
    assert_eq!(back.commands, ["aws ec2 start-instances --instance-ids i-0123456789abcdef0 --region us-east-1"]);
    assert!(report.markdown().contains("InsufficientInstanceCapacity"));
}

#[test]
fn a_held_process_says_since_when_it_waits_for_what_and_that_the_call_may_have_been_made() {
    let mut case = Case::new(ResourceType::Volume, Mode::Live, Status::Held).planned().approved().with_steps(|step| {
        Some(if step.effect == Effect::Irreversible { StepState::Intended } else { StepState::Done })
    });
    case.record.past_the_point_of_no_return = true;
    case.record.hold = Some(Hold {
        number: 1,
        because: "delete-volume timed out".into(),
        since: at("2026-11-27T11:00:00Z"),
        deadline: at("2026-12-11T11:00:00Z"),
        resolution: None,
    });
    let report = ProcessReport::of(&case.material());
    assert!(report.outcome.contains("since 2026-11-27T11:00:00Z"), "{}", report.outcome);
    assert_eq!(report.reasons, ["held at 2026-11-27T11:00:00Z: delete-volume timed out"]);
    assert_eq!(report.as_of, case.now);
    assert_eq!(report.removed, []);
    assert_eq!(report.kept[0].how, "a call that ends it may have been made, and nothing proves it");
    let back = |step: &str| report.way_back.iter().find(|entry| entry.step == step).unwrap();
    assert!(back("delete-volume").back.starts_with("look first whether it took effect"));
    assert!(back("delete-volume").commands[0].contains("--snapshot-id snap-backup1"));
    assert_eq!(back("detach-volume-i-7").back, "if the resource is still there, this takes it back");
}

#[test]
fn what_a_person_accepted_is_not_called_gone() {
    let mut case = Case::new(ResourceType::Volume, Mode::Live, Status::Completed).planned().approved();
    case.record.hold = Some(Hold {
        number: 1,
        because: "delete-volume was refused".into(),
        since: at("2026-11-27T11:00:00Z"),
        deadline: at("2026-12-11T11:00:00Z"),
        resolution: Some(Resolution {
            choice: Choice::Accept,
            by: "ada".into(),
            reason: "we keep it".into(),
            at: at("2026-11-28T11:00:00Z"),
        }),
    });
    case.validation = Some(Validation {
        at: at("2026-11-28T11:00:00Z"),
        gone: Gone::NotYet { why: "EC2 shows it as available".into() },
        leftovers: vec![],
    });
    let report = ProcessReport::of(&case.material());
    assert_eq!(
        report.outcome,
        "EBSVolume vol-0123456789abcdef0 was left as it is, which ada accepted; not gone: EC2 shows it as \
         available."
    );
    assert_eq!((report.savings.fate, report.removed.len()), (Fate::Stays, 0));
}

#[test]
fn a_look_that_proved_nothing_does_not_hide_the_backups() {
    let mut case = completed(ResourceType::Volume);
    case.validation = Some(Validation {
        at: case.now,
        gone: Gone::Unknown { why: "it could not be read: failed: timeout".into() },
        leftovers: vec![],
    });
    let report = ProcessReport::of(&case.material());
    assert_eq!(report.kept.len(), 2, "{:?}", report.kept);
    assert_eq!(report.leftovers[0].id, "snap-backup1");
}

#[test]
fn a_failure_says_whether_anything_was_changed() {
    let mut case = simplest(Mode::Live, Status::Failed);
    case.record.error = Some(ProcessError { error: "Sunset.EvidenceGap".into(), cause: "volumes: denied".into() });
    let report = ProcessReport::of(&case.material());
    assert!(report.outcome.ends_with("failed; nothing was changed."), "{}", report.outcome);
    assert_eq!(report.reasons, ["Sunset.EvidenceGap: volumes: denied"]);

    let acted = simplest(Mode::Live, Status::Failed).planned().approved();
    let tagged = |step: &Step| (step.action == Action::TagResource).then_some(StepState::Intended);
    let acted = acted.with_steps(tagged);
    let report = ProcessReport::of(&acted.material());
    assert!(
        report.outcome.ends_with("failed; what was changed by then is in the list of steps."),
        "{}",
        report.outcome
    );
}

#[test]
fn the_trail_of_the_report_is_held_against_its_head() {
    let mut case = completed(ResourceType::Snapshot);
    let sound = ProcessReport::of(&case.material());
    assert_eq!((sound.audit.events, sound.audit.defects.len()), (case.events.len(), 0));
    assert!(sound.markdown().contains(&format!("{} events; the head is {}.", case.events.len(), case.record.audit)));
    case.events.remove(2);
    let report = ProcessReport::of(&case.material());
    assert!(!report.audit.defects.is_empty());
    assert!(report.markdown().contains("**The trail is NOT sound:**"));
}

#[test]
fn a_plan_that_is_not_the_approved_one_is_told_apart() {
    let mut case = completed(ResourceType::Volume);
    assert!(ProcessReport::of(&case.material()).plan_is_the_approved_one);
    case.runbook.as_mut().unwrap().steps.pop();
    let report = ProcessReport::of(&case.material());
    assert!(!report.plan_is_the_approved_one);
    assert!(report.markdown().contains("the plan in this report is NOT that one"));
}

#[test]
fn a_step_that_the_plan_does_not_know_is_shown_too() {
    let mut case = completed(ResourceType::Volume);
    case.runbook.as_mut().unwrap().steps.retain(|step| step.action != Action::DetachVolume);
    let document = markdown(&case);
    assert!(document.contains("| detach-volume-i-7 | not in the plan |"), "{document}");
}

#[test]
fn a_process_without_anything_but_its_record_has_a_report() {
    for status in Status::ALL {
        for mode in [Mode::Live, Mode::DryRun] {
            let mut case = simplest(mode, status);
            case.last = None;
            case.events.clear();
            let report = ProcessReport::of(&case.material());
            assert_eq!(report.savings.saved_without_backups_micro_dollars_a_month.unwrap_or(0), 0);
            assert!(report.markdown().contains("## Audit trail"));
            assert!(serde_json::to_value(&report).is_ok());
        }
    }
}

#[test]
fn a_report_made_twice_is_the_same_and_at_an_end_does_not_depend_on_the_time() {
    for mut case in [completed(ResourceType::Instance), rolled_back(ResourceType::Image), blocked()] {
        let both = |case: &Case| {
            let report = ProcessReport::of(&case.material());
            (serde_json::to_string(&report).unwrap(), report.markdown())
        };
        let first = both(&case);
        case.now = at("2030-01-01T00:00:00Z");
        assert_eq!(both(&case), first);
    }
}

#[test]
fn a_report_made_again_after_it_was_recorded_tells_the_same() {
    let mut case = completed(ResourceType::Volume);
    let first = markdown(&case);
    case.happened(EventType::Reported, "function:validate", "2026-11-27T10:40:05Z", json!({"status": "completed"}));
    case.happened(
        EventType::ApproversNotified,
        "function:validate",
        "2026-11-27T10:40:06Z",
        json!({"notice": "ended"}),
    );
    assert_eq!(markdown(&case), first);
}

#[test]
fn what_went_without_a_call_of_the_process_is_not_its_doing() {
    let mut case = completed(ResourceType::Address);
    for record in &mut case.steps {
        record.state = StepState::Skipped;
    }
    let report = ProcessReport::of(&case.material());
    assert_eq!(report.removed[0].how, "gone, and not by a call of this process");
}

#[test]
fn a_snapshot_that_was_kept_is_not_gone() {
    let mut case = completed(ResourceType::Snapshot);
    case.validation = None;
    for record in case.steps.iter_mut().filter(|record| record.step.as_str() == "delete-snapshot") {
        record.state = StepState::Skipped;
        record.error = Some("ami-9 stands on it".into());
    }
    let report = ProcessReport::of(&case.material());
    assert_eq!((report.removed.len(), report.savings.fate), (0, Fate::Stays));
    assert!(report.markdown().contains("not done: it was kept, on purpose"));
}

#[test]
fn a_way_back_that_the_steps_do_not_bear_out_is_not_believed() {
    let mut case = rolled_back(ResourceType::Instance);
    for record in case.steps.iter_mut().filter(|record| record.step.as_str() == "stop-instance") {
        record.state = StepState::UndoCalled;
    }
    assert_eq!(
        ProcessReport::of(&case.material()).outcome,
        "EC2Instance i-0123456789abcdef0 is rolled back in the ledger, but that is not proved of every step \
         (stop-instance)."
    );
}

#[test]
fn each_end_says_what_is_left_to_do() {
    let next = |case: &Case| ProcessReport::of(&case.material()).next_steps;
    let gone = next(&completed(ResourceType::Instance));
    for part in [
        "inventories",
        "the next bill",
        "volume vol-2",
        "Elastic IP eipalloc-1",
        "(ami-backup1) after 2027-02-28",
        "the review",
    ] {
        assert!(gone.iter().any(|step| step.contains(part)), "{part}: {gone:?}");
    }
    assert!(next(&blocked())[0].starts_with("Change what the reasons name"));
    assert_eq!(next(&rehearsed(ResourceType::Volume)).len(), 1);
    for status in Status::ALL.into_iter().filter(|status| status.is_end()) {
        assert!(!next(&simplest(Mode::Live, status)).is_empty(), "{status}");
    }
}

#[test]
fn the_json_holds_the_process_the_plan_the_votes_the_steps_and_the_trail() {
    let case = completed(ResourceType::Instance);
    let json = serde_json::to_value(ProcessReport::of(&case.material())).unwrap();
    assert_eq!(json["process"]["status"], "completed");
    assert_eq!(json["plan"]["resource"]["resource_id"], "i-0123456789abcdef0");
    assert_eq!(json["votes"].as_array().unwrap().len(), 2);
    assert_eq!(json["steps"].as_array().unwrap().len(), case.runbook.as_ref().unwrap().steps.len());
    assert_eq!(json["trail"].as_array().unwrap().len(), case.events.len());
    assert_eq!(json["audit"]["head"]["hash"], case.record.audit.hash);
    assert_eq!(json["keep_until"], "2033-11-20T09:00:00Z");
    assert_eq!(json["later_assessment"]["number"], 2);
    assert_eq!(json["savings"]["saved_micro_dollars_a_month"], 60_208_000 - 5_400_000);
}

#[test]
fn the_documents_numbers_are_those_of_its_parts() {
    let case = completed(ResourceType::Instance);
    let document = markdown(&case);
    for part in [
        "| before | $60.20 |",
        "| after | $5.40 |",
        "| saved, net of the backups | $54.80 |",
        "| saved once the backups are gone | $60.20 |",
        "| goes on costing, because it is left behind | $11.65 |",
        "| volume vol-2 | was at /dev/sdf, and is not set to go with the instance | $8.00 |",
        "| Elastic IP eipalloc-1 | stays allocated, and costs as much without an instance | $3.65 |",
    ] {
        assert!(document.contains(part), "{part}\n{document}");
    }
}

/// Puts a text wherever somebody else's text can stand.
fn poisoned(text: &str) -> Case {
    let text = text.to_owned();
    let mut case = completed(ResourceType::SecurityGroup);
    case.record.initiator = text.clone();
    case.record.reason = text.clone();
    case.record.resource_owner = Some(text.clone());
    case.record.stakeholders = vec![text.clone()];
    case.record.outcome = Some(text.clone());
    case.record.execution_arn = text.clone();
    case.record.error = Some(ProcessError { error: text.clone(), cause: text.clone() });
    case.record.soak_ended = Some(EndedSoak { by: text.clone(), reason: text.clone(), at: case.now });
    case.record.hold = Some(Hold {
        number: 1,
        because: text.clone(),
        since: case.now,
        deadline: case.now,
        resolution: Some(Resolution { choice: Choice::Accept, by: text.clone(), reason: text.clone(), at: case.now }),
    });
    for required in &mut case.record.round.as_mut().unwrap().required {
        required.people = vec![text.clone()];
        required.because = text.clone();
        required.role = text.clone();
    }
    for vote in &mut case.votes {
        vote.person = text.clone();
        vote.identity = text.clone();
        vote.reason = Some(text.clone());
    }
    for record in &mut case.steps {
        record.error = Some(text.clone());
        record.outputs.insert("image_id".into(), json!(text));
        record.inputs.insert("device".into(), json!(text));
        record.inputs.insert("group_ids_before".into(), json!([text]));
    }
    for step in &mut case.runbook.as_mut().unwrap().steps {
        step.description = text.clone();
        step.loses = Some(text.clone());
        step.rollback = None;
        if let Some(recovery) = &mut step.recovery {
            recovery.how = text.clone();
        }
    }
    for assessment in [&mut case.approved, &mut case.last].into_iter().flatten() {
        let found = assessment.observation.found.as_mut().unwrap();
        found.name = Some(text.clone());
        found.tags = Tags::from([(text.clone(), text.clone())]);
        if let crate::process::observation::Configuration::SecurityGroup(group) = &mut found.configuration {
            group.group_name = text.clone();
            group.description = text.clone();
            group.rules = std::mem::take(&mut group.rules)
                .into_iter()
                .map(|mut rule| {
                    rule.description = Some(text.clone());
                    rule
                })
                .collect();
        }
        assessment.observation.dependents.insert(Dependent {
            kind: text.clone(),
            id: text.clone(),
            relation: text.clone(),
            dependency: Dependency::Unknown,
            source: Source::ResourceDependencies,
        });
        assessment.observation.coverages.insert(Source::Volumes, Coverage::Failed { detail: text.clone() });
        assessment.business.environment = text.clone();
        assessment.business.project = text.clone();
        assessment.recommendations = vec![text.clone()];
        assessment.blocked = vec![Blocker { code: text.clone(), detail: text.clone() }];
        assessment.managed_by =
            vec![Manager { service: text.clone(), name: text.clone(), change_instead: text.clone() }];
        for line in &mut assessment.cost.saved {
            line.what = text.clone();
        }
        for point in &mut assessment.points {
            point.reason = text.clone();
        }
    }
    case.happened(EventType::StepFailed, &text, "2026-11-27T11:00:00Z", json!({"error": text, text.clone(): [text]}));
    case.validation = Some(Validation {
        at: case.now,
        gone: Gone::NotYet { why: text.clone() },
        leftovers: vec![Leftover {
            kind: crate::process::validation::Kind::Volume,
            id: text.clone(),
            why: text.clone(),
            micro_dollars_a_month: None,
            is_backup: false,
        }],
    });
    for line in &mut case.checklist {
        line.text = text.clone();
        line.evidence = text.clone();
    }
    case
}

/// The document with the same structure, whatever the text: what each line begins with, and its unescaped bars.
fn skeleton(document: &str) -> Vec<(String, usize)> {
    document
        .lines()
        .map(|line| {
            let start: String = line.chars().take_while(|c| "#-|*`".contains(*c)).collect();
            let mut escaped = false;
            let mut bars = 0;
            for c in line.chars() {
                bars += usize::from(c == '|' && !escaped);
                escaped = c == '\\' && !escaped;
            }
            (start, bars)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn other_peoples_text_never_changes_the_documents_structure(
        text in prop_oneof!["[|<>`*#\\\\\n\r\\[\\]!~ a-z-]{1,20}", "\\PC{1,20}", "(?s).{1,20}"],
    ) {
        let document = markdown(&poisoned(&text));
        let expected = markdown(&poisoned("x"));
        prop_assert_eq!(skeleton(&document), skeleton(&expected), "{}", document);
        prop_assert!(!document.contains(['<', '>']), "{}", document);
        prop_assert!(document.chars().all(|c| c == '\n' || !c.is_control()), "{}", document);
    }

    #[test]
    fn whatever_the_steps_did_the_report_is_the_same_twice_and_says_gone_only_with_proof(
        which in 0..6usize,
        status in 0..17usize,
        states in proptest::collection::vec(0..11usize, 12),
        looked in 0..4usize,
    ) {
        const STATES: [Option<StepState>; 11] = [
            None,
            Some(StepState::Rehearsed),
            Some(StepState::Intended),
            Some(StepState::Called),
            Some(StepState::Done),
            Some(StepState::Skipped),
            Some(StepState::Failed),
            Some(StepState::UndoIntended),
            Some(StepState::UndoCalled),
            Some(StepState::Undone),
            Some(StepState::UndoFailed),
        ];
        let at_step = std::cell::Cell::new(0);
        let mut case = Case::new(ResourceType::ALL[which], Mode::Live, Status::ALL[status])
            .planned()
            .approved()
            .with_steps(|_| {
                at_step.set(at_step.get() + 1);
                STATES[states[at_step.get() - 1]]
            });
        let gone = [
            None,
            Some(Gone::Yes { how: "EC2 no longer knows it".into() }),
            Some(Gone::NotYet { why: "it is there".into() }),
            Some(Gone::Unknown { why: "it could not be read".into() }),
        ][looked].clone();
        case.validation = gone.map(|gone| Validation { at: case.now, gone, leftovers: vec![] });
        let first = ProcessReport::of(&case.material());
        let second = ProcessReport::of(&case.material());
        prop_assert_eq!(first.markdown(), second.markdown());
        prop_assert_eq!(serde_json::to_string(&first).unwrap(), serde_json::to_string(&second).unwrap());

        let ends = Action::that_ends(case.record.resource.resource_type());
        let proved = matches!(case.validation, Some(Validation { gone: Gone::Yes { .. }, .. }))
            || case.validation.is_none()
                && first.steps.iter().any(|step| {
                    step.action() == Some(ends) && matches!(step.state(), Some(StepState::Done | StepState::Skipped))
                });
        let says = first.removed.iter().any(|it| it.what == case.record.resource.to_string());
        prop_assert_eq!(says, proved);
        let keeps = first.kept.iter().any(|it| it.what == case.record.resource.to_string());
        prop_assert_eq!(keeps, !proved, "it is either gone or kept");
        for entry in &first.way_back {
            prop_assert!(!entry.back.is_empty());
        }
    }
}
