//! Processes in every state, for tests.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::approval::vote::{Answer, Required, Round, Vote};
use crate::coverage::{Coverage, Coverages, Source};
use crate::ids::{
    AccountId, AllocationId, ImageId, InstanceId, NetworkInterfaceId, SecurityGroupId, SnapshotId, VolumeId,
};
use crate::image::BlockDevice;
use crate::launch_permission::LaunchPermission;
use crate::policy::Mode;
use crate::process::audit::{AuditEvent, EventType};
use crate::process::fixtures as process_fixtures;
use crate::process::observation::{
    Activity, Address, Association, Attachment, Configuration, Dependency, Dependent, Found, Image, Instance,
    InstanceVolume, Member, Observation, Rule, SecurityGroup, Snapshot, Volume,
};
use crate::process::record::{ProcessRecord, StepRecord, StepState};
use crate::process::report::{ChecklistLine, Material};
use crate::process::resource::{Resource, ResourceType};
use crate::process::start::{display_id, process_id};
use crate::process::status::Status;
use crate::process::terms::{Profile, Terms};
use crate::process::validation::Validation;
use crate::risk::assessment::{
    Assessment, BusinessImpact, CostEstimate, CostLine, Criticality, Floor, Point, RequiredRole, TechnicalImpact,
};
use crate::risk::level::Level;
use crate::run::Execution;
use crate::runbook::action::{Action, Effect};
use crate::runbook::document::Runbook;
use crate::runbook::plan::plan;
use crate::runbook::step::{Input, Step};
use crate::tags::Tags;
use crate::time::Timestamp;

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub fn volume_id(n: u32) -> VolumeId {
    VolumeId::parse(&format!("vol-{n}")).unwrap()
}

fn interface_id(n: u32) -> NetworkInterfaceId {
    NetworkInterfaceId::parse(&format!("eni-{n}")).unwrap()
}

fn snapshot_id(n: u32) -> SnapshotId {
    SnapshotId::parse(&format!("snap-{n}")).unwrap()
}

fn group_id(id: &str) -> SecurityGroupId {
    SecurityGroupId::parse(id).unwrap()
}

pub fn resource(resource_type: ResourceType) -> Resource {
    Resource::new(resource_type, resource_type.id_example()).unwrap()
}

