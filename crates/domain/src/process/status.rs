//! Where a process stands, and the only ways on (C11, C12, C60).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::policy::Mode;

/// Where a process stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Admitted: its resource is locked for it.
    Identified,
    /// Its risk is known.
    Assessed,
    /// People are asked.
    AwaitingApproval,
    /// People or the rule have approved a plan.
    Approved,
    /// The plan was made again and is still the approved one.
    Planned,
    /// The soak is over, and it waits for a change window.
    Scheduled,
    /// Steps are being taken, forward or back.
    InProgress,
    /// The reversible steps are taken, and nothing more happens until the soak is over.
    Soaking,
    /// Something failed after the point of no return: a person decides.
    Held,
    /// The resource is gone, and that is proved.
    Completed,
    /// It ended before anything was changed, or was given up by a person afterwards.
    Failed,
    /// The resource is as it was.
    RolledBack,
    /// Something of the way back failed: people must look.
    RollbackFailed,
    /// Somebody who was asked said no.
    Rejected,
    /// Nobody decided in time.
    Expired,
    /// It must not go this way: the reasons say what to change instead.
    Blocked,
    /// A person gave it up before anything was changed.
    Cancelled,
}

/// A way on that the table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a process in mode {mode} cannot go from {from} to {to}")]
pub struct NoSuchTransition {
    /// Where it stands.
    pub from: Status,
    /// Where it was to go.
    pub to: Status,
    /// Its mode.
    pub mode: Mode,
}

/// The table: from where, to where. What it does not hold is an error.
pub const TRANSITIONS: &[(Status, &[Status])] = {
    use Status::{
        Approved, Assessed, AwaitingApproval, Blocked, Cancelled, Completed, Expired, Failed, Held, Identified,
        InProgress, Planned, Rejected, RollbackFailed, RolledBack, Scheduled, Soaking,
    };
    &[
        (Identified, &[Assessed, Blocked, Failed, Cancelled]),
        (Assessed, &[AwaitingApproval, Approved, Blocked, Failed, Cancelled]),
        (AwaitingApproval, &[Approved, Rejected, Expired, Blocked, Failed, Cancelled]),
        (Approved, &[Planned, AwaitingApproval, Blocked, Failed, Cancelled]),
        (Planned, &[InProgress, Failed, Cancelled]),
        (InProgress, &[Soaking, Held, Completed, RolledBack, RollbackFailed, Failed]),
        (Soaking, &[Scheduled, InProgress, Held, RolledBack, RollbackFailed, Failed]),
        (Scheduled, &[InProgress, Held, RolledBack, RollbackFailed, Failed]),
        (Held, &[InProgress, Completed, RolledBack, RollbackFailed, Failed]),
        (Completed, &[]),
        (Failed, &[]),
        (RolledBack, &[]),
        (RollbackFailed, &[]),
        (Rejected, &[]),
        (Expired, &[]),
        (Blocked, &[]),
        (Cancelled, &[]),
    ]
};

/// The ways of a dry run: it asks nobody, changes nothing, and so ends where it was assessed.
pub const DRY_TRANSITIONS: &[(Status, &[Status])] = {
    use Status::{Assessed, Blocked, Cancelled, Completed, Failed, Identified};
    &[(Identified, &[Assessed, Blocked, Failed, Cancelled]), (Assessed, &[Blocked, Completed, Failed, Cancelled])]
};

impl Status {
    /// Every status.
    pub const ALL: [Self; 17] = [
        Self::Identified,
        Self::Assessed,
        Self::AwaitingApproval,
        Self::Approved,
        Self::Planned,
        Self::Scheduled,
        Self::InProgress,
        Self::Soaking,
        Self::Held,
        Self::Completed,
        Self::Failed,
        Self::RolledBack,
        Self::RollbackFailed,
        Self::Rejected,
        Self::Expired,
        Self::Blocked,
        Self::Cancelled,
    ];

