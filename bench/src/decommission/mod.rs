//! A process of decommission: what it is about, and the events by which the state machine and people carry it on.

mod policy;
mod requests;

use serde_json::{Value, json};
use sunset_wire::{Account, Instance, LoadBalancer, NetworkInterface, Parameter, SecurityGroup, TargetGroup, Volume};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub use policy::{PEOPLE, TaskRoot};
pub use requests::{approves, link, opens, sent_on, vote, voted};

use crate::error::BenchError;
use crate::stage::{ACCOUNT_ID, DEPENDENCIES, LINK_KEYS, Scene, TRACKING};

/// What is retired.
pub const INSTANCE: &str = "i-0123456789abcdef0";
const NEIGHBOUR: &str = "i-0fedcba9876543210";
/// What links are signed with: one key that signs, and one that did before it.
const KEYS: &str = r#"{"schema":1,"keys":[
    {"id":"2026b","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},
    {"id":"2026a","secret":"ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8","until":"2036-12-20T00:00:00Z"}
]}"#;

/// A running instance with one volume, known to its team's tables, beside a neighbour that a load balancer sends traffic.
///
/// # Errors
/// The loopback tables do not take what is put into them.
pub fn scene() -> Result<Scene, BenchError> {
    let instance = |id: &str, name: &str| {
        Instance::new(id, "ami-0123456789abcdef0")
            .tag("Name", name)
            .tag("owner", "team-web")
            .tag("Environment", "staging")
    };
    let account = Account::new(ACCOUNT_ID)
        .instance(instance(INSTANCE, "batch-1"))
        .volume(Volume::new("vol-0123456789abcdef0").gib(100).root_of(INSTANCE).delete_on_termination())
        .network_interface(NetworkInterface::primary_of(INSTANCE).member_of("sg-0123456789abcdef0"))
        .instance(instance(NEIGHBOUR, "web-1"))
        .volume(Volume::new("vol-0fedcba9876543210").gib(8).root_of(NEIGHBOUR).delete_on_termination())
        .network_interface(NetworkInterface::primary_of(NEIGHBOUR).member_of("sg-0123456789abcdef0"))
        .security_group(SecurityGroup::new("sg-0123456789abcdef0", "web"))
        .load_balancer(LoadBalancer::new("web"))
        .target_group(TargetGroup::new("web").behind("web").target(NEIGHBOUR))
        .parameter(Parameter::new(LINK_KEYS, KEYS).secure());
    let text = |text: &str| json!({"S": text});
    let data = json!({"M": {"environment": text("staging"), "project": text("batch"), "owner": text("team-web")}});
    let mut scene = Scene::new(account);
    scene.put(
        TRACKING,
        json!({"ResourceId": text(INSTANCE), "ResourceType": text("EC2Instance"), "TrackingData": data}),
    )?;
    scene
        .put(DEPENDENCIES, json!({"ResourceId": text(INSTANCE), "Dependencies": {"L": []}, "Dependents": {"L": []}}))?;
    Ok(scene)
}

/// The event that begins a live process.
///
/// # Errors
/// The clock is out of any calendar.
pub fn admit(name: &str) -> Result<Value, BenchError> {
    let unexpected = |error: &dyn std::fmt::Display| BenchError::unexpected(error.to_string());
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).map_err(|error| unexpected(&error))?;
    let now = now.format(&Rfc3339).map_err(|error| unexpected(&error))?;
    Ok(json!({
        "schema": 1,
        "action": "admit",
        "execution": {
            "arn": format!("arn:aws:states:us-east-1:{ACCOUNT_ID}:execution:decommission:{name}"),
            "name": name,
            "started_at": now,
        },
        "input": {
            "schema": 1,
            "resource_type": "EC2Instance",
            "resource_id": INSTANCE,
            "initiator": "eve",
            "reason": "the batch jobs moved to Fargate in spring",
            "mode": "live",
        },
    }))
}

/// An event of the state machine about a process.
#[must_use]
pub fn of(action: &str, process_id: &str) -> Value {
    json!({"schema": 1, "action": action, "process_id": process_id})
}

/// The same from a state that waits to be woken.
#[must_use]
pub fn waiting(action: &str, process_id: &str) -> Value {
    let mut event = of(action, process_id);
    if let Some(fields) = event.as_object_mut() {
        fields.insert("task_token".into(), json!("AQCEAAAAKgAAAAMAAAAAAAAAAeXample".repeat(10)));
    }
    event
}

/// The same scene after the soak.
///
/// # Errors
/// The clock is out of any calendar.
pub fn after_the_soak(scene: Scene) -> Result<Scene, BenchError> {
    let then = (OffsetDateTime::now_utc() - time::Duration::minutes(1))
        .format(&Rfc3339)
        .map_err(|error| BenchError::unexpected(error.to_string()))?;
    Ok(scene.with_ledger(|items| {
        for item in items.values_mut() {
            if let Some(until) = item.get_mut("soak_until").filter(|until| until.get("S").is_some()) {
                *until = json!({"S": then});
            }
        }
    }))
}

/// The text that an answer has there.
///
/// # Errors
/// It has none.
pub fn text<'a>(answer: &'a Value, name: &str) -> Result<&'a str, BenchError> {
    let text = answer.get(name).and_then(Value::as_str);
    text.ok_or_else(|| BenchError::unexpected(format!("{name} is not in the answer {answer}")))
}

/// Whether somebody's vote has decided.
#[must_use]
pub fn is_decided(answer: &Value) -> bool {
    let body = answer.get("body").and_then(Value::as_str).and_then(|body| serde_json::from_str::<Value>(body).ok());
    body.is_some_and(|body| body.pointer("/decision/decision").and_then(Value::as_str) == Some("approved"))
}