fn configuration(resource_type: ResourceType) -> Configuration {
    let instance_id = InstanceId::parse("i-7").unwrap();
    match resource_type {
        ResourceType::Instance => Configuration::Instance(Instance {
            state: "running".into(),
            instance_type: "m7g.large".into(),
            image_id: Some(ImageId::parse("ami-1").unwrap()),
            launched_at: Some(at("2025-03-01T08:00:00Z")),
            availability_zone: Some("us-east-1a".into()),
            root_device_type: Some("ebs".into()),
            lifecycle: None,
            auto_assigned_public_ip: Some("198.51.100.7".into()),
            subnet_id: Some("subnet-1".into()),
            instance_profile_arn: None,
            key_name: None,
            allocation_ids: [AllocationId::parse("eipalloc-1").unwrap()].into(),
            volumes: vec![
                InstanceVolume {
                    volume_id: volume_id(1),
                    device: "/dev/xvda".into(),
                    delete_on_termination: true,
                    size_gib: 8,
                    volume_type: "gp3".into(),
                    encrypted: true,
                    kms_key_id: None,
                },
                InstanceVolume {
                    volume_id: volume_id(2),
                    device: "/dev/sdf".into(),
                    delete_on_termination: false,
                    size_gib: 100,
                    volume_type: "gp3".into(),
                    encrypted: true,
                    kms_key_id: None,
                },
            ],
            network_interface_ids: [interface_id(1)].into(),
            security_group_ids: [group_id("sg-1"), group_id("sg-2")].into(),
        }),
        ResourceType::Volume => Configuration::Volume(Volume {
            state: "in-use".into(),
            size_gib: 100,
            volume_type: "gp3".into(),
            iops: Some(4000),
            throughput_mib_a_second: Some(250),
            encrypted: true,
            kms_key_id: Some("arn:aws:kms:us-east-1:123456789012:key/k".into()),
            availability_zone: "us-east-1a".into(),
            from_snapshot_id: None,
            attachments: vec![Attachment {
                instance_id,
                device: "/dev/sdf".into(),
                state: "attached".into(),
                delete_on_termination: false,
                instance_state: Some("running".into()),
                is_root: false,
            }],
        }),
        ResourceType::Snapshot => Configuration::Snapshot(Snapshot {
            state: "completed".into(),
            size_gib: 100,
            encrypted: true,
            kms_key_id: None,
            volume_id: Some(volume_id(1)),
            storage_tier: Some("standard".into()),
            image_ids: [].into(),
        }),
        ResourceType::Image => Configuration::Image(Image {
            state: "available".into(),
            block_devices: [1, 2, 1]
                .map(|n| BlockDevice {
                    device_name: format!("/dev/sd{n}"),
                    snapshot_id: Some(snapshot_id(n)),
                    size_gib: Some(8),
                })
                .into(),
            launch_permissions: vec![LaunchPermission::Account("210987654321".into()), LaunchPermission::Everybody],
            last_launched_at: None,
        }),
        ResourceType::Address => Configuration::Address(Address {
            public_ip: "203.0.113.5".into(),
            association: Some(Association {
                association_id: "eipassoc-1".into(),
                instance_id: Some(instance_id),
                network_interface_id: Some(interface_id(1)),
                private_ip: Some("10.0.0.7".into()),
            }),
            network_border_group: Some("us-east-1".into()),
            public_ipv4_pool: None,
        }),
        ResourceType::SecurityGroup => {
            let own = resource_type.id_example();
            let rule = |egress: bool, port: i32, peer: &str, description: Option<&str>| Rule {
                egress,
                ip_protocol: "tcp".into(),
                from_port: Some(port),
                to_port: Some(port),
                peer: peer.into(),
                description: description.map(Into::into),
            };
            Configuration::SecurityGroup(SecurityGroup {
                group_name: "web <old> | it's".into(),
                description: "web servers".into(),
                vpc_id: Some("vpc-1".into()),
                rules: [
                    rule(false, 443, "10.0.0.0/8", Some("from `inside`")),
                    rule(false, 22, own, None),
                    rule(true, 5432, "sg-9", None),
                    rule(true, 443, "2001:db8::/32", None),
                ]
                .into(),
                members: vec![Member {
                    network_interface_id: interface_id(1),
                    group_ids: vec![group_id("sg-1"), group_id(own)],
                    instance_id: Some(instance_id),
                    description: None,
                    requester_id: None,
                }],
            })
        }
    }
}

pub fn observation(resource_type: ResourceType) -> Observation {
    Observation {
        resource: resource(resource_type),
        observed_at: at("2026-11-20T09:00:10Z"),
        found: Some(Found {
            owner_id: Some(AccountId::parse("123456789012").unwrap()),
            name: Some("web-1".into()),
            tags: Tags::from([("team", "web")]),
            created_at: Some(at("2024-01-02T03:04:05Z")),
            configuration: configuration(resource_type),
        }),
        dependents: [Dependent {
            kind: "target_group".into(),
            id: "web".into(),
            relation: "sends traffic to it".into(),
            dependency: Dependency::Required,
            source: Source::TargetGroups,
        }]
        .into(),
        protections: vec![],
        tracking: None,
        last_activity: Some(Activity { at: at("2025-03-01T08:00:00Z"), what: "was started".into() }),
        coverages: Coverages::from([
            (Source::Resource, Coverage::Complete { items: 1 }),
            (Source::TargetGroups, Coverage::Complete { items: 3 }),
        ]),
    }
}

