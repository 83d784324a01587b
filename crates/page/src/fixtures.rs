//! A process that waits for an answer, for tests to change one thing of.

use std::collections::BTreeMap;

use serde_json::json;
use sunset_domain::approval::link::Purpose;
use sunset_domain::approval::vote::{Answer, Escalation, NOTICE_ROUND, Required, Round, Vote};
use sunset_domain::ids::PlanHash;
use sunset_domain::process::audit::{AuditEvent, Defect, EventType, Head, verify};
use sunset_domain::process::record::{NoticePeriod, ProcessRecord};
use sunset_domain::process::status::Status;
use sunset_domain::risk::assessment::Assessment;
use sunset_domain::risk::level::Level;
use sunset_domain::runbook::action::ACTIONS;
use sunset_domain::runbook::check::check;
use sunset_domain::runbook::plan::plan;
use sunset_domain::runbook::plan_document::{Plan, plan_document};
use sunset_domain::time::Timestamp;

use crate::{Approval, FormError, FormOf, Timeline};

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// An hour after people were asked.
pub(crate) fn now() -> Timestamp {
    at("2026-11-20T10:00:00Z")
}

pub(crate) fn assessment() -> Assessment {
    serde_json::from_str(include_str!("fixtures/assessment.json")).unwrap()
}

fn begun() -> ProcessRecord {
    serde_json::from_str(include_str!("fixtures/record.json")).unwrap()
}

pub(crate) fn plan_of(assessment: &Assessment) -> Plan {
    let record = begun();
    let runbook = plan(assessment, &record.terms).unwrap();
    let granted: Vec<&str> = ACTIONS.iter().flat_map(|spec| spec.iam_actions).copied().collect();
    let findings = check(&runbook, &granted);
    plan_document(&record, assessment, runbook, findings, 1, at("2026-11-20T08:57:00Z")).unwrap()
}

pub(crate) fn trail() -> Vec<AuditEvent> {
    let record = begun();
    let mut head = Head::default();
    let told = [
        (EventType::ProcessInitiated, "carol", json!({"reason": record.reason}), "2026-11-20T08:55:00Z"),
        (
            EventType::AssessmentCompleted,
            "function:assess",
            json!({"level": "high", "score": 6}),
            "2026-11-20T08:56:00Z",
        ),
        (EventType::PlanDrafted, "function:plan", json!({"number": 1}), "2026-11-20T08:57:00Z"),
        (EventType::ApprovalRequested, "function:approve", json!({"round": 1}), "2026-11-20T09:00:00Z"),
        (EventType::VoteCast, "person:grace", json!({"answer": "approve"}), "2026-11-20T09:30:00Z"),
    ];
    told.into_iter()
        .map(|(event_type, actor, data, when)| {
            let event = head.next(&record.process_id, event_type, actor, at(when), data).unwrap();
            head = event.head();
            event
        })
        .collect()
}

fn required(role: &str, people: &[&str], because: &str) -> Required {
    Required {
        role: role.into(),
        people: people.iter().map(|name| (*name).to_owned()).collect(),
        quorum: 1,
        because: because.into(),
        standing_in: BTreeMap::new(),
    }
}

fn round(plan_hash: PlanHash) -> Round {
    let mut owner = required("owner:team-web", &["ada", "grace"], "team-web owns it");
    owner.standing_in.insert("grace".into(), "linus".into());
    Round {
        number: 1,
        plan_hash,
        required: vec![owner, required("infrastructure-manager", &["margaret"], "the risk is high")],
        minimum_approvers: 2,
        requested_at: at("2026-11-20T09:00:00Z"),
        deadline: at("2026-11-23T09:00:00Z"),
        risk_level: Some(Level::High),
        reminders: vec![at("2026-11-21T21:00:00Z")],
        escalations: vec![Escalation {
            at: at("2026-11-22T15:00:00Z"),
            role: "infrastructure-manager".into(),
            people: vec!["barbara".into()],
            standing_in: std::collections::BTreeMap::new(),
        }],
        reminded: 0,
        escalated: 0,
    }
}

/// Everything that a page is made of.
pub(crate) struct Material {
    pub record: ProcessRecord,
    pub assessment: Assessment,
    pub plan: Plan,
    pub votes: Vec<Vote>,
    pub events: Vec<AuditEvent>,
    pub defects: Vec<Defect>,
}

impl Material {
    /// People are asked, and one has answered.
    pub(crate) fn asked() -> Self {
        let assessment = assessment();
        let plan = plan_of(&assessment);
        let events = trail();
        let mut record = begun();
        record.plan_hash = Some(plan.hash.clone());
        record.round = Some(round(plan.hash.clone()));
        record.audit = events.last().unwrap().head();
        let defects = verify(&record.process_id, &events, &record.audit);
        let mut material = Self { record, assessment, plan, votes: vec![], events, defects };
        material.vote("grace", Answer::Approve, Some("the team agreed on it"), 1);
        material
    }

    /// The rule approved, and people can object.
    pub(crate) fn by_rule() -> Self {
        let mut material = Self::asked();
        material.assessment.level = Level::Low;
        material.record.risk_level = Some(Level::Low);
        material.record.round = None;
        material.record.status = Status::Approved;
        material.record.notice = Some(NoticePeriod { until: at("2026-11-21T09:00:00Z"), over: false });
        material.votes.clear();
        material
    }

    pub(crate) fn vote(&mut self, person: &str, answer: Answer, reason: Option<&str>, round: u32) {
        self.votes.push(Vote {
            round,
            person: person.into(),
            identity: format!("sso/{person}@example.com"),
            answer,
            reason: reason.map(str::to_owned),
            plan_hash: self.plan.hash.clone(),
            at: at("2026-11-20T09:30:00Z"),
        });
    }

    pub(crate) fn object(&mut self, person: &str, reason: &str) {
        self.vote(person, Answer::Reject, Some(reason), NOTICE_ROUND);
    }

    /// The page of somebody who can answer.
    pub(crate) fn open(&self) -> Approval<'_> {
        Approval {
            record: &self.record,
            assessment: &self.assessment,
            plan: &self.plan,
            votes: &self.votes,
            person: "ada",
            purpose: if self.record.notice.is_some() { Purpose::OptOut } else { Purpose::Decide },
            now: now(),
            form: Some(form()),
            no_form_because: None,
            timeline_url: "/?l=v1.timeline",
            waiting_url: "/?l=v1.waiting",
            error: None,
        }
    }

    /// The same after a wrong answer.
    pub(crate) fn wrong<'a>(&'a self, field: &'a str, message: &'a str) -> Approval<'a> {
        let form = FormOf { reason: "still needed", answer: Some(Answer::Reject), confirm: "abcdef", ..form() };
        Approval { form: Some(form), error: Some(FormError { field, message }), ..self.open() }
    }

    /// The same once there is nothing to answer any more.
    pub(crate) fn closed<'a>(&'a self, because: &'a str) -> Approval<'a> {
        Approval { form: None, no_form_because: Some(because), ..self.open() }
    }

    pub(crate) fn timeline(&self) -> Timeline<'_> {
        Timeline {
            record: &self.record,
            assessment: Some(&self.assessment),
            votes: &self.votes,
            events: &self.events,
            defects: &self.defects,
            person: "grace",
            now: now(),
            done: false,
            waiting_url: "/?l=v1.waiting",
        }
    }
}

fn form() -> FormOf<'static> {
    FormOf {
        action: "/?l=v1.decide",
        form_token: "v1.form",
        confirm_end: "bcdef0",
        reason: "",
        answer: None,
        confirm: "",
    }
}
