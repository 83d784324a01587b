//! A process, its assessment and its plan, for tests to change one thing of.

use std::collections::{BTreeMap, BTreeSet};

use crate::approval::approvers::Approvers;
use crate::approval::vote::{Answer, Required, Round, Vote};
use crate::coverage::Coverages;
use crate::ids::PlanHash;
use crate::process::audit::Head;
use crate::process::observation::{
    Configuration, Dependency, Dependent, Found, Observation, SecurityGroup, Tracking, Volume,
};
use crate::process::record::ProcessRecord;
use crate::process::resource::{Resource, ResourceType};
use crate::process::status::Status;
use crate::process::terms::Profile;
use crate::risk::assessment::{
    Assessment, BusinessImpact, CostEstimate, Criticality, Floor, Point, RequiredRole, TechnicalImpact,
};
use crate::risk::level::Level;
use crate::runbook::action::{Action, Effect};
use crate::runbook::check::{Finding, Severity};
use crate::runbook::document::{RUNBOOK_SCHEMA, Runbook};
use crate::runbook::plan_document::{Plan, plan_document};
use crate::runbook::step::{OnFailure, Recovery, Rollback, Step, StepId};
use crate::tags::Tags;
use crate::time::Timestamp;

pub(crate) const EXAMPLE: &str = include_str!("../../tests/approvers/example.yaml");

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// When the asking begins.
pub(crate) fn now() -> Timestamp {
    at("2026-11-20T09:00:00Z")
}

/// Three days later.
pub(crate) fn deadline() -> Timestamp {
    at("2026-11-23T09:00:00Z")
}

pub(crate) fn approvers() -> Approvers {
    Approvers::parse(EXAMPLE).unwrap()
}

pub(crate) fn hash(digit: char) -> PlanHash {
    PlanHash::parse(&digit.to_string().repeat(64)).unwrap()
}

pub(crate) fn volume() -> Resource {
    Resource::new(ResourceType::Volume, "vol-0123456789abcdef0").unwrap()
}

/// A live process about a volume that waits for its approvers.
pub(crate) fn record() -> ProcessRecord {
    ProcessRecord {
        display_id: "DECOMM-20261120085500-vol-0123456789abcdef0".into(),
        execution_arn: "arn:aws:states:eu-central-1:123456789012:execution:decommission:retire-1".into(),
        resource: volume(),
        initiator: "carol".into(),
        initiator_verified: true,
        reason: "nothing has used it since spring".into(),
        created_at: at("2026-11-20T08:55:00Z"),
        updated_at: now(),
        risk_level: Some(Level::High),
        resource_owner: Some("team-web".into()),
        plan_hash: Some(hash('a')),
        round: Some(round()),
        audit: Head { seq: 5, hash: "5".repeat(64) },
        ..crate::process::fixtures::record(Status::AwaitingApproval)
    }
}

pub(crate) fn required(role: &str, people: &[&str], quorum: u32) -> Required {
    Required {
        role: role.into(),
        people: people.iter().map(|name| (*name).to_owned()).collect(),
        quorum,
        because: "the risk is high".into(),
        standing_in: std::collections::BTreeMap::new(),
    }
}

pub(crate) fn round() -> Round {
    Round {
        number: 1,
        plan_hash: hash('a'),
        required: vec![
            required("infrastructure-manager", &["ada", "grace", "linus"], 1),
            required("security-team", &["grace", "margaret", "linus"], 2),
        ],
        minimum_approvers: 2,
        requested_at: now(),
        deadline: deadline(),
        risk_level: None,
        reminders: Vec::new(),
        escalations: Vec::new(),
        reminded: 0,
        escalated: 0,
    }
}

pub(crate) fn vote(person: &str, answer: Answer) -> Vote {
    Vote {
        round: 1,
        person: person.into(),
        identity: format!("sso/{person}@example.com"),
        answer,
        reason: (answer == Answer::Reject).then(|| format!("{person} still needs it")),
        plan_hash: hash('a'),
        at: now(),
    }
}

/// A volume of high risk: data, in production, with one dependent.
pub(crate) fn assessment() -> Assessment {
    Assessment {
        number: 1,
        assessed_at: at("2026-11-20T08:56:00Z"),
        profile: Profile::V2,
        observation: Observation {
            resource: volume(),
            observed_at: at("2026-11-20T08:55:30Z"),
            found: Some(Found {
                owner_id: None,
                name: Some("web-data".into()),
                tags: Tags::from([("environment", "production"), ("owner", "team-web")]),
                created_at: None,
                configuration: Configuration::Volume(Volume {
                    state: "available".into(),
                    size_gib: 500,
                    volume_type: "gp3".into(),
                    iops: None,
                    throughput_mib_a_second: None,
                    encrypted: true,
                    kms_key_id: None,
                    availability_zone: "eu-central-1a".into(),
                    from_snapshot_id: None,
                    attachments: vec![],
                }),
            }),
            dependents: BTreeSet::from([Dependent {
                kind: "service".into(),
                id: "billing".into(),
                relation: "reads its files".into(),
                dependency: Dependency::Required,
                source: crate::coverage::Source::Instances,
            }]),
            protections: vec![],
            tracking: Some(Tracking {
                environment: Some("production".into()),
                project: Some("web".into()),
                owner: Some("team-web".into()),
            }),
            last_activity: None,
            coverages: Coverages::default(),
        },
        fingerprint: Some("f".repeat(64)),
        business: BusinessImpact {
            criticality: Criticality::High,
            environment: "production".into(),
            project: "web".into(),
            owner: "team-web".into(),
            business_hours_impact: true,
        },
        technical: TechnicalImpact {
            dependency_count: 1,
            has_critical_dependencies: false,
            data_loss_risk: true,
            service_disruption_risk: false,
        },
        points: vec![
            Point { points: 3, reason: "its environment is production".into() },
            Point { points: 2, reason: "data goes with it".into() },
            Point { points: 1, reason: "billing depends on it".into() },
        ],
        score: 6,
        floors: vec![Floor { level: Level::Medium, reason: "production is never below medium".into() }],
        level: Level::High,
        roles: vec![
            RequiredRole { role: "owner:team-web".into(), because: "team-web owns it".into() },
            RequiredRole { role: "infrastructure-manager".into(), because: "the risk is high".into() },
            RequiredRole { role: "security-team".into(), because: "the risk is high".into() },
            RequiredRole { role: "production-manager".into(), because: "its environment is production".into() },
            RequiredRole { role: "data-protection-officer".into(), because: "data goes with it".into() },
        ],
        recommendations: vec!["ask billing first".into()],
        cost: CostEstimate::default(),
        evidence_complete: true,
        managed_by: vec![],
        blocked: vec![],
    }
}

