//! Profile `seed-v1`: the arithmetic that this process was first described with, exactly (C22–C26, C29, C31), with all
//! its flaws (C41–C48). It is kept for comparison and pinned by `tests/vectors/risk.json`.

use std::collections::BTreeSet;

use crate::coverage::Source;
use crate::process::observation::{Dependency, Observation};
use crate::risk::assessment::{BusinessImpact, Criticality, Point, RequiredRole, TechnicalImpact};
use crate::risk::counted::Counted;
use crate::risk::level::Level;
use crate::risk::roles::of_owner;

/// What the arithmetic reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs<'a> {
    /// `EC2Instance`, `RDSInstance` …: any text, for it knows types that have no driver here.
    pub resource_type: &'a str,
    /// What `ResourceTracking` holds; nothing where it has no such item or could not be read.
    pub tracked: Option<Tracked<'a>>,
    /// The `dependency_type` of each dependent in `ResourceDependencies`.
    pub dependents: Vec<&'a str>,
}

/// An item of `ResourceTracking`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracked<'a> {
    /// `environment`.
    pub environment: Option<&'a str>,
    /// `project`.
    pub project: Option<&'a str>,
    /// `owner`.
    pub owner: Option<&'a str>,
}

/// Where Python sent an assessed process, and where the state machine did (C31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Routes {
    /// `approval` or `auto`.
    pub python: &'static str,
    /// `AutoApprove`, `RequestApproval` or `RequestHighRiskApproval`.
    pub asl: &'static str,
}

/// C22 and C23: exact names only, and whoever is not tracked is unknown.
#[must_use]
pub fn business(inputs: &Inputs<'_>) -> BusinessImpact {
    let or_unknown = |text: Option<&str>| text.unwrap_or("unknown").to_owned();
    let tracked = inputs.tracked.clone().unwrap_or_default();
    let environment = or_unknown(tracked.environment);
    let criticality = match environment.to_lowercase().as_str() {
        _ if inputs.tracked.is_none() => Criticality::Unknown,
        "production" => Criticality::High,
        "staging" | "pre-prod" => Criticality::Medium,
        _ => Criticality::Low,
    };
    BusinessImpact {
        criticality,
        environment,
        project: or_unknown(tracked.project),
        owner: or_unknown(tracked.owner),
        business_hours_impact: matches!(criticality, Criticality::High | Criticality::Unknown),
    }
}

/// C24.
#[must_use]
pub fn technical(inputs: &Inputs<'_>) -> TechnicalImpact {
    let critical = inputs.dependents.iter().any(|kind| matches!(*kind, "critical" | "required"));
    let is_service = matches!(inputs.resource_type, "EC2Instance" | "LoadBalancer" | "RDSInstance");
    TechnicalImpact {
        dependency_count: u32::try_from(inputs.dependents.len()).unwrap_or(u32::MAX),
        has_critical_dependencies: critical,
        data_loss_risk: matches!(inputs.resource_type, "RDSInstance" | "S3Bucket" | "EBSVolume"),
        service_disruption_risk: critical || (is_service && !inputs.dependents.is_empty()),
    }
}

/// C25: every point, at most 12 together.
#[must_use]
pub fn points(business: &BusinessImpact, technical: &TechnicalImpact) -> Vec<Point> {
    let dependents = technical.dependency_count;
    let counted = [
        match business.criticality {
            Criticality::High => (3, format!("criticality high: environment {}", business.environment)),
            Criticality::Medium => (2, format!("criticality medium: environment {}", business.environment)),
            Criticality::Low => (1, format!("criticality low: environment {}", business.environment)),
            Criticality::Unknown => (0, String::new()),
        },
        (if technical.has_critical_dependencies { 3 } else { 0 }, "critical dependencies".into()),
        (if technical.data_loss_risk { 2 } else { 0 }, "data may be lost".into()),
        (if technical.service_disruption_risk { 2 } else { 0 }, "a service may be disrupted".into()),
        (if dependents > 5 { 2 } else { u32::from(dependents > 0) }, format!("dependents: {dependents}")),
    ];
    counted.into_iter().filter(|(points, _)| *points > 0).map(|(points, reason)| Point { points, reason }).collect()
}

/// C29, without a name twice and in the order of the alphabet. The owner's is the process's own, which nothing ever
/// set (C51).
#[must_use]
pub fn approvers(
    owner: Option<&str>,
    level: Level,
    business: &BusinessImpact,
    technical: &TechnicalImpact,
) -> BTreeSet<String> {
    let mut approvers: BTreeSet<String> = owner.map(str::to_owned).into_iter().collect();
    let mut add = |names: &[&str]| approvers.extend(names.iter().map(|name| (*name).to_owned()));
    if level >= Level::High {
        add(&["infrastructure-manager", "security-team"]);
    }
    if level == Level::Critical {
        add(&["cto", "compliance-officer"]);
    }
    if business.environment.to_lowercase() == "production" {
        add(&["production-manager"]);
    }
    if technical.data_loss_risk {
        add(&["data-protection-officer"]);
    }
    approvers
}