pub fn assessment(number: u32, observation: Observation) -> Assessment {
    Assessment {
        number,
        assessed_at: observation.observed_at,
        profile: Profile::V2,
        fingerprint: observation.found.as_ref().map(Found::fingerprint),
        observation,
        business: BusinessImpact {
            criticality: Criticality::High,
            environment: "prod".into(),
            project: "shop".into(),
            owner: "team-web".into(),
            business_hours_impact: true,
        },
        technical: TechnicalImpact {
            dependency_count: 1,
            has_critical_dependencies: true,
            data_loss_risk: false,
            service_disruption_risk: true,
        },
        points: vec![
            Point { points: 3, reason: "production, by the tag environment".into() },
            Point { points: 3, reason: "a target group needs it".into() },
        ],
        score: 6,
        floors: vec![Floor { level: Level::Medium, reason: "production is never below medium".into() }],
        level: Level::High,
        roles: vec![RequiredRole { role: "infrastructure-manager".into(), because: "the risk is high".into() }],
        recommendations: vec!["take it out of target group web first".into()],
        cost: CostEstimate {
            saved: vec![
                CostLine { what: "instance m7g.large".into(), micro_dollars_a_month: Some(59_568_000) },
                CostLine { what: "volume vol-1, gp3, 8 GiB".into(), micro_dollars_a_month: Some(640_000) },
            ],
            backups: vec![CostLine { what: "image of 108 GiB".into(), micro_dollars_a_month: Some(5_400_000) }],
        },
        evidence_complete: true,
        managed_by: vec![],
        blocked: vec![],
    }
}

pub fn runbook(resource_type: ResourceType) -> Runbook {
    plan(&assessment(1, observation(resource_type)), &Terms::default()).unwrap()
}

/// A step's record, with its inputs as the plan has them.
pub fn step_record(step: &Step, state: StepState) -> StepRecord {
    let outputs = match step.action {
        Action::CreateImage => BTreeMap::from([("image_id".to_owned(), json!("ami-backup1"))]),
        Action::CreateSnapshot => BTreeMap::from([("snapshot_id".to_owned(), json!("snap-backup1"))]),
        _ => BTreeMap::new(),
    };
    let value = |input: &Input| match input {
        Input::Value(value) => Some(value.clone()),
        Input::Output { .. } => None,
    };
    let undone =
        matches!(state, StepState::UndoIntended | StepState::UndoCalled | StepState::Undone | StepState::UndoFailed);
    StepRecord {
        step: step.id.clone(),
        state,
        attempts: 1,
        undo_attempts: u32::from(undone),
        intended_at: at("2026-11-20T10:00:00Z"),
        begun_at: at("2026-11-20T10:00:00Z"),
        inputs: step.inputs.iter().filter_map(|(name, input)| Some((name.clone(), value(input)?))).collect(),
        outputs,
        looks: 1,
        under_hold: 0,
        error: None,
    }
}

/// All that a report is made of, owned.
pub struct Case {
    pub record: ProcessRecord,
    pub approved: Option<Assessment>,
    pub last: Option<Assessment>,
    pub runbook: Option<Runbook>,
    pub votes: Vec<Vote>,
    pub steps: Vec<StepRecord>,
    pub events: Vec<AuditEvent>,
    pub validation: Option<Validation>,
    pub checklist: Vec<ChecklistLine>,
    pub now: Timestamp,
}

impl Case {
    /// A live process at its start.
    pub fn new(resource_type: ResourceType, mode: Mode, status: Status) -> Self {
        let created_at = at("2026-11-20T09:00:00Z");
        let execution_arn = "arn:aws:states:us-east-1:123456789012:execution:decommission:run-1".to_owned();
        let resource = resource(resource_type);
        let record = ProcessRecord {
            process_id: process_id(&Execution { arn: execution_arn.clone(), started_at: created_at }),
            display_id: display_id(&resource, created_at),
            execution_arn,
            resource,
            initiator: "grace".into(),
            reason: "unused since March".into(),
            mode,
            created_at,
            updated_at: at("2026-11-28T12:00:00Z"),
            risk_level: Some(Level::High),
            resource_owner: Some("team-web".into()),
            stakeholders: vec!["infrastructure-manager".into(), "owner:team-web".into()],
            plan: 0,
            ..process_fixtures::record(status)
        };
        let mut case = Self {
            record,
            approved: None,
            last: Some(assessment(1, observation(resource_type))),
            runbook: None,
            votes: vec![],
            steps: vec![],
            events: vec![],
            validation: None,
            checklist: vec![],
            now: at("2026-11-29T00:00:00Z"),
        };
        case.happened(
            EventType::ProcessInitiated,
            "grace",
            "2026-11-20T09:00:00Z",
            json!({"reason": "unused since March"}),
        );
        case.happened(
            EventType::AssessmentCompleted,
            "function:assess",
            "2026-11-20T09:00:12Z",
            json!({"level": "high", "score": 6}),
        );
        case
    }