/// The same volume without anything to fear: a development copy that nobody depends on.
pub(crate) fn harmless() -> Assessment {
    let mut assessment = assessment();
    assessment.business.criticality = Criticality::Low;
    assessment.business.environment = "development".into();
    assessment.observation.dependents.clear();
    assessment.technical = TechnicalImpact {
        dependency_count: 0,
        has_critical_dependencies: false,
        data_loss_risk: false,
        service_disruption_risk: false,
    };
    assessment.points = vec![Point { points: 1, reason: "its environment is development".into() }];
    assessment.score = 1;
    assessment.floors = vec![];
    assessment.level = Level::Low;
    assessment.roles = vec![RequiredRole { role: "owner:team-web".into(), because: "team-web owns it".into() }];
    assessment
}

pub(crate) fn step(id: &str, action: Action, description: &str) -> Step {
    Step {
        id: StepId::new(id),
        action,
        effect: action.spec().effect,
        description: description.into(),
        inputs: BTreeMap::new(),
        after: vec![],
        preconditions: vec![],
        verification: "EC2 says so".into(),
        rollback: action.spec().rollback.map(|action| Rollback {
            action,
            inputs: BTreeMap::new(),
            does_not_bring_back: None,
        }),
        loses: None,
        timeout_seconds: 3600,
        on_failure: if action.spec().effect == Effect::Irreversible { OnFailure::Hold } else { OnFailure::Rollback },
        recovery: None,
    }
}

/// The plan for a volume: a verified snapshot stands behind the one step that cannot be taken back.
pub(crate) fn runbook() -> Runbook {
    let mut delete = step("delete-volume", Action::DeleteVolume, "delete vol-0123456789abcdef0");
    delete.recovery = Some(Recovery {
        how: "make a volume of the snapshot that step create-snapshot gives".into(),
        verified_by: Some(StepId::new("verify-snapshot")),
    });
    Runbook {
        schema: RUNBOOK_SCHEMA,
        name: "retire EBSVolume vol-0123456789abcdef0".into(),
        resource: volume(),
        fingerprint: "f".repeat(64),
        soak_seconds: 604_800,
        backup_retention_days: 90,
        steps: vec![
            step("record", Action::RecordConfiguration, "store what vol-0123456789abcdef0 is made of"),
            step("create-snapshot", Action::CreateSnapshot, "make a snapshot of vol-0123456789abcdef0"),
            step("verify-snapshot", Action::VerifyBackup, "hold the snapshot against the volume"),
            step("detach-volume", Action::DetachVolume, "detach vol-0123456789abcdef0"),
            step("soak", Action::Soak, "wait 7 days"),
            delete,
        ],
    }
}

/// The plan document around a runbook.
pub(crate) fn plan(runbook: Runbook) -> Plan {
    let findings = vec![Finding {
        severity: Severity::Warning,
        step: Some(StepId::new("delete-volume")),
        message: "its backup is in the same region".into(),
    }];
    plan_document(&record(), &assessment(), runbook, findings, 1, now()).unwrap()
}

/// A plan for a security group: the record alone brings it back.
pub(crate) fn group_runbook() -> Runbook {
    let resource = Resource::new(ResourceType::SecurityGroup, "sg-0123456789abcdef0").unwrap();
    let mut delete = step("delete-group", Action::DeleteSecurityGroup, "delete sg-0123456789abcdef0");
    delete.recovery = Some(Recovery { how: "make it again from its record".into(), verified_by: None });
    Runbook {
        name: "retire SecurityGroup sg-0123456789abcdef0".into(),
        resource,
        steps: vec![
            step("record", Action::RecordConfiguration, "store its rules"),
            step("soak", Action::Soak, "wait"),
            delete,
        ],
        ..runbook()
    }
}

/// What was seen of that group.
pub(crate) fn harmless_group() -> Assessment {
    let mut assessment = harmless();
    assessment.observation.resource = group_runbook().resource;
    if let Some(found) = &mut assessment.observation.found {
        found.configuration = Configuration::SecurityGroup(SecurityGroup {
            group_name: "old-web".into(),
            description: "ports of the old web servers".into(),
            vpc_id: None,
            rules: BTreeSet::new(),
            members: vec![],
        });
    }
    assessment
}
