//! Which snapshots of a deregistered image go with it.

use crate::ids::{AccountId, ImageId, SnapshotId};
use crate::image::Tags;
use crate::launch_permission::LaunchPermission;
use crate::never_touch::tag_reasons;
use crate::reason::Reason;
use crate::time::Timestamp;

/// A snapshot as the rule sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its id.
    pub id: SnapshotId,
    /// Its owner.
    pub owner_id: Option<AccountId>,
    /// Its tags.
    pub tags: Tags,
    /// Provisioned size of its volume.
    pub size_gib: Option<u32>,
    /// `FullSnapshotSizeInBytes`: what it would take if nothing were shared with its neighbours.
    pub full_size_bytes: Option<u64>,
    /// Whether it is in the archive tier.
    pub archived: bool,
}

/// What a fresh look at one snapshot found; each part was read completely, or there is no evidence at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotEvidence {
    /// Images that stand on it, disabled ones included, the one that just went left out.
    pub referencing_images: Vec<ImageId>,
    /// Who may create volumes from it.
    pub create_volume_permissions: Vec<LaunchPermission>,
    /// Its lock, where one is on. EC2 itself refuses to delete a locked snapshot, so not knowing is no danger.
    pub lock_state: Option<String>,
}

/// Everything that holds a snapshot; none, and it goes.
#[must_use]
pub fn reasons_to_keep(
    snapshot: &Snapshot,
    evidence: &SnapshotEvidence,
    account_id: &AccountId,
    allow_shared: bool,
    now: Timestamp,
) -> Vec<Reason> {
    let mut reasons = tag_reasons(&snapshot.tags, now);
    if snapshot.owner_id.as_ref() != Some(account_id) {
        reasons.push(Reason::NotOwned { owner: snapshot.owner_id.as_ref().map(ToString::to_string) });
    }
    if !evidence.referencing_images.is_empty() {
        reasons
            .push(Reason::SnapshotInUse { by: evidence.referencing_images.iter().map(ToString::to_string).collect() });
    }
    if evidence.create_volume_permissions.contains(&LaunchPermission::Everybody) {
        reasons.push(Reason::Public);
    } else if !evidence.create_volume_permissions.is_empty() && !allow_shared {
        reasons.push(Reason::Shared { with: evidence.create_volume_permissions.clone() });
    }
    if let Some(state) = &evidence.lock_state {
        reasons.push(Reason::Locked { state: state.clone() });
    }
    reasons
}

const GIB: u64 = 1 << 30;
/// us-east-1, standard tier: $0.05 a GB-month.
const STANDARD_MICRO_DOLLARS_PER_GIB_MONTH: u64 = 50_000;
/// us-east-1, archive tier: $0.0125 a GB-month.
const ARCHIVE_MICRO_DOLLARS_PER_GIB_MONTH: u64 = 12_500;

/// What deleting a snapshot saves a month, at most, in micro-dollars at us-east-1's prices.
///
/// Snapshots are incremental, so blocks that a neighbour needs stay and go on costing; the full size is an upper
/// bound, and the provisioned size, where EC2 does not tell the full one, a worse one.
#[must_use]
pub fn saves_at_most_micro_dollars_a_month(snapshot: &Snapshot) -> u64 {
    let bytes = snapshot.full_size_bytes.unwrap_or_else(|| u64::from(snapshot.size_gib.unwrap_or(0)) * GIB);
    storage_micro_dollars_a_month(u128::from(bytes), snapshot.archived)
}

/// What storing this many bytes of snapshots costs a month, in micro-dollars at us-east-1's prices.
#[must_use]
pub fn storage_micro_dollars_a_month(bytes: u128, archived: bool) -> u64 {
    let price = if archived { ARCHIVE_MICRO_DOLLARS_PER_GIB_MONTH } else { STANDARD_MICRO_DOLLARS_PER_GIB_MONTH };
    u64::try_from(bytes.saturating_mul(u128::from(price)) / u128::from(GIB)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixtures::{ACCOUNT, now};

    fn snapshot() -> Snapshot {
        Snapshot {
            id: SnapshotId::parse("snap-1").unwrap(),
            owner_id: Some(AccountId::parse(ACCOUNT).unwrap()),
            tags: Tags::new(),
            size_gib: Some(100),
            full_size_bytes: None,
            archived: false,
        }
    }

    fn codes(snapshot: &Snapshot, evidence: &SnapshotEvidence, allow_shared: bool) -> Vec<&'static str> {
        let account = AccountId::parse(ACCOUNT).unwrap();
        reasons_to_keep(snapshot, evidence, &account, allow_shared, now()).iter().map(Reason::code).collect()
    }

    #[test]
    fn a_snapshot_that_nothing_holds_goes() {
        assert_eq!(codes(&snapshot(), &SnapshotEvidence::default(), false), [""; 0]);
    }

    #[test]
    fn a_snapshot_that_another_image_stands_on_stays_and_says_which() {
        let evidence =
            SnapshotEvidence { referencing_images: vec![ImageId::parse("ami-2").unwrap()], ..Default::default() };
        let account = AccountId::parse(ACCOUNT).unwrap();
        let reasons = reasons_to_keep(&snapshot(), &evidence, &account, true, now());
        assert_eq!(reasons[0].to_string(), "still used by ami-2");
    }

    #[test]
    fn shared_locked_foreign_managed_and_opted_out_snapshots_stay() {
        let shared = SnapshotEvidence {
            create_volume_permissions: vec![LaunchPermission::Account("9".into())],
            ..Default::default()
        };
        assert_eq!(codes(&snapshot(), &shared, false), ["shared"]);
        assert_eq!(codes(&snapshot(), &shared, true), [""; 0]);
        let public =
            SnapshotEvidence { create_volume_permissions: vec![LaunchPermission::Everybody], ..Default::default() };
        assert_eq!(codes(&snapshot(), &public, true), ["public"]);
        let locked = SnapshotEvidence { lock_state: Some("compliance".into()), ..Default::default() };
        assert_eq!(codes(&snapshot(), &locked, true), ["locked"]);
        assert_eq!(
            codes(&Snapshot { owner_id: None, ..snapshot() }, &SnapshotEvidence::default(), true),
            ["not_owned"]
        );
        for (key, code) in
            [("aws:backup:source-resource", "managed_by"), ("sunset:keep", "opted_out"), ("dlm:managed", "managed_by")]
        {
            let tagged = Snapshot { tags: Tags::from([(key, "")]), ..snapshot() };
            assert_eq!(codes(&tagged, &SnapshotEvidence::default(), true), [code]);
        }
    }

    #[test]
    fn savings_use_the_full_size_where_ec2_tells_it_and_the_archives_price() {
        assert_eq!(saves_at_most_micro_dollars_a_month(&snapshot()), 5_000_000);
        let full = Snapshot { full_size_bytes: Some(10 * GIB), ..snapshot() };
        assert_eq!(saves_at_most_micro_dollars_a_month(&full), 500_000);
        assert_eq!(saves_at_most_micro_dollars_a_month(&Snapshot { archived: true, ..full }), 125_000);
        assert!(saves_at_most_micro_dollars_a_month(&Snapshot { full_size_bytes: Some(u64::MAX), ..snapshot() }) > 0);
    }
}
