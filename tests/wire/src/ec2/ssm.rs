//! SSM parameters and Change Calendars.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::ask::Ask;
use super::error::ApiError;
use super::paging::Limits;
use super::params::Params;
use crate::account::{Account, Parameter};

const LIMITS: Limits = Limits::ec2(1, 50).strict().or(10).refusing_with("ValidationException");
const MOST_NAMES: usize = 10;

pub(super) fn answer(account: &Account, action: &str, ask: &Ask<'_>) -> Result<String, ApiError> {
    let body = match action {
        "GetCalendarState" => calendar_state(account, ask.params)?,
        "DescribeParameters" => describe(account, ask)?,
        "GetParameter" => get_one(account, ask.params)?,
        "GetParameters" => get_some(account, ask.params)?,
        other => {
            return Err(ApiError::client(
                "UnknownOperationException",
                format!("The operation {other} is not served here"),
            ));
        }
    };
    Ok(body.to_string())
}

fn describe(account: &Account, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let page = ask.page(LIMITS)?;
    let filters = filters(ask.params)?;
    let (found, next) = page.take(
        page.rest(&account.parameters)
            .filter(|(_, parameter)| !parameter.public && filters.iter().all(|filter| filter.passes(parameter))),
    );
    let parameters: Vec<Value> = found
        .into_iter()
        .map(|parameter| {
            json!({
                "Name": parameter.name,
                "ARN": arn(account, parameter),
                "Type": parameter.kind,
                "LastModifiedDate": parameter.modified.unix_timestamp(),
                "Version": parameter.version,
                "Tier": "Standard",
                "Policies": [],
                "DataType": parameter.data_type,
            })
        })
        .collect();
    let mut body = json!({ "Parameters": parameters });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("NextToken".to_owned(), next.into());
    }
    Ok(body)
}

fn get_some(account: &Account, params: &Params) -> Result<Value, ApiError> {
    let names = params.list("Names");
    if names.is_empty() || names.len() > MOST_NAMES {
        let message = format!(
            "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between 1 and {MOST_NAMES}, not {}",
            names.len()
        );
        return Err(ApiError::client("ValidationException", message));
    }
    let (mut parameters, mut invalid) = (Vec::new(), Vec::new());
    for name in names {
        match account.parameters.get(name) {
            Some(parameter) => parameters.push(value(account, parameter, params)),
            None => invalid.push(name),
        }
    }
    Ok(json!({ "Parameters": parameters, "InvalidParameters": invalid }))
}

fn get_one(account: &Account, params: &Params) -> Result<Value, ApiError> {
    let name = params.required("Name")?;
    let parameter = account.parameters.get(name).ok_or_else(|| ApiError::client("ParameterNotFound", ""))?;
    Ok(json!({ "Parameter": value(account, parameter, params) }))
}

/// Open where all that are named are open; it changes when the first of those that decide it does.
fn calendar_state(account: &Account, params: &Params) -> Result<Value, ApiError> {
    let names = params.list("CalendarNames");
    if names.is_empty() {
        return Err(ApiError::missing("CalendarNames"));
    }
    let now = OffsetDateTime::now_utc();
    let mut states = Vec::new();
    for name in names {
        let unknown = || ApiError::client("InvalidDocument", format!("Document with name {name} does not exist."));
        states.push(account.calendars.get(name).ok_or_else(unknown)?.at(now));
    }
    let open = states.iter().all(|(open, _)| *open);
    let deciding = states.into_iter().filter(|(state, _)| *state == open).filter_map(|(_, changes_at)| changes_at);
    let next = if open { deciding.min() } else { deciding.max() };
    let text = |at: OffsetDateTime| at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default();
    let mut body = json!({ "State": if open { "OPEN" } else { "CLOSED" }, "AtTime": text(now) });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("NextTransitionTime".to_owned(), text(next).into());
    }
    Ok(body)
}

fn value(account: &Account, parameter: &Parameter, params: &Params) -> Value {
    let in_the_clear = parameter.kind != "SecureString" || params.flag("WithDecryption");
    json!({
        "Name": parameter.name,
        "Type": parameter.kind,
        "Value": if in_the_clear { parameter.value.as_str() } else { "AQICAHhciphertext" },
        "Version": parameter.version,
        "LastModifiedDate": parameter.modified.unix_timestamp(),
        "ARN": arn(account, parameter),
        "DataType": parameter.data_type,
    })
}

fn arn(account: &Account, parameter: &Parameter) -> String {
    format!("arn:aws:ssm:{}:{}:parameter/{}", account.region, account.id, parameter.name.trim_start_matches('/'))
}

struct ParameterFilter {
    key: Key,
    option: Comparison,
    values: Vec<String>,
}

enum Key {
    Name,
    Type,
    DataType,
}

enum Comparison {
    Equals,
    Contains,
    BeginsWith,
}

impl ParameterFilter {
    fn passes(&self, parameter: &Parameter) -> bool {
        let found = match self.key {
            Key::Name => &parameter.name,
            Key::Type => &parameter.kind,
            Key::DataType => &parameter.data_type,
        };
        self.values.iter().any(|value| match self.option {
            Comparison::Equals => found == value,
            Comparison::Contains => found.contains(value),
            Comparison::BeginsWith => found.starts_with(value),
        })
    }
}

fn filters(params: &Params) -> Result<Vec<ParameterFilter>, ApiError> {
    let filter = |prefix: String| {
        let key = match params.required(&format!("{prefix}Key"))? {
            "Name" => Key::Name,
            "Type" => Key::Type,
            "DataType" => Key::DataType,
            other => return Err(ApiError::client("InvalidFilterKey", format!("The filter key {other} is not valid"))),
        };
        let option = match params.get(&format!("{prefix}Option")) {
            None | Some("Equals") => Comparison::Equals,
            Some("Contains") => Comparison::Contains,
            Some("BeginsWith") => Comparison::BeginsWith,
            Some(other) => {
                return Err(ApiError::client("InvalidFilterOption", format!("The filter option {other} is not valid")));
            }
        };
        let values = params.list(&format!("{prefix}Values")).into_iter().map(str::to_owned).collect();
        Ok(ParameterFilter { key, option, values })
    };
    params.structures("ParameterFilters").map(filter).collect()
}
