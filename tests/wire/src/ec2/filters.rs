//! EC2's filters: any value of a filter may match (with `*` and `?`), every filter must.

use wildmatch::WildMatch;

use super::error::ApiError;
use super::params::Params;

pub(super) struct Filters(Vec<(String, Vec<WildMatch>)>);

impl Filters {
    /// Reads the filters, refusing those that the action does not have. `tag:` allows every `tag:<key>`.
    pub(super) fn parse(params: &Params, known: &[&str]) -> Result<Self, ApiError> {
        let mut filters = Vec::new();
        for prefix in params.structures("Filter") {
            let name = params.required(&format!("{prefix}Name"))?;
            if !known.iter().any(|known| *known == name || (*known == "tag:" && name.starts_with("tag:"))) {
                return Err(ApiError::invalid_value(format!("The filter '{name}' is invalid")));
            }
            let values = params.list(&format!("{prefix}Value"));
            filters.push((name.to_owned(), values.into_iter().map(WildMatch::new).collect()));
        }
        Ok(Self(filters))
    }

    /// Whether a thing passes, given what each filter looks at.
    pub(super) fn pass<'a, V: AsRef<str>>(&'a self, fields: impl Fn(&'a str) -> Vec<V>) -> bool {
        self.0.iter().all(|(name, patterns)| {
            let fields = fields(name);
            patterns.iter().any(|pattern| fields.iter().any(|field| pattern.matches(field.as_ref())))
        })
    }
}

/// What the filters `tag:<key>` and `tag-key` look at.
pub(super) fn tag_fields<'a>(filter: &str, tags: &'a std::collections::BTreeMap<String, String>) -> Vec<&'a str> {
    match filter.strip_prefix("tag:") {
        Some(key) => tags.get(key).map(String::as_str).into_iter().collect(),
        None if filter == "tag-key" => tags.keys().map(String::as_str).collect(),
        None => Vec::new(),
    }
}
