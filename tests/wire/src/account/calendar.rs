use time::OffsetDateTime;

/// An SSM Change Calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The document's name, or its ARN where another account shares it.
    pub name: String,
    /// Whether it is open now.
    pub open: bool,
    /// When that changes, where anything is entered.
    pub changes_at: Option<OffsetDateTime>,
}

impl Calendar {
    /// A calendar that is open, with nothing entered.
    #[must_use]
    pub fn open(name: impl Into<String>) -> Self {
        Self { name: name.into(), open: true, changes_at: None }
    }

    /// A calendar that is closed, with nothing entered.
    #[must_use]
    pub fn closed(name: impl Into<String>) -> Self {
        Self { open: false, ..Self::open(name) }
    }

    /// It is the other way round from then on, as calendars have it: from a whole second on.
    #[must_use]
    pub fn until(mut self, at: OffsetDateTime) -> Self {
        self.changes_at = Some(at.replace_nanosecond(0).unwrap_or(at));
        self
    }

    /// Whether it is open at a moment, and when that changes.
    pub(crate) fn at(&self, now: OffsetDateTime) -> (bool, Option<OffsetDateTime>) {
        match self.changes_at {
            Some(at) if at <= now => (!self.open, None),
            at => (self.open, at),
        }
    }
}
