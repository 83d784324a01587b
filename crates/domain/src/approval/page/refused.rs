//! What the page refuses: a status and a message for whoever asked, and what it was for the audit.

use serde::{Deserialize, Serialize};

use crate::approval::link::BadLink;
use crate::approval::tally::Refusal;

/// What a refusal was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request or a link that does not have its form.
    Malformed,
    /// A link whose signature is wrong.
    Forged,
    /// A link of a key that is not known, or no longer.
    UnknownKey,
    /// A link after its time.
    Expired,
    /// A link that was answered with.
    Used,
    /// A link of somebody who is not asked, or about another process.
    Foreign,
    /// A link about a plan or a round that is not asked about any more.
    ChangedPlan,
    /// A form that was not shown on the page of its link, or too long ago.
    Form,
    /// The end of the resource's id was not typed.
    Confirm,
    /// A reason that is missing, or that people could not read.
    Reason,
    /// Links do not decide at this risk.
    NotByLink,
    /// It was decided before.
    Decided,
    /// It came after the deadline.
    TooLate,
    /// A body that is no form, or too long.
    Body,
    /// A method that the page does not have.
    Method,
    /// A form that another site sent.
    Origin,
    /// Too many refusals before it.
    Rate,
    /// The page itself cannot answer now.
    Unavailable,
    /// An answer that may or may not have been stored.
    Unknown,
}

impl Kind {
    /// The name in the audit and in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Forged => "forged",
            Self::UnknownKey => "unknown_key",
            Self::Expired => "expired",
            Self::Used => "used",
            Self::Foreign => "foreign",
            Self::ChangedPlan => "changed_plan",
            Self::Form => "form",
            Self::Confirm => "confirm",
            Self::Reason => "reason",
            Self::NotByLink => "not_by_link",
            Self::Decided => "decided",
            Self::TooLate => "too_late",
            Self::Body => "body",
            Self::Method => "method",
            Self::Origin => "origin",
            Self::Rate => "rate",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
        }
    }
}

/// What every link that does not work is answered with, whatever is wrong with it: whoever tries links learns nothing.
pub const LINK_DOES_NOT_WORK: &str =
    "this link does not work: it is incomplete, was used already, is too old, or belongs to something else";

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// What it was about.
    pub kind: Kind,
    /// Why, and what would be right. It repeats nothing of the request.
    pub message: String,
}

impl Refused {
    /// A refusal.
    #[must_use]
    pub fn new(status: u16, kind: Kind, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into() }
    }

    /// A link that does not work, whatever is wrong with it.
    #[must_use]
    pub fn link(kind: Kind) -> Self {
        Self::new(404, kind, LINK_DOES_NOT_WORK)
    }

    /// A form whose token is wrong.
    #[must_use]
    pub fn form() -> Self {
        Self::new(403, Kind::Form, "the form is too old, or was not shown by this page: open the link again")
    }

    /// Too many refusals before this request.
    #[must_use]
    pub fn rate() -> Self {
        Self::new(429, Kind::Rate, "too many requests were refused: try again in ten minutes")
    }

    /// The page cannot answer now.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(503, Kind::Unavailable, "the page cannot answer now, and nothing was changed: try again in a minute")
    }

    /// The answer may or may not have been stored.
    #[must_use]
    pub fn unknown() -> Self {
        let message = "it is not known whether your answer was taken: open the link again, and if it does not work any \
                       more, your answer was taken";
        Self::new(503, Kind::Unknown, message)
    }

    /// The field of the form that would have to be another, where it is one.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Confirm => Some("confirm"),
            Kind::Reason => Some("reason"),
            Kind::Form => Some("form"),
            _ => None,
        }
    }
}

impl From<&BadLink> for Refused {
    fn from(error: &BadLink) -> Self {
        match error {
            BadLink::Malformed => Self::link(Kind::Malformed),
            BadLink::UnknownKey => Self::link(Kind::UnknownKey),
            BadLink::Forged => Self::link(Kind::Forged),
            BadLink::Expired(link) => {
                Self::new(410, Kind::Expired, format!("this link worked until {}", link.expires_at))
            }
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal.status {
            // Whoever is not asked has no link of their own: theirs is somebody else's.
            403 | 404 => Self::link(Kind::Foreign),
            410 => Self::new(410, Kind::TooLate, refusal.message),
            _ => Self::new(409, Kind::Decided, refusal.message),
        }
    }
}
