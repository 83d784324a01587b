//! The last question before something irreversible: may it happen, now, under this plan?

use crate::ids::PlanHash;
use crate::policy::Mode;
use crate::process::cursor::StepView;
use crate::process::record::ProcessRecord;
use crate::process::status::Status;
use crate::runbook::document::Runbook;
use crate::runbook::step::Step;
use crate::time::Timestamp;

/// What was found right before the call.
#[derive(Debug, Clone, Copy)]
pub struct FreshLook<'a> {
    /// Everything by which the resource is worse to lose than what was approved; empty where nothing is.
    pub worse: &'a [String],
    /// What a look at the backup showed; nothing where the step's recovery needs none.
    pub backup: Option<&'a StepView>,
}

/// Why it may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody approved this very plan.
    #[error("plan {plan} is not the approved one ({approved})")]
    NotApproved {
        /// The plan at hand.
        plan: String,
        /// The approved one.
        approved: String,
    },
    /// The document in the ledger does not have the hash that was approved.
    #[error("the stored plan has the hash {found}, and {approved} was approved")]
    PlanEdited {
        /// What it has.
        found: String,
        /// What it should have.
        approved: String,
    },
    /// The process is somewhere else.
    #[error("the process is {status}")]
    NotNow {
        /// Where.
        status: Status,
    },
    /// It is on its way back, or somebody ended the soak.
    #[error("{why}")]
    WayBack {
        /// Which of it.
        why: String,
    },
    /// The soak goes on.
    #[error("the soak goes on until {until}")]
    Soaking {
        /// Until when.
        until: Timestamp,
    },
    /// It never soaked.
    #[error("there was no soak")]
    NeverSoaked,
    /// What was approved is not what is there.
    #[error("{}", .reasons.join("; "))]
    Worse {
        /// Every reason.
        reasons: Vec<String>,
    },
    /// The backup is not what it must be.
    #[error("the backup is not verified: {why}")]
    Backup {
        /// Why.
        why: String,
    },
}

/// Whether an irreversible step may be taken.
///
/// # Errors
/// [`Refusal`]: the first thing that forbids it.
pub fn may_destroy(
    record: &ProcessRecord,
    runbook: &Runbook,
    hash: &PlanHash,
    step: &Step,
    look: FreshLook<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let shown = |hash: Option<&PlanHash>| hash.map_or_else(|| "none".to_owned(), ToString::to_string);
    let approved = record.approved_plan_hash.as_ref();
    if approved.is_none() || record.plan_hash.as_ref() != approved {
        return Err(Refusal::NotApproved { plan: shown(record.plan_hash.as_ref()), approved: shown(approved) });
    }
    if Some(hash) != approved || runbook.resource != record.resource {
        return Err(Refusal::PlanEdited { found: hash.to_string(), approved: shown(approved) });
    }
    if record.mode == Mode::Live && !matches!(record.status, Status::Soaking | Status::InProgress) {
        return Err(Refusal::NotNow { status: record.status });
    }
    if record.rolling_back {
        return Err(Refusal::WayBack { why: "the process is on its way back".into() });
    }
    if let Some(ended) = &record.soak_ended {
        return Err(Refusal::WayBack { why: format!("{} ended the soak: {}", ended.by, ended.reason) });
    }
    match record.soak_until {
        None => return Err(Refusal::NeverSoaked),
        Some(until) if now < until => return Err(Refusal::Soaking { until }),
        Some(_) => {}
    }
    if !look.worse.is_empty() {
        return Err(Refusal::Worse { reasons: look.worse.to_vec() });
    }
    let must_be_verified = step.recovery.as_ref().is_some_and(|recovery| recovery.verified_by.is_some());
    match look.backup {
        Some(StepView::Done { .. }) => Ok(()),
        Some(StepView::NotDone { now } | StepView::UnderWay { now }) => Err(Refusal::Backup { why: now.clone() }),
        Some(StepView::Impossible { why }) => Err(Refusal::Backup { why: why.clone() }),
        None if must_be_verified => Err(Refusal::Backup { why: "nobody looked at it".into() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::fixtures::{record, runbook};
    use crate::process::record::EndedSoak;
    use crate::runbook::action::Effect;
    use std::collections::BTreeMap;

    const NOW: i64 = 1_800_000_000;

    fn now() -> Timestamp {
        Timestamp::from_unix_seconds(NOW)
    }

    fn ready() -> (ProcessRecord, Runbook) {
        let runbook = runbook();
        let mut record = record(Status::Soaking);
        record.plan_hash = Some(runbook.hash().unwrap());
        record.approved_plan_hash = record.plan_hash.clone();
        record.soak_until = Some(now());
        (record, runbook)
    }

    fn asked(
        record: &ProcessRecord,
        runbook: &Runbook,
        worse: &[String],
        backup: Option<&StepView>,
    ) -> Result<(), Refusal> {
        let step = runbook.steps.iter().find(|step| step.effect == Effect::Irreversible).unwrap();
        may_destroy(record, runbook, &runbook.hash().unwrap(), step, FreshLook { worse, backup }, now())
    }

    fn verified() -> StepView {
        StepView::Done { outputs: BTreeMap::new() }
    }

    #[test]
    fn what_is_approved_soaked_unchanged_and_backed_up_may_go() {
        let (record, runbook) = ready();
        assert_eq!(asked(&record, &runbook, &[], Some(&verified())), Ok(()));
    }

    #[test]
    fn each_thing_that_is_missing_forbids_it() {
        let refused = |change: &dyn Fn(&mut ProcessRecord, &mut Runbook)| {
            let (mut record, mut runbook) = ready();
            change(&mut record, &mut runbook);
            asked(&record, &runbook, &[], Some(&verified())).unwrap_err().to_string()
        };
        let ended = EndedSoak { by: "ada".into(), reason: "still used".into(), at: now() };
        assert!(refused(&|record, _| record.approved_plan_hash = None).ends_with("is not the approved one (none)"));
        assert!(refused(&|_, runbook| runbook.steps[0].description = "edited".into()).contains("was approved"));
        assert_eq!(refused(&|record, _| record.status = Status::Held), "the process is held");
        assert_eq!(refused(&|record, _| record.rolling_back = true), "the process is on its way back");
        assert_eq!(refused(&|record, _| record.soak_ended = Some(ended.clone())), "ada ended the soak: still used");
        assert_eq!(refused(&|record, _| record.soak_until = None), "there was no soak");
        assert!(
            refused(&|record, _| record.soak_until = Some(now().plus_hours(1))).starts_with("the soak goes on until")
        );
    }

    #[test]
    fn what_became_worse_stays_and_so_does_what_has_no_verified_backup() {
        let (record, runbook) = ready();
        let worse = ["a new dependent".to_owned()];
        assert!(matches!(asked(&record, &runbook, &worse, Some(&verified())), Err(Refusal::Worse { .. })));
        assert!(matches!(asked(&record, &runbook, &[], None), Err(Refusal::Backup { .. })));
        let pending = StepView::UnderWay { now: "pending".into() };
        assert!(matches!(asked(&record, &runbook, &[], Some(&pending)), Err(Refusal::Backup { .. })));
    }
}
