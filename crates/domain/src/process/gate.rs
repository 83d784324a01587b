//! The last question before something irreversible: may it happen, now, under this plan?

use crate::ids::PlanHash;
use crate::policy::Mode;
use crate::process::cursor::StepView;
use crate::process::record::ProcessRecord;
use crate::process::status::Status;
use crate::runbook::document::Runbook;
use crate::runbook::step::Step;
use crate::time::Timestamp;
use crate::windows::WindowState;

/// What was found right before the call.
#[derive(Debug, Clone, Copy)]
pub struct FreshLook<'a> {
    /// Everything by which the resource is worse to lose than what was approved; empty where nothing is.
    pub worse: &'a [String],
    /// What a look at the backup showed; nothing where the step's recovery needs none.
    pub backup: Option<&'a StepView>,
    /// Whether something irreversible may begin now.
    pub window: &'a WindowState,
    /// Whether the step's call was intended before: what has begun goes on, because half of it is worse than all of it.
    pub begun: bool,
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
    /// It is no time to begin: everything else would allow it (C71).
    #[error("the change window is closed: {because}")]
    WindowClosed {
        /// When to look again; nothing where no window is in sight.
        opens_at: Option<Timestamp>,
        /// Why, in words.
        because: String,
    },
}

/// Whether an irreversible step may be taken.
///
/// # Errors
/// [`Refusal`]: the first thing that forbids it. A closed window comes last: it alone only asks to wait.
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
    if record.mode == Mode::Live && !matches!(record.status, Status::Soaking | Status::Scheduled | Status::InProgress) {
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
        Some(StepView::Done { .. }) => {}
        Some(StepView::NotDone { now } | StepView::UnderWay { now }) => {
            return Err(Refusal::Backup { why: now.clone() });
        }
        Some(StepView::Impossible { why }) => return Err(Refusal::Backup { why: why.clone() }),
        None if must_be_verified => return Err(Refusal::Backup { why: "nobody looked at it".into() }),
        None => {}
    }
    match look.window {
        WindowState::Closed { opens_at, because } if !look.begun => {
            Err(Refusal::WindowClosed { opens_at: *opens_at, because: because.clone() })
        }
        WindowState::Closed { .. } | WindowState::Open { .. } => Ok(()),
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

    fn open() -> WindowState {
        WindowState::Open { until: None, window: "weekdays".into() }
    }

    fn closed() -> WindowState {
        WindowState::Closed { opens_at: Some(now().plus_hours(8)), because: "it is a holiday".into() }
    }

    fn looked(record: &ProcessRecord, runbook: &Runbook, look: FreshLook<'_>) -> Result<(), Refusal> {
        let step = runbook.steps.iter().find(|step| step.effect == Effect::Irreversible).unwrap();
        may_destroy(record, runbook, &runbook.hash().unwrap(), step, look, now())
    }

    fn asked(
        record: &ProcessRecord,
        runbook: &Runbook,
        worse: &[String],
        backup: Option<&StepView>,
    ) -> Result<(), Refusal> {
        looked(record, runbook, FreshLook { worse, backup, window: &open(), begun: false })
    }

    fn verified() -> StepView {
        StepView::Done { outputs: BTreeMap::new() }
    }

    #[test]
    fn what_is_approved_soaked_unchanged_and_backed_up_may_go() {
        for status in Status::ALL {
            let (mut record, runbook) = ready();
            record.status = status;
            let may = matches!(status, Status::Soaking | Status::Scheduled | Status::InProgress);
            assert_eq!(asked(&record, &runbook, &[], Some(&verified())).is_ok(), may, "{status}");
        }
    }

    #[test]
    fn nothing_irreversible_begins_while_the_window_is_closed_and_what_has_begun_goes_on() {
        let (record, runbook) = ready();
        let in_window = |window: &WindowState, begun| {
            looked(&record, &runbook, FreshLook { worse: &[], backup: Some(&verified()), window, begun })
        };
        let refusal = in_window(&closed(), false).unwrap_err();
        assert_eq!(refusal.to_string(), "the change window is closed: it is a holiday");
        assert!(matches!(refusal, Refusal::WindowClosed { opens_at: Some(at), .. } if at == now().plus_hours(8)));
        assert_eq!(in_window(&closed(), true), Ok(()));
        assert_eq!(in_window(&open(), false), Ok(()));
    }

    #[test]
    fn what_would_forbid_it_in_an_open_window_is_not_waited_for_in_a_closed_one() {
        let (record, runbook) = ready();
        let worse = ["a new dependent".to_owned()];
        for begun in [false, true] {
            let refused = |worse: &[String], backup: Option<&StepView>| {
                looked(&record, &runbook, FreshLook { worse, backup, window: &closed(), begun }).unwrap_err()
            };
            assert!(matches!(refused(&worse, Some(&verified())), Refusal::Worse { .. }));
            assert!(matches!(refused(&[], None), Refusal::Backup { .. }));
        }
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
