//! Reading the account: first whole, in pages; then, of the shortlist only, what is asked image by image.

use std::collections::BTreeMap;

use sunset_aws::account;
use sunset_aws::snapshots;
use sunset_domain::coverage::{Coverage, Source, mark_implausible};
use sunset_domain::evidence::Evidence;
use sunset_domain::family::places;
use sunset_domain::ids::{ImageId, SnapshotId};
use sunset_domain::image::Image;
use sunset_domain::ledger::ImageRecord;
use sunset_domain::policy::Policy;
use sunset_domain::snapshot::saves_at_most_micro_dollars_a_month;
use sunset_domain::time::Timestamp;
use sunset_domain::verdict::{Action, Verdict, verdict};
use sunset_function::{Context, FunctionError};

/// Reads every source that is read whole.
pub async fn read(
    context: &Context,
    policy: &Policy,
    accept_baseline: bool,
) -> Result<(Vec<Image>, Evidence), FunctionError> {
    let (images, uses) = tokio::join!(
        account::read_images(&context.clients),
        account::read_uses(&context.clients, policy.all_template_versions),
    );
    let (images, coverage) = images;
    let mut evidence = Evidence::none(context.account_id.clone());
    evidence.coverages.insert(Source::Images, coverage);
    uses.add_to(&mut evidence);
    evidence.places = places(&images);
    if !accept_baseline {
        mark_implausible(&mut evidence.coverages, &context.ledger.baseline().await?);
    }
    Ok((images, evidence))
}

/// Decides every image on what is known.
pub fn decide(images: &[Image], evidence: &Evidence, policy: &Policy, now: Timestamp) -> Vec<Verdict> {
    images.iter().map(|image| verdict(image, evidence, policy, now)).collect()
}

/// The images of which only what is asked image by image is missing.
pub fn shortlist<'a>(images: &'a [Image], evidence: &Evidence, policy: &Policy, now: Timestamp) -> Vec<&'a Image> {
    images.iter().filter(|image| verdict(image, evidence, policy, now).awaits_reading()).collect()
}

/// How many images are due.
pub fn due(images: &[Image], evidence: &Evidence, policy: &Policy, now: Timestamp) -> u64 {
    images.iter().filter(|image| verdict(image, evidence, policy, now).action != Action::Keep).count() as u64
}

/// Asks the ledger about the shortlist, in hundreds.
pub async fn read_ledger(
    context: &Context,
    shortlist: &[&Image],
    evidence: &mut Evidence,
) -> Result<(), FunctionError> {
    let ids: Vec<ImageId> = shortlist.iter().map(|image| image.id.clone()).collect();
    let records = context.ledger.images(&ids).await?;
    for id in ids {
        let quarantine = records.get(&id).map(ImageRecord::quarantine);
        evidence.quarantines.insert(id, quarantine);
    }
    Ok(())
}

/// Asks EC2 about the shortlist, which the breaker has bounded: its launch permissions and, where the policy wants it,
/// its references. An image that could not be asked about is held by that.
pub async fn ask(context: &Context, shortlist: &[&Image], policy: &Policy, evidence: &mut Evidence) {
    let clients = &context.clients;
    for image in shortlist {
        match account::launch_permissions(clients, &image.id).await {
            Ok(permissions) => {
                evidence.launch_permissions.insert(image.id.clone(), permissions);
            }
            Err(error) if error.is_not_found() => tracing::info!(image_id = %image.id, "went while we looked"),
            Err(error) => {
                evidence.coverages.insert(Source::LaunchPermissions, account::failure(error));
            }
        }
    }
    if policy.second_opinion && !shortlist.is_empty() {
        let ids: Vec<ImageId> = shortlist.iter().map(|image| image.id.clone()).collect();
        match account::references(clients, &ids).await {
            Ok(references) => {
                for (image_id, uses) in references {
                    uses.into_iter().for_each(|by| evidence.add_use(image_id.clone(), by));
                }
                evidence.second_opinions.extend(ids);
            }
            Err(error) => {
                evidence.coverages.insert(Source::ImageReferences, account::failure(error));
            }
        }
    }
    for (source, items) in [
        (Source::LaunchPermissions, evidence.launch_permissions.len()),
        (Source::ImageReferences, evidence.second_opinions.len()),
    ] {
        if items > 0 {
            evidence.coverages.entry(source).or_insert(Coverage::Complete { items: items as u64 });
        }
    }
}

/// What the snapshots of each due image would save a month, at most. Only the report's figures stand on it.
pub async fn savings(context: &Context, due: &[&Image]) -> BTreeMap<ImageId, u64> {
    let ids: Vec<SnapshotId> = due.iter().flat_map(|image| image.snapshot_ids()).collect();
    match snapshots::read(&context.clients, &ids).await {
        Ok(found) => {
            let each: BTreeMap<SnapshotId, u64> = found
                .iter()
                .map(|snapshot| (snapshot.id.clone(), saves_at_most_micro_dollars_a_month(snapshot)))
                .collect();
            due.iter()
                .map(|image| (image.id.clone(), image.snapshot_ids().iter().filter_map(|id| each.get(id)).sum()))
                .collect()
        }
        Err(error) => {
            tracing::warn!(%error, "snapshots could not be read; the report tells no savings");
            BTreeMap::new()
        }
    }
}