/// C31: the two ways that the description itself disagrees about (C45). Only the second is ever taken.
#[must_use]
pub fn routes(level: Level) -> Routes {
    Routes {
        python: if level >= Level::High { "approval" } else { "auto" },
        asl: match level {
            Level::Low => "AutoApprove",
            Level::Medium => "RequestApproval",
            Level::High | Level::Critical => "RequestHighRiskApproval",
        },
    }
}

/// Counts the risk of what was seen, from the two tables alone.
#[must_use]
pub fn count(observation: &Observation) -> Counted {
    let tracked = observation.tracking.as_ref().map(|tracking| Tracked {
        environment: tracking.environment.as_deref(),
        project: tracking.project.as_deref(),
        owner: tracking.owner.as_deref(),
    });
    let in_table = observation.dependents.iter().filter(|dependent| dependent.source == Source::ResourceDependencies);
    let inputs = Inputs {
        resource_type: observation.resource.resource_type().as_str(),
        tracked,
        dependents: in_table
            .map(|dependent| match dependent.dependency {
                Dependency::Critical => "critical",
                Dependency::Required => "required",
                Dependency::Optional => "optional",
                Dependency::Unknown => "unknown",
            })
            .collect(),
    };
    let (business, technical) = (business(&inputs), technical(&inputs));
    Counted { points: points(&business, &technical), floors: Vec::new(), business, technical }
}

/// The roles of C29 for what was counted.
#[must_use]
pub fn roles(counted: &Counted) -> Vec<RequiredRole> {
    let owner = Some(counted.business.owner.as_str()).filter(|owner| *owner != "unknown").map(of_owner);
    approvers(owner.as_deref(), counted.level(), &counted.business, &counted.technical)
        .into_iter()
        .map(|role| RequiredRole { because: format!("profile seed-v1 at risk {}", counted.level()), role })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Vector {
        env: Option<String>,
        tracked: bool,
        resource_type: String,
        dependents: Vec<String>,
        criticality: Criticality,
        business_hours_impact: bool,
        technical: TechnicalImpact,
        score: u32,
        risk: Level,
        python_route: String,
        asl_route: String,
        approvers: BTreeSet<String>,
    }

    fn vectors() -> Vec<Vector> {
        serde_json::from_str(include_str!("../../tests/vectors/risk.json")).unwrap()
    }

    #[test]
    fn every_vector_is_reproduced_in_every_field() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 144);
        for (n, vector) in vectors.iter().enumerate() {
            let inputs = Inputs {
                resource_type: &vector.resource_type,
                tracked: vector.tracked.then_some(Tracked {
                    environment: vector.env.as_deref(),
                    project: Some("web"),
                    owner: Some("ada"),
                }),
                dependents: vector.dependents.iter().map(String::as_str).collect(),
            };
            let (business, technical) = (business(&inputs), technical(&inputs));
            assert_eq!(business.criticality, vector.criticality, "vector {n}");
            assert_eq!(business.business_hours_impact, vector.business_hours_impact, "vector {n}");
            assert_eq!(technical, vector.technical, "vector {n}");
            let approvers = |level| approvers(None, level, &business, &technical);
            let counted = Counted {
                points: points(&business, &technical),
                floors: Vec::new(),
                business: business.clone(),
                technical: technical.clone(),
            };
            assert_eq!((counted.score(), counted.level()), (vector.score, vector.risk), "vector {n}");
            assert_eq!(approvers(vector.risk), vector.approvers, "vector {n}");
            let routes = routes(vector.risk);
            assert_eq!((routes.python, routes.asl), (&*vector.python_route, &*vector.asl_route), "vector {n}");
        }
    }

    #[test]
    fn the_two_routes_disagree_exactly_at_medium() {
        for vector in vectors() {
            let disagree = (vector.python_route == "auto") != (vector.asl_route == "AutoApprove");
            assert_eq!(disagree, vector.risk == Level::Medium);
        }
    }

    #[test]
    fn the_documents_own_flaws_stay_in_this_profile() {
        let untracked = Inputs { resource_type: "EC2Instance", ..Inputs::default() };
        let (b, t) = (business(&untracked), technical(&untracked));
        assert_eq!((b.criticality, points(&b, &t)), (Criticality::Unknown, Vec::new()));
        let no_environment = Inputs { tracked: Some(Tracked::default()), ..untracked };
        assert_eq!(business(&no_environment).criticality, Criticality::Low);
    }
}
