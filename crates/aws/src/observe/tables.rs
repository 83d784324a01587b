//! A team's own tables, `ResourceTracking` and `ResourceDependencies` (C17): read as they are, trusted for what they say.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use sunset_domain::coverage::{Coverages, Source};
use sunset_domain::process::observation::{Dependency, Dependent, Tracking};
use sunset_domain::process::resource::Resource;

use crate::account::pages::coverage;
use crate::clients::Clients;
use crate::error::AwsError;

const GET_ITEM: &str = "GetItem";
/// How a dependent may be named.
const ID_NAMES: [&str; 4] = ["resource_id", "id", "name", "ResourceId"];
/// How its kind may be named.
const KIND_NAMES: [&str; 4] = ["resource_type", "type", "kind", "ResourceType"];

/// The names of a team's tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamTables {
    /// `ResourceTracking`, by `ResourceId` and `ResourceType`.
    pub tracking: String,
    /// `ResourceDependencies`, by `ResourceId`.
    pub dependencies: String,
}

/// What they say of a resource.
#[derive(Debug, Default)]
pub(super) struct Team {
    pub(super) tracking: Option<Tracking>,
    pub(super) dependents: BTreeSet<Dependent>,
    pub(super) coverages: Coverages,
}

type Item = HashMap<String, AttributeValue>;

pub(super) async fn read(clients: &Clients, tables: &TeamTables, resource: &Resource) -> Team {
    let resource_id = ("ResourceId", resource.id());
    let resource_type = ("ResourceType", resource.resource_type().as_str());
    let mut team = Team::default();

    let tracking = get(clients, &tables.tracking, &[resource_id, resource_type]).await;
    let tracking = tracking.and_then(|item| item.as_ref().map(tracking_of).transpose());
    team.tracking = team.take(Source::ResourceTracking, tracking);

    let dependents = get(clients, &tables.dependencies, &[resource_id]).await;
    let dependents = dependents.and_then(|item| item.as_ref().map(dependents_of).transpose());
    team.dependents = team.take(Source::ResourceDependencies, dependents).unwrap_or_default();
    team
}

impl Team {
    fn take<T>(&mut self, source: Source, read: Result<Option<T>, AwsError>) -> Option<T> {
        let (found, outcome) = match read {
            Ok(found) => (found, Ok(())),
            Err(error) => (None, Err(error)),
        };
        self.coverages.insert(source, coverage(usize::from(found.is_some()), outcome));
        found
    }
}

async fn get(clients: &Clients, table: &str, key: &[(&str, &str)]) -> Result<Option<Item>, AwsError> {
    let mut ask = clients.dynamodb.get_item().table_name(table).consistent_read(true);
    for (name, value) in key {
        ask = ask.key(*name, AttributeValue::S((*value).to_owned()));
    }
    Ok(ask.send().await.map_err(|error| AwsError::of(GET_ITEM, &error))?.item)
}

fn tracking_of(item: &Item) -> Result<Tracking, AwsError> {
    let Some(AttributeValue::M(data)) = item.get("TrackingData") else {
        return Err(unreadable("TrackingData is no map"));
    };
    Ok(Tracking {
        environment: text(data, "environment")?,
        project: text(data, "project")?,
        owner: text(data, "owner")?,
    })
}

fn dependents_of(item: &Item) -> Result<BTreeSet<Dependent>, AwsError> {
    match item.get("Dependents") {
        None | Some(AttributeValue::Null(_)) => Ok(BTreeSet::new()),
        Some(AttributeValue::L(dependents)) => dependents.iter().map(dependent).collect(),
        Some(AttributeValue::Ss(ids)) => Ok(ids.iter().map(|id| plain(id)).collect()),
        Some(_) => Err(unreadable("Dependents is no list")),
    }
}

fn dependent(value: &AttributeValue) -> Result<Dependent, AwsError> {
    let fields = match value {
        AttributeValue::S(id) if !id.trim().is_empty() => return Ok(plain(id)),
        AttributeValue::M(fields) => fields,
        _ => return Err(unreadable("a dependent is neither a map nor a text")),
    };
    let id = first(fields, &ID_NAMES)?.ok_or_else(|| unreadable("a dependent has no resource_id, id or name"))?;
    let said = text(fields, "dependency_type")?;
    let dependency = match said.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("critical") => Dependency::Critical,
        Some("required") => Dependency::Required,
        Some("optional") => Dependency::Optional,
        _ => Dependency::Unknown,
    };
    let kind = first(fields, &KIND_NAMES)?.unwrap_or_else(|| "resource".to_owned());
    let relation = match &said {
        Some(said) => format!("depends on it ({said}), as its team says"),
        None => "depends on it, as its team says".to_owned(),
    };
    Ok(Dependent { kind, id, relation, dependency, source: Source::ResourceDependencies })
}

/// A dependent of which only the name is known.
fn plain(id: &str) -> Dependent {
    Dependent {
        kind: "resource".to_owned(),
        id: id.trim().to_owned(),
        relation: "depends on it, as its team says".to_owned(),
        dependency: Dependency::Unknown,
        source: Source::ResourceDependencies,
    }
}

fn first(fields: &Item, names: &[&str]) -> Result<Option<String>, AwsError> {
    for name in names {
        if let Some(text) = text(fields, name)? {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

fn text(fields: &Item, name: &str) -> Result<Option<String>, AwsError> {
    match fields.get(name) {
        None | Some(AttributeValue::Null(_)) => Ok(None),
        Some(AttributeValue::S(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)),
        Some(_) => Err(unreadable(format!("{name} is no text"))),
    }
}

fn unreadable(why: impl Into<String>) -> AwsError {
    AwsError::refused(GET_ITEM, why)
}