    /// The name in records, notices and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identified => "identified",
            Self::Assessed => "assessed",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Approved => "approved",
            Self::Planned => "planned",
            Self::Scheduled => "scheduled",
            Self::InProgress => "in_progress",
            Self::Soaking => "soaking",
            Self::Held => "held",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::RollbackFailed => "rollback_failed",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
            Self::Cancelled => "cancelled",
        }
    }

    /// The ways on from here.
    #[must_use]
    pub fn next(self, mode: Mode) -> &'static [Self] {
        let table = match mode {
            Mode::Live => TRANSITIONS,
            Mode::DryRun => DRY_TRANSITIONS,
        };
        table.iter().find(|(from, _)| *from == self).map_or(&[], |(_, to)| to)
    }

    /// The way to `to`, if the table has it.
    ///
    /// # Errors
    /// [`NoSuchTransition`].
    pub fn to(self, to: Self, mode: Mode) -> Result<Self, NoSuchTransition> {
        if self.next(mode).contains(&to) { Ok(to) } else { Err(NoSuchTransition { from: self, to, mode }) }
    }

    /// Whether the process is over.
    #[must_use]
    pub fn is_end(self) -> bool {
        self.next(Mode::Live).is_empty()
    }

    /// Whether steps against the resource may have been taken, and no end is reached.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::InProgress | Self::Soaking | Self::Scheduled | Self::Held)
    }

    /// Whether the resource stays locked at this end, because it is neither as it was nor gone.
    #[must_use]
    pub fn keeps_the_lock(self) -> bool {
        self == Self::RollbackFailed
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_status_has_its_line_in_the_table_and_its_own_name() {
        for status in Status::ALL {
            assert_eq!(TRANSITIONS.iter().filter(|(from, _)| *from == status).count(), 1, "{status}");
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!(TRANSITIONS.len(), Status::ALL.len());
    }

    #[test]
    fn every_status_but_the_first_can_be_reached_and_every_one_leads_to_an_end() {
        let mut reached = std::collections::BTreeSet::from([Status::Identified]);
        let mut open = vec![Status::Identified];
        while let Some(status) = open.pop() {
            open.extend(status.next(Mode::Live).iter().filter(|next| reached.insert(**next)));
        }
        assert_eq!(reached.len(), Status::ALL.len());
        for status in Status::ALL {
            assert!(status.is_end() || status.next(Mode::Live).contains(&Status::Failed), "{status}");
        }
    }

    #[test]
    fn nothing_is_changed_before_an_approval() {
        let without_approval = |from: Status| from.next(Mode::Live).iter().filter(|to| **to != Status::Approved);
        let mut reached = std::collections::BTreeSet::from([Status::Identified]);
        let mut open = vec![Status::Identified];
        while let Some(status) = open.pop() {
            open.extend(without_approval(status).filter(|next| reached.insert(**next)));
        }
        let acting = Status::ALL.into_iter().filter(|status| status.is_under_way());
        for acting in acting.chain([Status::RolledBack, Status::RollbackFailed, Status::Completed]) {
            assert!(!reached.contains(&acting), "{acting}");
        }
    }

    #[test]
    fn a_dry_run_never_acts_and_never_asks() {
        for status in Status::ALL {
            for to in status.next(Mode::DryRun) {
                let harmless =
                    [Status::Assessed, Status::Blocked, Status::Completed, Status::Failed, Status::Cancelled];
                assert!(harmless.contains(to), "{status} to {to}");
            }
        }
    }

    #[test]
    fn a_way_that_the_table_does_not_have_is_an_error_that_names_it() {
        let error = Status::Rejected.to(Status::InProgress, Mode::Live).unwrap_err();
        assert_eq!(error.to_string(), "a process in mode live cannot go from rejected to in_progress");
    }

    proptest! {
        #[test]
        fn no_walk_leaves_an_end(walk in proptest::collection::vec(0..17usize, 1..40)) {
            let mut status = Status::Identified;
            for step in walk {
                let wanted = Status::ALL[step];
                match status.to(wanted, Mode::Live) {
                    Ok(next) => {
                        prop_assert!(!status.is_end());
                        status = next;
                    }
                    Err(_) => prop_assert!(!status.next(Mode::Live).contains(&wanted)),
                }
            }
        }
    }
}