    pub fn happened(&mut self, event_type: EventType, actor: &str, when: &str, data: Value) {
        let event = self.record.audit.next(&self.record.process_id, event_type, actor, at(when), data).unwrap();
        self.record.audit = event.head();
        self.events.push(event);
    }

    /// With a plan, and in a live process a round about it.
    pub fn planned(mut self) -> Self {
        let runbook = runbook(self.record.resource.resource_type());
        let hash = runbook.hash().unwrap();
        self.record.plan = 1;
        self.record.plan_hash = Some(hash.clone());
        self.happened(EventType::PlanDrafted, "function:plan", "2026-11-20T09:00:20Z", json!({"plan_hash": hash}));
        if self.record.mode == Mode::Live {
            let people = vec!["ada".to_owned(), "bob".to_owned()];
            self.record.round = Some(Round {
                number: 1,
                plan_hash: hash,
                required: vec![Required {
                    role: "infrastructure-manager".into(),
                    people: people.clone(),
                    quorum: 1,
                    because: "the risk is high".into(),
                    standing_in: std::collections::BTreeMap::new(),
                }],
                minimum_approvers: 2,
                requested_at: at("2026-11-20T09:00:30Z"),
                deadline: at("2026-11-23T09:00:30Z"),
                risk_level: None,
                reminders: Vec::new(),
                escalations: Vec::new(),
                reminded: 0,
                escalated: 0,
            });
            let data = json!({"approvers": people, "round": 1});
            self.happened(EventType::ApprovalRequested, "function:approve", "2026-11-20T09:00:30Z", data);
        }
        self.runbook = Some(runbook);
        self
    }

    pub fn voted(mut self, person: &str, answer: Answer, reason: Option<&str>, when: &str) -> Self {
        let plan_hash = self.record.plan_hash.clone().unwrap();
        self.happened(EventType::VoteCast, &format!("person:{person}"), when, json!({"answer": answer, "round": 1}));
        self.votes.push(Vote {
            round: 1,
            person: person.into(),
            identity: format!("user/{person}"),
            answer,
            reason: reason.map(Into::into),
            plan_hash,
            at: at(when),
        });
        self
    }

    /// Approved by two people.
    pub fn approved(self) -> Self {
        let mut case = self.voted("ada", Answer::Approve, None, "2026-11-20T09:30:00Z").voted(
            "bob",
            Answer::Approve,
            Some("fine with me"),
            "2026-11-20T09:45:00Z",
        );
        case.happened(EventType::Approved, "function:approve", "2026-11-20T09:45:05Z", json!({"by": ["ada", "bob"]}));
        case.record.approved_plan_hash = case.record.plan_hash.clone();
        case.record.approved_assessment = Some(1);
        case.approved = case.last.clone();
        case
    }

    /// With these steps in this state; the events say so where they come to rest.
    pub fn with_steps(mut self, states: impl Fn(&Step) -> Option<StepState>) -> Self {
        let steps = self.runbook.as_ref().unwrap().steps.clone();
        for (minute, step) in steps.iter().enumerate() {
            let Some(state) = states(step) else { continue };
            let when = format!("2026-11-20T10:{minute:02}:30Z");
            let event = match state {
                StepState::Done => Some(EventType::StepDone),
                StepState::Skipped => Some(EventType::StepSkipped),
                StepState::Failed => Some(EventType::StepFailed),
                StepState::Undone => Some(EventType::UndoDone),
                StepState::UndoFailed => Some(EventType::UndoFailed),
                _ => None,
            };
            if let Some(event) = event {
                self.happened(event, "function:execute", &when, json!({"step": step.id}));
            }
            self.steps.push(step_record(step, state));
        }
        self
    }

    pub fn material(&self) -> Material<'_> {
        Material {
            record: &self.record,
            approved: self.approved.as_ref(),
            last: self.last.as_ref(),
            runbook: self.runbook.as_ref(),
            votes: &self.votes,
            steps: &self.steps,
            events: &self.events,
            validation: self.validation.as_ref(),
            checklist: &self.checklist,
            now: self.now,
        }
    }
}

/// What is before the soak.
pub fn is_before_the_soak(step: &Step) -> bool {
    step.effect != Effect::Irreversible && step.action != Action::Soak
}
