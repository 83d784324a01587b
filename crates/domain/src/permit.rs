//! The permit that every mutating call asks for.

use crate::policy::Mode;

/// Proof that the ledger holds the intent of an act. Only what wrote it should make one.
#[derive(Debug)]
#[must_use]
pub struct StoredIntent {
    subject: String,
}

impl StoredIntent {
    /// States that the intent to act on `subject` has been written.
    pub fn written(subject: impl Into<String>) -> Self {
        Self { subject: subject.into() }
    }
}

/// Permission to make mutating calls about one subject. Neither a dry run nor an act without a stored intent can make one.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    subject: String,
}

/// A mutating call without permission: a defect, never a matter of timing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPermitted {
    /// A dry run changes nothing.
    #[error("a dry run may not change {subject}")]
    DryRun {
        /// What would have been changed.
        subject: String,
    },
    /// The permit is for something else.
    #[error("the permit is for {permitted}, not for {subject}")]
    OtherSubject {
        /// What it is for.
        permitted: String,
        /// What would have been changed.
        subject: String,
    },
}

impl Permit {
    /// Turns a stored intent into a permit, in live mode only.
    ///
    /// # Errors
    /// [`NotPermitted::DryRun`].
    pub fn new(mode: Mode, intent: StoredIntent) -> Result<Self, NotPermitted> {
        match mode {
            Mode::Live => Ok(Self { subject: intent.subject }),
            Mode::DryRun => Err(NotPermitted::DryRun { subject: intent.subject }),
        }
    }

    /// Checks that a call is about what the permit is for.
    ///
    /// # Errors
    /// [`NotPermitted::OtherSubject`].
    pub fn covers(&self, subject: &str) -> Result<(), NotPermitted> {
        if self.subject == subject {
            Ok(())
        } else {
            Err(NotPermitted::OtherSubject { permitted: self.subject.clone(), subject: subject.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_makes_no_permit_and_a_permit_covers_only_its_subject() {
        assert!(Permit::new(Mode::DryRun, StoredIntent::written("ami-1")).is_err());
        let permit = Permit::new(Mode::Live, StoredIntent::written("ami-1")).unwrap();
        assert!(permit.covers("ami-1").is_ok());
        assert!(permit.covers("ami-2").is_err());
    }
}
