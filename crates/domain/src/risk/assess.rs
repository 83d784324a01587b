//! The one function that assesses: what was seen comes in, and what that means comes out.

use crate::ids::{AccountId, ProcessId};
use crate::process::observation::{Found, Observation};
use crate::process::terms::{Profile, Terms};
use crate::risk::assessment::{Assessment, CostEstimate};
use crate::risk::blockers::blockers;
use crate::risk::business::business;
use crate::risk::cost::estimate;
use crate::risk::managed::managers;
use crate::risk::recommend::recommendations;
use crate::risk::sources::evidence_complete;
use crate::risk::{roles, seed_v1, v2};
use crate::time::Timestamp;

/// Assesses what was seen of a resource, as the `number`th assessment of its process. `own` is that process, whose own
/// tags do not stand in its way.
#[must_use]
pub fn assess(
    observation: Observation,
    terms: &Terms,
    account_id: &AccountId,
    own: Option<&ProcessId>,
    number: u32,
    now: Timestamp,
) -> Assessment {
    let business = business(&observation);
    let (counted, roles) = match terms.profile {
        Profile::V2 => {
            let counted = v2::count(&observation, &business);
            let roles = roles::roles(&business, &counted);
            (counted, roles)
        }
        Profile::SeedV1 => {
            let counted = seed_v1::count(&observation);
            let roles = roles::or_somebody(seed_v1::roles(&counted));
            (counted, roles)
        }
    };
    let managed_by = managers(&observation);
    Assessment {
        number,
        assessed_at: now,
        profile: terms.profile,
        fingerprint: observation.found.as_ref().map(Found::fingerprint),
        score: counted.score(),
        level: counted.level(),
        roles,
        recommendations: recommendations(&observation, &business, &managed_by, terms, now),
        cost: observation.found.as_ref().map_or_else(CostEstimate::default, |found| estimate(&found.configuration)),
        evidence_complete: evidence_complete(&observation),
        blocked: blockers(&observation, &managed_by, account_id, own, now),
        managed_by,
        business: counted.business,
        technical: counted.technical,
        points: counted.points,
        floors: counted.floors,
        observation,
    }
}

#[cfg(test)]
mod tests;
