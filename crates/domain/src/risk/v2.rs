//! The default profile: the points of C25 and the thresholds of C26, without the ways in which they sank when less was
//! known (C42–C49).
//!
//! Unknown counts as high: an unknown environment as production, a dependent of unknown kind as one that needs the
//! resource, a source that could not be read as one that would have named many such.
//!
//! Every fact is counted once (C48): use counts as need (3) or as disturbance (2), by the worst that is seen, and its
//! number only where it is more than one. A lone critical dependent is 3 points, not 3 and 2 and 1.

use crate::coverage::Source;
use crate::process::observation::{Configuration, Observation};
use crate::process::resource::ResourceType;
use crate::risk::assessment::{Floor, Point, TechnicalImpact};
use crate::risk::business::{Business, points as points_of};
use crate::risk::counted::Counted;
use crate::risk::dependents::{Dependents, MANY, named};
use crate::risk::in_use::uses;
use crate::risk::instance_family::is_ebs_only;
use crate::risk::level::Level;
use crate::risk::recovery::recovery;

/// Counts the risk of what was seen.
#[must_use]
pub fn count(observation: &Observation, business: &Business) -> Counted {
    let dependents = Dependents::of(observation);
    let data = data_at_risk(observation);
    let direct = direct_use(observation);
    let recoverable = observation.found.as_ref().is_some_and(|found| recovery(&found.configuration).is_some());
    let technical = TechnicalImpact {
        dependency_count: u32::try_from(dependents.seen.len()).unwrap_or(u32::MAX),
        has_critical_dependencies: dependents.any_critical(),
        data_loss_risk: data.is_some(),
        service_disruption_risk: direct.is_some() || dependents.any_critical() || !dependents.seen.is_empty(),
    };
    Counted {
        points: points(business, &dependents, data.as_deref(), direct, recoverable),
        floors: floors(observation, business, data.as_deref(), recoverable),
        business: business.impact.clone(),
        technical,
    }
}

fn points(
    business: &Business,
    dependents: &Dependents<'_>,
    data: Option<&str>,
    direct: Option<String>,
    recoverable: bool,
) -> Vec<Point> {
    let mut points = Vec::new();
    let mut add = |count: u32, reason: String| points.push(Point { points: count, reason });
    add(points_of(business.impact.criticality), business.reason.clone());
    let unread = (!dependents.unread.is_empty()).then(|| dependents.unread.join(", "));
    if let Some(unread) = &unread {
        add(3, format!("who needs it is unknown and counts as many: {unread} could not be relied on"));
    } else if dependents.any_critical() {
        add(3, format!("needed by {}", named(&dependents.critical)));
    } else if let Some(direct) = direct {
        add(2, format!("in use: {direct}"));
    } else if !dependents.seen.is_empty() {
        add(2, format!("a service may be disturbed: used by {}", named(&dependents.seen)));
    }
    if dependents.many_critical() {
        add(
            2,
            match &unread {
                Some(_) => "as far as anybody knows, many need it".to_owned(),
                None => format!("{} need it, more than {MANY}", dependents.critical.len()),
            },
        );
    }
    if dependents.many() {
        add(
            2,
            match &unread {
                Some(_) => "as far as anybody knows, many depend on it".to_owned(),
                None => format!("{} depend on it, more than {MANY}", dependents.seen.len()),
            },
        );
    } else if dependents.seen.len() > 1 {
        add(1, format!("{} depend on it", dependents.seen.len()));
    }
    if let Some(data) = data {
        add(2, format!("data goes with it: {data}"));
        if !recoverable {
            add(2, "nothing brings that data back".into());
        }
    }
    let beside: Vec<_> = dependents.unread_of_others.iter().map(String::as_str).collect();
    if !beside.is_empty() {
        add(1, format!("the evidence has gaps: {} could not be relied on", beside.join(", ")));
    }
    points
}

/// C27's and C28's matrix where points alone do not reach it.
fn floors(observation: &Observation, business: &Business, data: Option<&str>, recoverable: bool) -> Vec<Floor> {
    let mut floors = Vec::new();
    let mut never_below = |level: Level, reason: String| floors.push(Floor { level, reason });
    if observation.found.is_none() {
        never_below(Level::Critical, "nothing is known of it".into());
    }
    if business.environment.may_be_production() {
        never_below(Level::Medium, business.environment.reason.clone());
    }
    if let Some(data) = data {
        never_below(Level::Medium, format!("a data store: {data}"));
    }
    if !recoverable {
        never_below(Level::High, "nothing brings it back once it is gone".into());
    }
    for by in &business.critical_by {
        let (level, wherein) = if business.environment.may_be_production() {
            (Level::Critical, " in production, or in what counts as such")
        } else {
            (Level::High, "")
        };
        never_below(level, format!("critical to the business{wherein}: {by}"));
    }
    for by in &business.sensitive_by {
        never_below(Level::High, format!("its data may be sensitive: {by}"));
    }
    floors
}

/// What data goes with the resource (C47), in a few words.
fn data_at_risk(observation: &Observation) -> Option<String> {
    let what = |text: &str| Some(text.to_owned());
    match observation.resource.resource_type() {
        ResourceType::Volume => what("what lies on the volume"),
        ResourceType::Snapshot => what("what the snapshot holds"),
        ResourceType::Image => what("what the image and its snapshots hold"),
        ResourceType::Address | ResourceType::SecurityGroup => None,
        ResourceType::Instance => match observation.found.as_ref().map(|found| &found.configuration) {
            Some(Configuration::Instance(it)) => {
                let read = is_complete(observation, Source::Volumes);
                if !it.volumes.is_empty() {
                    let ids: Vec<_> = it.volumes.iter().map(|volume| volume.volume_id.as_str()).collect();
                    Some(format!("what lies on its EBS volumes {}", ids.join(", ")))
                } else if !read {
                    what("what may lie on its EBS volumes, which could not be read")
                } else if it.root_device_type.as_deref() != Some("ebs") || !is_ebs_only(&it.instance_type) {
                    what("what lies on its instance-store volumes")
                } else {
                    None
                }
            }
            _ => what("what may lie on its volumes, which could not be read"),
        },
    }
}

/// Who uses the resource directly, without a word in any table (C48); what could not be seen counts as a use.
fn direct_use(observation: &Observation) -> Option<String> {
    let Some(found) = &observation.found else {
        return Some("nobody could see that it is not".into());
    };
    let in_use: Vec<_> = uses(&found.configuration).into_iter().filter(|found| found.disrupts).collect();
    let first = in_use.first()?;
    Some(match in_use.len() {
        1 => first.what.clone(),
        all => format!("{}, and {} more uses", first.what, all - 1),
    })
}

fn is_complete(observation: &Observation, source: Source) -> bool {
    observation.coverages.get(&source).is_some_and(|coverage| coverage.is_complete())
}

#[cfg(test)]
mod tests;
