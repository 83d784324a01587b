//! A request's parameters, in the query protocol's flat form.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::ApiError;

#[derive(Debug, Clone, Default)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    pub(super) fn from_form(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// JSON in the same flat form: `{"Names": ["a"]}` is `Names.1=a`.
    pub(super) fn from_json(body: &Value) -> Self {
        let mut flat = BTreeMap::new();
        flatten(String::new(), body, &mut flat);
        Self(flat)
    }

    pub(super) fn into_map(self) -> BTreeMap<String, String> {
        self.0
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).ok_or_else(|| ApiError::missing(name))
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, ApiError> {
        let invalid = |value| ApiError::invalid_value(format!("Value ({value}) for parameter {name} is invalid."));
        self.get(name).map(|value| value.parse().map_err(|_| invalid(value))).transpose()
    }

    /// `name.1`, `name.2`, …
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        (1..).map_while(|n| self.get(&format!("{name}.{n}"))).collect()
    }

    /// The prefixes `name.1.`, `name.2.`, … under which a list of structures has anything.
    pub(super) fn structures(&self, name: &str) -> impl Iterator<Item = String> {
        (1..)
            .map(move |n| format!("{name}.{n}."))
            .take_while(|prefix| self.0.range(prefix.clone()..).next().is_some_and(|(key, _)| key.starts_with(prefix)))
    }
}

fn flatten(prefix: String, value: &Value, flat: &mut BTreeMap<String, String>) {
    let nested = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| flatten(nested(key), value, flat)),
        Value::Array(items) => (1..).zip(items).for_each(|(n, value)| flatten(nested(&n.to_string()), value, flat)),
        Value::String(text) => {
            flat.insert(prefix, text.clone());
        }
        Value::Null => (),
        other => {
            flat.insert(prefix, other.to_string());
        }
    }
}
