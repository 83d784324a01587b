//! The items themselves, in the order of C36 to C40.

use crate::coverage::Coverage;
use crate::process::record::StepState;
use crate::process::status::Status;
use crate::runbook::action::Action;
use crate::runbook::check::Severity;
use crate::runbook::checklist::facts::{Answer, Approved, Facts, was_proved};
use crate::runbook::checklist::{CheckedBy, Group, ItemSpec, ItemState, Removal};

pub(super) type Look = fn(&Facts<'_>) -> Answer;

const fn machine(id: &'static str, group: Group, text: &'static str, how: &'static str) -> ItemSpec {
    ItemSpec { id, group, text, checked_by: CheckedBy::Machine, how }
}

const fn person(id: &'static str, group: Group, text: &'static str, how: &'static str) -> ItemSpec {
    ItemSpec { id, group, text, checked_by: CheckedBy::Person, how }
}

/// Every item with what looks at it.
pub(super) const ITEMS: &[(ItemSpec, Look)] = {
    use Group::{DataProtection, DependencyManagement, Execution, PostDecommissioning, PreDecommissioning};
    &[
        (
            machine(
                "pre-1",
                PreDecommissioning,
                "Verify resource identification and ownership",
                "EC2 shows the resource in this account, and a tag or ResourceTracking names its owner",
            ),
            ownership,
        ),
        (
            person(
                "pre-2",
                PreDecommissioning,
                "Confirm business justification for decommissioning",
                "the reason given justifies that the resource goes",
            ),
            justification,
        ),
        (
            machine(
                "pre-3",
                PreDecommissioning,
                "Complete impact assessment and risk analysis",
                "the assessment read every source completely, and nothing in it blocks",
            ),
            assessment,
        ),
        (
            machine(
                "pre-4",
                PreDecommissioning,
                "Obtain required approvals and sign-offs",
                "the approved hash is the hash of the newest plan",
            ),
            approvals,
        ),
        (
            person(
                "pre-5",
                PreDecommissioning,
                "Schedule decommissioning window",
                "the time is fit: its reversible steps follow the approval, and the irreversible ones begin only in a change window",
            ),
            window,
        ),
        (
            machine(
                "pre-6",
                PreDecommissioning,
                "Notify affected stakeholders",
                "the record says that the notice of the newest asking, or of the approval by rule, went out",
            ),
            notified,
        ),
        (
            person(
                "data-1",
                DataProtection,
                "Identify data retention requirements",
                "it is known how long what the resource holds has to be kept",
            ),
            retention,
        ),
        (
            machine(
                "data-2",
                DataProtection,
                "Create necessary data backups",
                "the plan's backup step is recorded as done; without one, a person attests that none is needed",
            ),
            backups,
        ),
        (
            machine(
                "data-3",
                DataProtection,
                "Verify backup integrity and accessibility",
                "the plan's verification step is recorded as done: complete, same size, same encryption (C113)",
            ),
            backups_verified,
        ),
        (
            machine(
                "data-4",
                DataProtection,
                "Document data archival locations",
                "the backup step's record names the backup",
            ),
            locations,
        ),
        (
            person(
                "data-5",
                DataProtection,
                "Confirm compliance with retention policies",
                "the time that backups are kept satisfies every policy that applies",
            ),
            compliance,
        ),
        (
            machine(
                "dep-1",
                DependencyManagement,
                "Map all resource dependencies",
                "the assessment read every source of dependents completely",
            ),
            mapped,
        ),
        (
            machine(
                "dep-2",
                DependencyManagement,
                "Identify dependent services and applications",
                "the assessment names each dependent, or none after reading every source",
            ),
            dependents,
        ),
        (
            person(
                "dep-3",
                DependencyManagement,
                "Plan for dependency migration or updates",
                "every dependent has somewhere to go, or may fail",
            ),
            migration,
        ),
        (
            person(
                "dep-4",
                DependencyManagement,
                "Test dependency changes in non-production",
                "what the dependents change to was tried where it does no harm",
            ),
            tested,
        ),
        (
            machine(
                "dep-5",
                DependencyManagement,
                "Prepare rollback procedures",
                "the checker finds no error: every reversible step has its way back",
            ),
            rollback_prepared,
        ),
        (
            machine(
                "exe-1",
                Execution,
                "Follow planned decommissioning sequence",
                "the ledger's step records are the plan's steps, begun in its order",
            ),
            sequence,
        ),
        (
            machine(
                "exe-2",
                Execution,
                "Monitor for errors or unexpected issues",
                "every step's record holds what went wrong with it, if anything did",
            ),
            errors,
        ),
        (
            machine(
                "exe-3",
                Execution,
                "Validate each step before proceeding",
                "no step was begun before every earlier one was proved done",
            ),
            validated,
        ),
        (
            machine(
                "exe-4",
                Execution,
                "Document any deviations from plan",
                "skipped, repeated, failed and taken back steps, an ended soak and a person's decisions are recorded",
            ),
            deviations,
        ),
        (
            person(
                "exe-5",
                Execution,
                "Maintain communication with stakeholders",
                "those whom it concerns were kept informed beyond the notices that were sent",
            ),
            communication,
        ),
        (
            machine(
                "post-1",
                PostDecommissioning,
                "Verify successful resource removal",
                "EC2 was asked until it showed the resource as gone",
            ),
            removal,
        ),
        (
            person(
                "post-2",
                PostDecommissioning,
                "Confirm cost savings achievement",
                "the bill of the next billing cycle shows the estimated savings",
            ),
            savings,
        ),
        (
            person(
                "post-3",
                PostDecommissioning,
                "Update documentation and inventory",
                "documents, diagrams, inventories and code no longer name the resource",
            ),
            documentation,
        ),
        (
            person(
                "post-4",
                PostDecommissioning,
                "Conduct lessons learned review",
                "the report's lessons were filled in and shared",
            ),
            lessons,
        ),
        (
            machine(
                "post-5",
                PostDecommissioning,
                "Archive process documentation",
                "the report is stored; the ledger and the audit trail do not expire",
            ),
            archived,
        ),
    ]
};

fn done(evidence: impl Into<String>) -> Answer {
    (ItemState::Done, evidence.into())
}

fn open(evidence: impl Into<String>) -> Answer {
    (ItemState::Open, evidence.into())
}

fn not_applicable(evidence: impl Into<String>) -> Answer {
    (ItemState::NotApplicable, evidence.into())
}

fn ownership(facts: &Facts<'_>) -> Answer {
    let observation = &facts.assessment.observation;
    let Some(found) = &observation.found else { return open("EC2 does not show the resource") };
    match &found.owner_id {
        Some(account) if *account != facts.record.account_id => {
            return open(format!("{} belongs to account {account}", observation.shown()));
        }
        _ => {}
    }
    let named = facts.record.resource_owner.as_deref().unwrap_or(&facts.assessment.business.owner);
    if named.is_empty() || named.eq_ignore_ascii_case("unknown") {
        open(format!("{} exists, and nothing names its owner", observation.shown()))
    } else {
        done(format!("{} exists, and is owned by {named}", observation.shown()))
    }
}

fn justification(facts: &Facts<'_>) -> Answer {
    facts.attested_by_approval(format_args!("{} gives as reason \"{}\"", facts.record.initiator, facts.record.reason))
}

/// The sources that were not read completely.
fn gaps(facts: &Facts<'_>) -> Vec<String> {
    let coverages = &facts.assessment.observation.coverages;
    coverages
        .iter()
        .filter(|(_, coverage)| !coverage.is_complete())
        .map(|(source, coverage): (_, &Coverage)| format!("{source}: {coverage}"))
        .collect()
}

fn not_read(facts: &Facts<'_>) -> String {
    let gaps = gaps(facts);
    if gaps.is_empty() {
        "not every source was read".into()
    } else {
        format!("not read completely: {}", gaps.join("; "))
    }
}

fn assessment(facts: &Facts<'_>) -> Answer {
    let assessment = facts.assessment;
    if let Some(blocker) = assessment.blocked.first() {
        return open(format!("assessment {} blocks: {}", assessment.number, blocker.detail));
    }
    if !assessment.evidence_complete {
        return open(format!("assessment {}: {}", assessment.number, not_read(facts)));
    }
    done(format!("assessment {}: risk {}, {} points", assessment.number, assessment.level, assessment.score))
}

fn approvals(facts: &Facts<'_>) -> Answer {
    match facts.approved() {
        Some(Approved::ByPeople(who)) => done(format!("approved by {who}")),
        Some(Approved::ByRule) => done("approved by the rule for low risk"),
        None if facts.is_dry() => not_applicable("a dry run asks nobody"),
        None if facts.record.status == Status::Rejected => open("rejected"),
        None => open("not approved"),
    }
}

fn window(facts: &Facts<'_>) -> Answer {
    facts.attested_by_approval("its irreversible steps begin only in a change window")
}

fn notified(facts: &Facts<'_>) -> Answer {
    let told = |name: &str| facts.record.told.iter().any(|told| told == name);
    match &facts.record.round {
        Some(round) if told(&format!("round-{}", round.number)) => {
            done(format!("the notice of asking {} went out", round.number))
        }
        Some(round) => open(format!("the notice of asking {} has not gone out", round.number)),
        None if told("auto_approved") => done("the notice of the approval by rule went out"),
        None if facts.is_dry() => not_applicable("a dry run tells nobody"),
        None => open("nobody was told yet"),
    }
}

fn retention(facts: &Facts<'_>) -> Answer {
    if !facts.holds_data() {
        return not_applicable("it holds no data");
    }
    facts.attested_by_approval("how long its data has to be kept")
}

/// What a backup's items say where the plan has no backup.
fn without_backup(facts: &Facts<'_>) -> Answer {
    if facts.holds_data() {
        facts.attested_by_approval("no copy is made before it goes, and none is needed")
    } else {
        not_applicable("it holds no data")
    }
}

/// Whether the record of the step that does this shows it done.
fn recorded(facts: &Facts<'_>, does: impl Fn(Action) -> bool) -> Answer {
    let Some(step) = facts.step_that(does) else { return without_backup(facts) };
    match (facts.record_of(step), facts.aftermath) {
        (_, Some(_)) if facts.is_dry() => not_applicable("a dry run makes no backup"),
        (Some(record), _) if was_proved(record.state) => done(format!("{} is done: {}", step.id, step.verification)),
        (Some(record), _) => open(format!(
            "{} is not done: {}",
            step.id,
            record.error.as_deref().unwrap_or("it was begun and not proved")
        )),
        (None, Some(_)) => open(format!("{} was never begun", step.id)),
        (None, None) => open(format!("{} will do it", step.id)),
    }
}

fn backups(facts: &Facts<'_>) -> Answer {
    recorded(facts, |action| matches!(action, Action::CreateImage | Action::CreateSnapshot))
}

fn backups_verified(facts: &Facts<'_>) -> Answer {
    recorded(facts, |action| action == Action::VerifyBackup)
}

fn locations(facts: &Facts<'_>) -> Answer {
    let Some(step) = facts.backup() else { return without_backup(facts) };
    let outputs: Vec<String> = facts
        .record_of(step)
        .map(|record| record.outputs.iter().map(|(name, value)| format!("{name} {}", shown(value))).collect())
        .unwrap_or_default();
    match facts.aftermath {
        _ if !outputs.is_empty() => {
            done(format!("{}, kept for {} days", outputs.join(", "), facts.runbook.backup_retention_days))
        }
        None => open(format!("the record of {} will name it", step.id)),
        Some(_) if facts.is_dry() => not_applicable("a dry run makes no backup"),
        Some(_) => open(format!("the record of {} names no backup", step.id)),
    }
}

fn shown(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn compliance(facts: &Facts<'_>) -> Answer {
    if facts.backup().is_none() {
        return without_backup(facts);
    }
    facts.attested_by_approval(format_args!("backups are kept for {} days", facts.runbook.backup_retention_days))
}

fn mapped(facts: &Facts<'_>) -> Answer {
    if facts.assessment.evidence_complete {
        done(format!("all of {} sources were read completely", facts.assessment.observation.coverages.len()))
    } else {
        open(not_read(facts))
    }
}

fn dependents(facts: &Facts<'_>) -> Answer {
    let named: Vec<String> = facts
        .assessment
        .observation
        .dependents
        .iter()
        .map(|it| format!("{} {} {}", it.kind, it.id, it.relation))
        .collect();
    match (named.is_empty(), facts.assessment.evidence_complete) {
        (true, true) => done("nothing depends on it"),
        (true, false) => open(format!("none was found, but {}", not_read(facts))),
        (false, true) => done(named.join("; ")),
        (false, false) => open(format!("{}; {}", named.join("; "), not_read(facts))),
    }
}

fn about_dependents(facts: &Facts<'_>, what: &str) -> Answer {
    if facts.assessment.observation.dependents.is_empty() && facts.assessment.evidence_complete {
        return not_applicable("nothing depends on it");
    }
    facts.attested_by_approval(what)
}

fn migration(facts: &Facts<'_>) -> Answer {
    about_dependents(facts, "what depends on it goes on without it, or may fail")
}

fn tested(facts: &Facts<'_>) -> Answer {
    about_dependents(facts, "what its dependents change to was tried elsewhere first")
}

fn rollback_prepared(facts: &Facts<'_>) -> Answer {
    if let Some(finding) = facts.findings.iter().find(|finding| finding.severity == Severity::Error) {
        return open(finding.to_string());
    }
    let reversible = facts.runbook.steps.iter().filter(|step| step.rollback.is_some()).count();
    done(format!("{reversible} steps before the soak can be taken back, and each names its way back"))
}

fn sequence(facts: &Facts<'_>) -> Answer {
    if let Some(answer) = facts.not_carried_out() {
        return answer;
    }
    let foreign =
        facts.aftermath.and_then(|after| after.steps.iter().find(|record| facts.runbook.step(&record.step).is_none()));
    if let Some(record) = foreign {
        return open(format!("the ledger holds a step {} that the plan does not", record.step));
    }
    let begun = facts.begun();
    let mut last: Option<(&crate::runbook::step::StepId, crate::time::Timestamp)> = None;
    let mut missing = None;
    let mut taken = 0usize;
    for (step, record) in &begun {
        let Some(record) = record else {
            missing = missing.or(Some(&step.id));
            continue;
        };
        if let Some(missing) = missing {
            return open(format!("{} was begun without {missing}", step.id));
        }
        if let Some((before, _)) = last.filter(|(_, at)| *at > record.begun_at) {
            return open(format!("{} was begun before {before}", step.id));
        }
        last = Some((&step.id, record.begun_at));
        taken = taken.saturating_add(1);
    }
    done(format!("{taken} of {} steps were begun, in the plan's order", begun.len()))
}

fn errors(facts: &Facts<'_>) -> Answer {
    if let Some(answer) = facts.not_carried_out() {
        return answer;
    }
    let errors: Vec<String> = facts
        .begun()
        .into_iter()
        .filter_map(|(step, record)| {
            // What was skipped says why it stays, and failed at nothing.
            let record = record.filter(|record| record.state != StepState::Skipped)?;
            Some(format!("{}: {}", step.id, record.error.as_deref()?))
        })
        .chain(facts.record.error.iter().map(|error| format!("{}: {}", error.error, error.cause)))
        .collect();
    if errors.is_empty() { done("no step recorded an error") } else { done(errors.join("; ")) }
}

fn validated(facts: &Facts<'_>) -> Answer {
    if let Some(answer) = facts.not_carried_out() {
        return answer;
    }
    let mut unproved = None;
    let mut proved = 0usize;
    for (step, record) in facts.begun() {
        let Some(record) = record else { continue };
        if let Some(unproved) = unproved {
            return open(format!("{} was begun although {unproved} was not proved done", step.id));
        }
        if was_proved(record.state) {
            proved = proved.saturating_add(1);
        } else {
            unproved = Some(&step.id);
        }
    }
    match unproved {
        None => done(format!("each of {proved} steps was proved done before the next was begun")),
        Some(step) => done(format!("{step} was not proved done, and no later step was begun")),
    }
}

fn deviations(facts: &Facts<'_>) -> Answer {
    if let Some(answer) = facts.not_carried_out() {
        return answer;
    }
    let mut all = Vec::new();
    for (step, record) in facts.begun() {
        let Some(record) = record else { continue };
        let id = &step.id;
        match record.state {
            StepState::Skipped => {
                all.push(format!("{id} was skipped: {}", record.error.as_deref().unwrap_or("it was so already")));
            }
            StepState::Failed => all.push(format!("{id} failed")),
            StepState::Undone => all.push(format!("{id} was taken back")),
            StepState::UndoFailed => all.push(format!("{id} could not be taken back")),
            StepState::Intended
            | StepState::Called
            | StepState::Done
            | StepState::Rehearsed
            | StepState::UndoIntended
            | StepState::UndoCalled => {}
        }
        if record.attempts > 1 {
            all.push(format!("{id} was intended {} times", record.attempts));
        }
    }
    if let Some(ended) = &facts.record.soak_ended {
        all.push(format!("{} ended the soak: {}", ended.by, ended.reason));
    }
    if let Some(hold) = &facts.record.hold {
        all.push(format!("held for a person: {}", hold.because));
        all.extend(
            hold.resolution.iter().map(|resolution| format!("{} decided: {}", resolution.by, resolution.reason)),
        );
    }
    if all.is_empty() { done("none") } else { done(all.join("; ")) }
}

fn communication(facts: &Facts<'_>) -> Answer {
    facts.attested_afterwards("the notices of this process were sent to its topic; nobody attested more")
}

fn removal(facts: &Facts<'_>) -> Answer {
    match facts.aftermath.map(|after| after.removal) {
        None => open("is looked for once the steps are taken"),
        Some(Removal::Proved(evidence)) => done(evidence),
        Some(Removal::NotProved(because)) => open(because),
        Some(Removal::NotTried) => not_applicable("nothing was removed"),
    }
}

fn savings(facts: &Facts<'_>) -> Answer {
    match facts.aftermath.map(|after| after.removal) {
        Some(Removal::NotTried) => not_applicable("nothing was removed"),
        _ => facts.attested_afterwards("estimated before and after; the bill of the next billing cycle proves it"),
    }
}

fn documentation(facts: &Facts<'_>) -> Answer {
    facts.attested_afterwards("the report names what was removed")
}

fn lessons(facts: &Facts<'_>) -> Answer {
    facts.attested_afterwards("the report leaves room for them")
}

fn archived(facts: &Facts<'_>) -> Answer {
    match (facts.aftermath.and_then(|after| after.report), facts.aftermath) {
        (Some(report), _) => done(format!("s3://{}/{}", report.bucket, report.key)),
        (None, Some(_)) => open("no report is stored"),
        (None, None) => open("the report is stored at the end"),
    }
}
