//! The fresh look: one image, decided again by the rule that chose it, on evidence read now.

use sunset_aws::account;
use sunset_aws::clients::Clients;
use sunset_aws::error::AwsError;
use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::evidence::Evidence;
use sunset_domain::family::places;
use sunset_domain::image::Image;
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::ledger::ImageRecord;
use sunset_domain::line::{ImageLine, LineAction};
use sunset_domain::policy::Policy;
use sunset_domain::verdict::{Action, Verdict, verdict};
use sunset_function::{Context, FunctionError};

use crate::index::Index;
use crate::terms::Terms;

/// What a fresh look found.
pub struct FreshLook {
    /// What may be done now: never stronger than the line, never [`Action::Keep`].
    pub action: Action,
    /// Who may launch the image now.
    pub launch_permissions: Vec<LaunchPermission>,
}

/// Looks.
///
/// # Errors
/// [`FunctionError::EvidenceGap`] if something could not be read, [`FunctionError::Stale`] if the image is to stay.
pub async fn fresh_look(
    context: &Context,
    index: &Index,
    line: &ImageLine,
    terms: &Terms,
    image: &Image,
    known: Option<&ImageRecord>,
) -> Result<FreshLook, FunctionError> {
    let clients = &context.clients;
    // One after the other: a connection more costs a cold function more than it gains.
    let index = index.fresh(clients, terms.policy.all_template_versions).await;
    let uses = account::uses_of(clients, &image.id).await;
    let mut family = family(clients, image, &terms.policy).await?;
    let launch_permissions = account::launch_permissions(clients, &image.id).await?;
    let mut evidence = Evidence::none(context.account_id.clone());
    evidence.coverages.insert(Source::Images, Coverage::Complete { items: 1 });
    uses.add_to(&mut evidence);
    index.about(&image.id).add_to(&mut evidence);
    if !family.iter().any(|member| member.id == image.id) {
        family.push(image.clone());
    }
    evidence.places = places(&family);
    evidence.quarantines.insert(image.id.clone(), known.map(ImageRecord::quarantine));
    evidence.launch_permissions.insert(image.id.clone(), launch_permissions.clone());
    if terms.policy.second_opinion {
        for (image_id, uses) in account::references(clients, std::slice::from_ref(&image.id)).await? {
            uses.into_iter().for_each(|by| evidence.add_use(image_id.clone(), by));
        }
        evidence.second_opinions.insert(image.id.clone());
    }
    let verdict = verdict(image, &evidence, &terms.policy, context.now());
    let action = verdict.action.min(line.chosen.as_ref().map_or(Action::Deregister, |chosen| chosen.action.allows()));
    if action == Action::Keep {
        Err(refusal(line, image, &verdict))
    } else {
        Ok(FreshLook { action, launch_permissions })
    }
}

/// The image's family, where the policy keeps its newest.
async fn family(clients: &Clients, image: &Image, policy: &Policy) -> Result<Vec<Image>, AwsError> {
    if policy.keep_newest == 0 { Ok(Vec::new()) } else { account::family_of(clients, image).await }
}

fn refusal(line: &ImageLine, image: &Image, verdict: &Verdict) -> FunctionError {
    let reasons = || verdict.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if line.chosen.as_ref().is_some_and(|chosen| chosen.action == LineAction::Drain) {
        FunctionError::Stale(format!("{} was gone and is there again, so its snapshots stay", image.id))
    } else if verdict.is_blocked() {
        FunctionError::EvidenceGap(format!("{} stays: {}", image.id, reasons()))
    } else {
        FunctionError::Stale(format!("{} stays: {}", image.id, reasons()))
    }
}
