//! Why an image stays or goes, as a code that machines match and a sentence that people read.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::coverage::{Coverage, Source};
use crate::evidence::Use;
use crate::launch_permission::LaunchPermission;
use crate::time::Timestamp;

/// One reason. Every reason that holds is given, not only the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A source that could have prevented the deletion was not read completely.
    Unread {
        /// Which one.
        source: Source,
        /// How its reading went; `None`: it was not read at all.
        coverage: Option<Coverage>,
    },
    /// Something names the image.
    InUse(Use),
    /// Younger than the policy's hours, or exactly as old.
    TooYoung {
        /// Its age in seconds.
        age_seconds: i64,
        /// The policy's hours.
        valid_hours: u32,
    },
    /// EC2 gave no creation date, or one that nobody can read.
    NoCreationDate,
    /// Created after the clock's time: one of the two is wrong.
    CreatedInTheFuture {
        /// When it says that it was created.
        created_at: Timestamp,
    },
    /// Among the newest of its family.
    NewestOfFamily {
        /// The family.
        family: Box<str>,
        /// How many available images of it are newer.
        newer_available: u32,
        /// How many the policy keeps.
        keep_newest: u32,
    },
    /// Launched too recently.
    RecentlyLaunched {
        /// `LastLaunchedTime`.
        last_launched_at: Timestamp,
        /// The policy's days.
        min_idle_days: u32,
    },
    /// The opt-out tag.
    OptedOut {
        /// The tag's key as it is written.
        tag: String,
        /// Its value.
        value: String,
    },
    /// No filter of the policy includes it.
    NotIncluded {
        /// The filter.
        filter: String,
    },
    /// A filter of the policy excludes it.
    Excluded {
        /// The pattern that matched.
        pattern: String,
    },
    /// Others may launch it.
    Shared {
        /// Who.
        with: Vec<LaunchPermission>,
    },
    /// Everybody may launch it.
    Public,
    /// Deregistration protection is on. It is reported, never switched off.
    Protected {
        /// EC2's word for it.
        protection: String,
    },
    /// A service manages it.
    ManagedBy {
        /// Which.
        service: String,
        /// How that shows.
        by: String,
    },
    /// This account does not own it.
    NotOwned {
        /// Who does.
        owner: Option<String>,
    },
    /// It carries product codes.
    Marketplace,
    /// An instance-store image: its bundle in S3 would stay behind.
    InstanceStore,
    /// `pending`, `failed` and the like.
    State {
        /// EC2's word.
        state: String,
    },
    /// Disabled by Sunset, and its grace is not over.
    InGrace {
        /// When it was disabled.
        disabled_at: Timestamp,
        /// When it may go.
        until: Timestamp,
    },
    /// Disabled by Sunset and enabled again by somebody else.
    EnabledAgain {
        /// When Sunset disabled it.
        disabled_at: Timestamp,
    },
    /// Somebody began to bring it back, and that has not come to its end.
    Restoring,
    /// Made by a Sunset process, which alone may remove it for now.
    KeptByProcess {
        /// Which.
        process: Option<String>,
        /// Until when, as the tag says.
        until: Option<String>,
    },
    /// Deregistered by Sunset, and still or again there.
    BroughtBack {
        /// When Sunset deregistered it.
        deregistered_at: Timestamp,
    },
    /// Another image stands on the same snapshot.
    SnapshotInUse {
        /// The images, or what EC2 said.
        by: Vec<String>,
    },
    /// A lock forbids the deletion.
    Locked {
        /// EC2's word.
        state: String,
    },
    /// EC2 or a service refused the deletion.
    Refused {
        /// Its answer.
        answer: String,
    },
    /// Older than the policy's hours.
    Expired {
        /// Its age in seconds.
        age_seconds: i64,
        /// The policy's hours.
        valid_hours: u32,
    },
    /// Every source was read, and nothing names the image.
    Unused,
    /// It will be disabled first.
    GraceBegins {
        /// For how long.
        grace_days: u32,
    },
    /// Its grace is over.
    GraceOver {
        /// When it was disabled.
        disabled_at: Timestamp,
    },
}

impl Reason {
    /// The name that machines match.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unread { .. } => "unread",
            Self::InUse(_) => "in_use",
            Self::TooYoung { .. } => "too_young",
            Self::NoCreationDate => "no_creation_date",
            Self::CreatedInTheFuture { .. } => "created_in_the_future",
            Self::NewestOfFamily { .. } => "newest_of_family",
            Self::RecentlyLaunched { .. } => "recently_launched",
            Self::OptedOut { .. } => "opted_out",
            Self::NotIncluded { .. } => "not_included",
            Self::Excluded { .. } => "excluded",
            Self::Shared { .. } => "shared",
            Self::Public => "public",
            Self::Protected { .. } => "protected",
            Self::ManagedBy { .. } => "managed_by",
            Self::NotOwned { .. } => "not_owned",
            Self::Marketplace => "marketplace",
            Self::InstanceStore => "instance_store",
            Self::State { .. } => "state",
            Self::InGrace { .. } => "in_grace",
            Self::EnabledAgain { .. } => "enabled_again",
            Self::Restoring => "restoring",
            Self::KeptByProcess { .. } => "kept_by_process",
            Self::BroughtBack { .. } => "brought_back",
            Self::SnapshotInUse { .. } => "snapshot_in_use",
            Self::Locked { .. } => "locked",
            Self::Refused { .. } => "refused",
            Self::Expired { .. } => "expired",
            Self::Unused => "unused",
            Self::GraceBegins { .. } => "grace_begins",
            Self::GraceOver { .. } => "grace_over",
        }
    }
}

