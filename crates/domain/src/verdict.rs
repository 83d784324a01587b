//! The one function that chooses which images go.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::coverage::Source;
use crate::evidence::Evidence;
use crate::image::{Image, ImageState};
use crate::launch_permission::LaunchPermission;
use crate::ledger::ImageStatus;
use crate::never_touch::never_touch;
use crate::policy::Policy;
use crate::reason::Reason;
use crate::time::Timestamp;

/// What may be done with an image, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It stays as it is.
    Keep,
    /// It can no longer be launched; everything else stays, and it can be enabled again.
    Disable,
    /// It goes, and its snapshots after it.
    Deregister,
}

impl Action {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Disable => "disable",
            Self::Deregister => "deregister",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is to be done with an image, and every reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What is to be done.
    pub action: Action,
    /// Why: for [`Action::Keep`] everything that holds the image, else what makes it due.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// Whether only what is asked image by image is missing, so that it is worth asking.
    #[must_use]
    pub fn awaits_reading(&self) -> bool {
        self.action == Action::Keep && self.reasons.iter().all(is_not_asked)
    }

    /// Whether an unread source holds the image.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.action == Action::Keep && self.reasons.iter().any(|reason| matches!(reason, Reason::Unread { .. }))
    }
}

/// Decides one image. Everything that speaks for keeping it is gathered; only where nothing does, it goes.
#[must_use]
pub fn verdict(image: &Image, evidence: &Evidence, policy: &Policy, now: Timestamp) -> Verdict {
    let mut keep = never_touch(image, &evidence.account_id, now);
    keep.extend(unread(image, evidence, policy));
    keep.extend(evidence.uses.get(&image.id).into_iter().flatten().cloned().map(Reason::InUse));
    keep.extend(filtered(image, policy));
    keep.extend(shared(image, evidence, policy));
    keep.extend(newest(image, evidence, policy));
    keep.extend(recently_launched(image, policy, now));
    let expired = match age(image, policy, now) {
        Ok(expired) => Some(expired),
        Err(reason) => {
            keep.push(reason);
            None
        }
    };
    let next = match next_step(image, evidence, policy, now) {
        Ok(next) => Some(next),
        Err(reason) => {
            keep.push(reason);
            None
        }
    };
    if !keep.iter().all(is_not_asked) {
        // Nobody asks about an image that is held anyway, so that it was not asked about is no reason of its own.
        keep.retain(|reason| !is_not_asked(reason));
    }
    match (expired, next) {
        (Some(expired), Some((action, step))) if keep.is_empty() => {
            Verdict { action, reasons: [expired, Reason::Unused].into_iter().chain(step).collect() }
        }
        _ => Verdict { action: Action::Keep, reasons: keep },
    }
}

/// Whether this says only that nobody has asked yet, image by image.
fn is_not_asked(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::Unread { source: Source::Ledger | Source::LaunchPermissions | Source::ImageReferences, coverage: None }
    )
}

/// Every source that could have prevented the deletion and was not read completely.
fn unread(image: &Image, evidence: &Evidence, policy: &Policy) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Source::REQUIRED
        .into_iter()
        .filter_map(|source| match evidence.coverages.get(&source) {
            Some(coverage) if coverage.is_complete() => None,
            coverage => Some(Reason::Unread { source, coverage: coverage.cloned() }),
        })
        .collect();
    let mut asked = |source: Source, answered: bool| {
        if !answered {
            let coverage = evidence.coverages.get(&source).filter(|coverage| !coverage.is_complete()).cloned();
            reasons.push(Reason::Unread { source, coverage });
        }
    };
    asked(Source::Ledger, evidence.quarantines.contains_key(&image.id));
    asked(Source::LaunchPermissions, evidence.launch_permissions.contains_key(&image.id));
    asked(Source::ImageReferences, !policy.second_opinion || evidence.second_opinions.contains(&image.id));
    reasons
}

fn filtered(image: &Image, policy: &Policy) -> Vec<Reason> {
    let missed = policy.include.iter().filter(|filter| !filter.includes(image));
    let excluded = policy.exclude.iter().filter_map(|filter| filter.excludes(image));
    missed
        .map(|filter| Reason::NotIncluded { filter: filter.to_string() })
        .chain(excluded.map(|pattern| Reason::Excluded { pattern }))
        .collect()
}

