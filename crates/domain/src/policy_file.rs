//! Policy files: YAML as a tree that remembers its lines, read field by field: an error names the line, the field, what was found and
//! what would be right.

use std::fmt;
use std::ops::RangeInclusive;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, Spanned};

use crate::approval::text::{one_line, quoted};

/// What is wrong with a policy file. Whoever read it knows its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// It is not YAML, or a key stands in it twice.
    #[error("line {line}: {message}")]
    NotYaml {
        /// Where; 0 where nobody knows.
        line: u64,
        /// What the reader says.
        message: String,
    },
    /// A field that must be there is not.
    #[error("line {line}: {field} is missing; it must be {expected}")]
    Missing {
        /// Where.
        line: u64,
        /// Its name, from the root.
        field: String,
        /// What would be right.
        expected: String,
    },
    /// A field holds what it cannot hold.
    #[error("line {line}: {field} is {found}; it must be {expected}")]
    Wrong {
        /// Where.
        line: u64,
        /// Its name, from the root.
        field: String,
        /// What was found.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// Nobody knows this field.
    #[error("line {line}: {field} is not a field of this file; the fields here are {known}")]
    Unknown {
        /// Where.
        line: u64,
        /// Its name, from the root.
        field: String,
        /// The fields that exist here.
        known: String,
    },
}

/// A value of the file.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Null,
    Number(u64),
    Text(String),
    List(Vec<Spanned<Value>>),
    Map(Vec<(Spanned<String>, Spanned<Value>)>),
    /// Something that no field of this file holds, as an error shows it.
    Other(String),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Other(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(Value::Number(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(u64::try_from(value).map_or_else(|_| Value::Other(value.to_string()), Value::Number))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Other(value.to_string()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(Value::Text(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Value::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Value::Map(fields))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// A value, where it stands and what it is called.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    line: u64,
    field: String,
    value: Value,
}

fn joined(parent: &str, key: &str) -> String {
    if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") }
}

impl Node {
    /// Reads a whole document, which must be a map.
    pub(crate) fn document(yaml: &str) -> Result<Fields, InvalidPolicy> {
        let options = serde_saphyr::options! {
            duplicate_keys: DuplicateKeyPolicy::Error,
            merge_keys: MergeKeyPolicy::Error,
            strict_booleans: true,
            reject_unsupported_tags: true,
            with_snippet: false,
        };
        let root: Spanned<Value> = serde_saphyr::from_str_with_options(yaml, options).map_err(|error| {
            let line = error.location().map_or(0, |location| location.line());
            let message = match error.without_snippet() {
                serde_saphyr::Error::MultipleDocuments { .. } => "a second document; there must be one".to_owned(),
                serde_saphyr::Error::DuplicateMappingKey { key, .. } => {
                    format!("{} stands here twice", quoted(key.as_deref().unwrap_or("a key"), 80))
                }
                // The reader ends its sentence with the place, which stands before it here.
                other => other.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
            };
            InvalidPolicy::NotYaml { line, message }
        })?;
        Self { line: root.referenced.line(), field: String::new(), value: root.value }.fields()
    }

    /// An error about this value.
    pub(crate) fn wrong(&self, expected: impl Into<String>) -> InvalidPolicy {
        let found = match &self.value {
            Value::Null => "empty".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => quoted(text, 80),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Map(fields) => format!("a map of {}", fields.len()),
            Value::Other(shown) => shown.clone(),
        };
        self.refused(found, expected)
    }

    /// An error about this value, with other words for what was found.
    pub(crate) fn refused(&self, found: impl Into<String>, expected: impl Into<String>) -> InvalidPolicy {
        let field = if self.field.is_empty() { "the file".to_owned() } else { self.field.clone() };
        InvalidPolicy::Wrong { line: self.line, field, found: found.into(), expected: expected.into() }
    }

    /// A text.
    pub(crate) fn text(&self, expected: &str) -> Result<&str, InvalidPolicy> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.wrong(expected)),
        }
    }

    /// A whole number from 1.
    pub(crate) fn count(&self) -> Result<u32, InvalidPolicy> {
        let expected = "a whole number from 1";
        match &self.value {
            Value::Number(number) if *number > 0 => u32::try_from(*number).map_err(|_| self.wrong(expected)),
            _ => Err(self.wrong(expected)),
        }
    }

    /// A whole number within a range.
    pub(crate) fn number(&self, range: RangeInclusive<u32>) -> Result<u32, InvalidPolicy> {
        let found = match self.value {
            Value::Number(number) => u32::try_from(number).ok().filter(|number| range.contains(number)),
            _ => None,
        };
        found.ok_or_else(|| self.wrong(format!("a whole number from {} to {}", range.start(), range.end())))
    }

    /// Whether a map stands here.
    pub(crate) fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    /// A list; nothing written is an empty one.
    pub(crate) fn list(self, expected: &str) -> Result<Vec<Self>, InvalidPolicy> {
        match self.value {
            Value::Null => Ok(Vec::new()),
            Value::List(items) => Ok(items
                .into_iter()
                .enumerate()
                .map(|(at, item)| Self {
                    line: item.referenced.line(),
                    field: format!("{}[{at}]", self.field),
                    value: item.value,
                })
                .collect()),
            _ => Err(self.wrong(expected)),
        }
    }

    /// A map whose keys are the file's own; nothing written is an empty one.
    pub(crate) fn entries(self, expected: &str) -> Result<Vec<(String, Self)>, InvalidPolicy> {
        match self.value {
            Value::Null => Ok(Vec::new()),
            Value::Map(fields) => Ok(fields
                .into_iter()
                .map(|(key, value)| {
                    let field = joined(&self.field, &one_line(&key.value, 80));
                    (key.value, Self { line: key.referenced.line(), field, value: value.value })
                })
                .collect()),
            _ => Err(self.wrong(expected)),
        }
    }

    /// A map whose keys this crate knows.
    pub(crate) fn fields(self) -> Result<Fields, InvalidPolicy> {
        if !matches!(self.value, Value::Map(_)) {
            return Err(self.wrong("a map"));
        }
        let (line, field) = (self.line, self.field.clone());
        Ok(Fields { line, field, rest: self.entries("a map")?, known: Vec::new() })
    }
}

/// A map of which every field is either asked for or refused.
#[derive(Debug)]
pub(crate) struct Fields {
    line: u64,
    field: String,
    rest: Vec<(String, Node)>,
    known: Vec<&'static str>,
}

impl Fields {
    /// Takes `name` out.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<Node> {
        self.known.push(name);
        let at = self.rest.iter().position(|(key, _)| key == name)?;
        Some(self.rest.remove(at).1)
    }

    /// Takes `name` out, which must be there.
    pub(crate) fn required(&mut self, name: &'static str, expected: &str) -> Result<Node, InvalidPolicy> {
        let missing =
            InvalidPolicy::Missing { line: self.line, field: joined(&self.field, name), expected: expected.to_owned() };
        self.take(name).ok_or(missing)
    }

    /// Refuses whatever was not asked for.
    pub(crate) fn finish(self) -> Result<(), InvalidPolicy> {
        match self.rest.into_iter().next() {
            None => Ok(()),
            Some((_, node)) => {
                Err(InvalidPolicy::Unknown { line: node.line, field: node.field, known: self.known.join(", ") })
            }
        }
    }
}