/// A span as people say it: hours up to two days, then days.
struct Span(i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.0 / 3600;
        if hours < 48 { write!(f, "{}.{} hours", hours, self.0 % 3600 / 360) } else { write!(f, "{} days", hours / 24) }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread { source, coverage: Some(coverage) } => {
                write!(f, "{source} could not be relied on: {coverage}")
            }
            Self::Unread { source, coverage: None } => write!(f, "{source} was not read"),
            Self::InUse(by) => write!(f, "used by {by}"),
            Self::TooYoung { age_seconds, valid_hours } => write!(
                f,
                "{} old, {} short of {valid_hours} hours",
                Span(*age_seconds),
                Span(i64::from(*valid_hours) * 3600 - age_seconds)
            ),
            Self::NoCreationDate => f.write_str("no creation date that can be read"),
            Self::CreatedInTheFuture { created_at } => write!(f, "created in the future, at {created_at}"),
            Self::NewestOfFamily { family, newer_available, keep_newest } => write!(
                f,
                "number {} of family {family}, of which the newest {keep_newest} stay",
                u64::from(*newer_available) + 1
            ),
            Self::RecentlyLaunched { last_launched_at, min_idle_days } => {
                write!(f, "last launched {last_launched_at}, within {min_idle_days} days")
            }
            Self::OptedOut { tag, value } if value.is_empty() => write!(f, "opted out by tag {tag}"),
            Self::OptedOut { tag, value } => write!(f, "opted out by tag {tag}={value}"),
            Self::NotIncluded { filter } => write!(f, "not included by {filter}"),
            Self::Excluded { pattern } => write!(f, "excluded by {pattern}"),
            Self::Shared { with } => {
                let with: Vec<String> = with.iter().map(ToString::to_string).collect();
                write!(f, "shared with {}", with.join(", "))
            }
            Self::Public => f.write_str("public: everybody may launch it"),
            Self::Protected { protection } => write!(f, "deregistration protection is on ({protection})"),
            Self::ManagedBy { service, by } => write!(f, "managed by {service}, as {by} says"),
            Self::NotOwned { owner: Some(owner) } => write!(f, "owned by {owner}"),
            Self::NotOwned { owner: None } => f.write_str("its owner is unknown"),
            Self::Marketplace => f.write_str("carries product codes"),
            Self::InstanceStore => f.write_str("instance-store: its bundle in S3 would stay behind"),
            Self::State { state } => write!(f, "in state {state}"),
            Self::InGrace { disabled_at, until } => write!(f, "disabled {disabled_at}, in grace until {until}"),
            Self::EnabledAgain { disabled_at } => write!(
                f,
                "disabled by Sunset {disabled_at} and enabled again by somebody since; disable it by hand to let it go"
            ),
            Self::Restoring => f.write_str("being brought back; call restore again to finish that"),
            Self::KeptByProcess { process, until } => write!(
                f,
                "made by process {}, kept until {}",
                process.as_deref().unwrap_or("(unnamed)"),
                until.as_deref().unwrap_or("that says otherwise")
            ),
            Self::BroughtBack { deregistered_at } => write!(
                f,
                "deregistered by Sunset {deregistered_at} and still shown: EC2 lags, or somebody brought it back; disable \
                 it by hand to let it go"
            ),
            Self::SnapshotInUse { by } => write!(f, "still used by {}", by.join(", ")),
            Self::Locked { state } => write!(f, "locked ({state})"),
            Self::Refused { answer } => write!(f, "refused: {answer}"),
            Self::Expired { age_seconds, valid_hours } => {
                write!(f, "{} old, over {valid_hours} hours", Span(*age_seconds))
            }
            Self::Unused => f.write_str("nothing that was read uses it"),
            Self::GraceBegins { grace_days: 0 } => f.write_str("its grace begins"),
            Self::GraceBegins { grace_days } => write!(f, "disabled first, for {grace_days} days of grace"),
            Self::GraceOver { disabled_at } => write!(f, "disabled {disabled_at}, its grace is over"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut reason = serializer.serialize_struct("Reason", 2)?;
        reason.serialize_field("code", self.code())?;
        reason.serialize_field("text", &format_args!("{self}"))?;
        reason.end()
    }
}