fn shared(image: &Image, evidence: &Evidence, policy: &Policy) -> Option<Reason> {
    let with = evidence.launch_permissions.get(&image.id).filter(|with| !with.is_empty())?;
    if with.contains(&LaunchPermission::Everybody) {
        // `Public` in DescribeImages and the launch permissions are two readings: either is enough.
        return (!image.public).then_some(Reason::Public);
    }
    (!policy.allow_shared).then(|| Reason::Shared { with: with.clone() })
}

fn newest(image: &Image, evidence: &Evidence, policy: &Policy) -> Option<Reason> {
    if policy.keep_newest == 0 {
        return None;
    }
    match evidence.places.get(&image.id) {
        Some(place) if place.newer_available >= policy.keep_newest => None,
        Some(place) => Some(Reason::NewestOfFamily {
            family: place.family.clone(),
            newer_available: place.newer_available,
            keep_newest: policy.keep_newest,
        }),
        None => Some(Reason::NewestOfFamily {
            family: crate::family::family(image).into(),
            newer_available: 0,
            keep_newest: policy.keep_newest,
        }),
    }
}

fn recently_launched(image: &Image, policy: &Policy, now: Timestamp) -> Option<Reason> {
    let last_launched_at = image.last_launched_at?;
    let idle_seconds = now.seconds_since(last_launched_at);
    (idle_seconds < i64::from(policy.min_idle_days) * 86_400)
        .then_some(Reason::RecentlyLaunched { last_launched_at, min_idle_days: policy.min_idle_days })
}

/// The reason why it is expired, or why it is not: strictly older than `valid_hours` (C152, C158).
fn age(image: &Image, policy: &Policy, now: Timestamp) -> Result<Reason, Reason> {
    let created_at = image.created_at.ok_or(Reason::NoCreationDate)?;
    let age_seconds = now.seconds_since(created_at);
    if age_seconds < 0 {
        Err(Reason::CreatedInTheFuture { created_at })
    } else if age_seconds > i64::from(policy.valid_hours) * 3600 {
        Ok(Reason::Expired { age_seconds, valid_hours: policy.valid_hours })
    } else {
        Err(Reason::TooYoung { age_seconds, valid_hours: policy.valid_hours })
    }
}

/// The next of the two steps out, or why neither may be taken.
fn next_step(
    image: &Image,
    evidence: &Evidence,
    policy: &Policy,
    now: Timestamp,
) -> Result<(Action, Option<Reason>), Reason> {
    let record = evidence.quarantines.get(&image.id).and_then(Option::as_ref);
    let first = if policy.grace_days == 0 {
        (Action::Deregister, None)
    } else {
        (Action::Disable, Some(Reason::GraceBegins { grace_days: policy.grace_days }))
    };
    if record.is_some_and(|record| record.status == ImageStatus::Restoring) {
        return Err(Reason::Restoring);
    }
    match &image.state {
        ImageState::Available => match record.map(|record| (record.status, record.disabled_at, record.deregistered_at))
        {
            Some((ImageStatus::Disabled, Some(disabled_at), _)) => Err(Reason::EnabledAgain { disabled_at }),
            Some((ImageStatus::Deregistered, _, Some(deregistered_at))) => Err(Reason::BroughtBack { deregistered_at }),
            _ => Ok(first),
        },
        ImageState::Disabled => match record.and_then(|record| Some((record.disabled_at?, record.owner_told))) {
            // The run that disabled it was cut off before it could tell its owner, who must have the whole grace.
            Some((_, false)) if policy.grace_days > 0 => Ok(first),
            Some((disabled_at, _)) => {
                let until = disabled_at.plus_days(policy.grace_days);
                if now < until {
                    Err(Reason::InGrace { disabled_at, until })
                } else {
                    Ok((Action::Deregister, Some(Reason::GraceOver { disabled_at })))
                }
            }
            // Somebody else disabled it, or Sunset did and was cut off before it could note when: the grace begins now.
            None => Ok(first),
        },
        other => Err(Reason::State { state: other.as_str().to_owned() }),
    }
}

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
