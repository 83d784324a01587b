//! Pages: a token holds the key after which the next page begins, so that a change between pages skips and repeats nothing.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};

use super::error::ApiError;
use super::params::Params;

/// What an action does with `MaxResults`.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) parameter: &'static str,
    pub(super) least: usize,
    pub(super) most: usize,
    /// Items when none is asked for.
    pub(super) default: usize,
    /// Whether more than `most` means `most`; otherwise it is refused.
    pub(super) clamps: bool,
    /// The code of a refusal.
    pub(super) refusal: &'static str,
    /// The parameter that holds the token.
    pub(super) token: &'static str,
}

impl Limits {
    /// EC2: as many as there are unless asked, at most so many.
    pub(super) const fn ec2(least: usize, most: usize) -> Self {
        Self {
            parameter: "MaxResults",
            least,
            most,
            default: usize::MAX,
            clamps: true,
            refusal: "InvalidParameterValue",
            token: "NextToken",
        }
    }

    pub(super) const fn strict(mut self) -> Self {
        self.clamps = false;
        self
    }

    pub(super) const fn or(mut self, default: usize) -> Self {
        self.default = default;
        self
    }

    pub(super) const fn refusing_with(mut self, code: &'static str) -> Self {
        self.refusal = code;
        self
    }

    pub(super) const fn named(mut self, parameter: &'static str) -> Self {
        self.parameter = parameter;
        self
    }

    pub(super) const fn token(mut self, parameter: &'static str) -> Self {
        self.token = parameter;
        self
    }
}

/// How the pages of an action differ from what is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PageRule {
    at_most: Option<usize>,
    first_empty: bool,
}

/// The page rules of every action.
#[derive(Debug, Default)]
pub(super) struct Pages(Mutex<HashMap<String, PageRule>>);

impl Pages {
    pub(super) fn at_most(&self, action: &str, items: usize) {
        self.lock().entry(action.to_owned()).or_default().at_most = Some(items);
    }

    pub(super) fn first_empty(&self, action: &str) {
        self.lock().entry(action.to_owned()).or_default().first_empty = true;
    }

    pub(super) fn rule(&self, action: &str) -> PageRule {
        let rules = self.lock();
        rules.get(action).or_else(|| rules.get("*")).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, PageRule>> {
        self.0.lock().expect("no panic while the page rules are held")
    }
}

/// The page that a request asks for.
pub(super) struct Page {
    after: Option<String>,
    size: usize,
}

impl Page {
    pub(super) fn of(params: &Params, limits: Limits, rule: PageRule) -> Result<Self, ApiError> {
        let asked = params.number(limits.parameter)?;
        let size = match asked {
            None => limits.default,
            Some(asked) if asked < limits.least || (asked > limits.most && !limits.clamps) => {
                let (parameter, least, most) = (limits.parameter, limits.least, limits.most);
                let message = format!(
                    "Value ({asked}) for parameter {parameter} is invalid. Expecting a value between {least} and {most}."
                );
                return Err(ApiError::client(limits.refusal, message));
            }
            Some(asked) => asked.min(limits.most),
        };
        let size = size.min(rule.at_most.unwrap_or(usize::MAX));
        match params.get(limits.token).filter(|token| !token.is_empty()) {
            None if rule.first_empty => Ok(Self { after: None, size: 0 }),
            None => Ok(Self { after: None, size }),
            Some(token) => Ok(Self { after: key_of(token)?, size }),
        }
    }

    /// Whether this is the page with which a reading begins.
    pub(super) fn is_first(params: &Params) -> bool {
        params.get("NextToken").is_none_or(str::is_empty)
    }

    /// What a map holds from this page on.
    pub(super) fn rest<'m, V>(&self, map: &'m BTreeMap<String, V>) -> impl Iterator<Item = (&'m str, &'m V)> {
        let from = self.after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        map.range::<str, _>((from, Bound::Unbounded)).map(|(key, value)| (key.as_str(), value))
    }

    /// What a sorted list holds from this page on.
    pub(super) fn rest_of<T>(&self, sorted: Vec<(String, T)>) -> impl Iterator<Item = (String, T)> {
        let after = self.after.clone();
        sorted.into_iter().skip_while(move |(key, _)| after.as_ref().is_some_and(|after| key <= after))
    }

    /// The page's items, and the token of the next one if there is more.
    pub(super) fn take<K: AsRef<str>, T>(&self, rest: impl Iterator<Item = (K, T)>) -> (Vec<T>, Option<String>) {
        let mut items = Vec::new();
        let mut last = self.after.clone();
        for (key, item) in rest {
            if items.len() == self.size {
                return (items, Some(token_of(last.as_deref())));
            }
            last = Some(key.as_ref().to_owned());
            items.push(item);
        }
        // An empty first page promises more even where there is nothing.
        let next = (self.size == 0).then(|| token_of(self.after.as_deref()));
        (items, next)
    }
}

fn token_of(key: Option<&str>) -> String {
    let mut token = "page-".to_owned();
    for byte in key.unwrap_or_default().bytes() {
        token.push_str(&format!("{byte:02x}"));
    }
    token
}

fn key_of(token: &str) -> Result<Option<String>, ApiError> {
    let invalid = || ApiError::client("InvalidNextToken", format!("The token '{token}' is invalid"));
    let hex = token.strip_prefix("page-").ok_or_else(invalid)?;
    let bytes = hex.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).map_err(|_| invalid())?;
        u8::from_str_radix(pair, 16).map_err(|_| invalid())
    });
    let key = String::from_utf8(bytes.collect::<Result<_, _>>()?).map_err(|_| invalid())?;
    Ok((!key.is_empty()).then_some(key))
}
