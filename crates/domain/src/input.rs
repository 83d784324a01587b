//! Reading a JSON object field by field: an error names the field, what was found and what would be right.
//!
//! Unknown fields are refused: a misspelt filter must never mean "no filter".

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// The version of the inputs that this release writes and reads.
pub const SCHEMA: u32 = 1;

/// What is wrong with an input.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidInput {
    /// The whole is not an object.
    #[error("the input is {found}; it must be a JSON object")]
    NotAnObject {
        /// What was found.
        found: String,
    },
    /// A field that must be there is not.
    #[error("{field} is missing; it must be {expected}")]
    Missing {
        /// Its name.
        field: String,
        /// What would be right.
        expected: String,
    },
    /// A field holds what it cannot hold.
    #[error("{field} is {found}; it must be {expected}")]
    Wrong {
        /// Its name.
        field: String,
        /// What was found.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// Nobody knows this field.
    #[error("{field} is not a field of this input; its fields are {known}")]
    Unknown {
        /// Its name.
        field: String,
        /// The fields that exist.
        known: String,
    },
}

/// A value as an error shows it.
pub(crate) fn shown(value: &Value) -> String {
    cut(value.to_string())
}

/// What people read of a text that may be of any length: an error's message must fit where errors go.
fn cut(text: String) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// An object of which every field is either asked for or refused.
#[derive(Debug)]
pub struct Fields {
    path: String,
    rest: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Fields {
    /// Takes an object; `path` stands before the field names in errors (`input.`), or is empty.
    ///
    /// # Errors
    /// [`InvalidInput::NotAnObject`].
    pub fn of(value: Value, path: &str) -> Result<Self, InvalidInput> {
        match value {
            Value::Object(rest) => Ok(Self { path: path.to_owned(), rest, known: Vec::new() }),
            other => Err(InvalidInput::NotAnObject { found: shown(&other) }),
        }
    }

    fn named(&self, field: &str) -> String {
        format!("{}{field}", self.path)
    }

    /// An error about `field`.
    #[must_use]
    pub fn wrong(&self, field: &str, found: impl Into<String>, expected: impl Into<String>) -> InvalidInput {
        InvalidInput::Wrong { field: self.named(field), found: cut(found.into()), expected: expected.into() }
    }

    /// Takes `field` out; absent and `null` are the same.
    pub fn take(&mut self, field: &'static str) -> Option<Value> {
        self.known.push(field);
        self.rest.remove(field).filter(|value| !value.is_null())
    }

    /// Takes what `read` makes of `field`.
    ///
    /// # Errors
    /// [`InvalidInput::Wrong`] with `expected` where `read` makes nothing of it.
    pub fn optional<T>(
        &mut self,
        field: &'static str,
        expected: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, InvalidInput> {
        match self.take(field) {
            None => Ok(None),
            Some(value) => read(&value).map(Some).ok_or_else(|| self.wrong(field, shown(&value), expected)),
        }
    }

    /// The same for a field that must be there.
    ///
    /// # Errors
    /// [`InvalidInput::Missing`] or [`InvalidInput::Wrong`].
    pub fn required<T>(
        &mut self,
        field: &'static str,
        expected: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<T, InvalidInput> {
        let named = self.named(field);
        self.optional(field, expected, read)?
            .ok_or_else(|| InvalidInput::Missing { field: named, expected: expected.to_owned() })
    }

    /// A whole number within `range`.
    ///
    /// # Errors
    /// [`InvalidInput::Wrong`].
    pub fn number(&mut self, field: &'static str, range: RangeInclusive<u32>) -> Result<Option<u32>, InvalidInput> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.optional(field, &expected, |value| {
            value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| range.contains(number))
        })
    }

    /// A share from 0 to 1.
    ///
    /// # Errors
    /// [`InvalidInput::Wrong`].
    pub fn share(&mut self, field: &'static str) -> Result<Option<f64>, InvalidInput> {
        self.optional(field, "a number from 0 to 1", |value| value.as_f64().filter(|share| (0.0..=1.0).contains(share)))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`InvalidInput::Wrong`].
    pub fn flag(&mut self, field: &'static str) -> Result<Option<bool>, InvalidInput> {
        self.optional(field, "true or false", Value::as_bool)
    }

    /// A text that `parse` takes.
    ///
    /// # Errors
    /// [`InvalidInput::Wrong`].
    pub fn text<T, E>(
        &mut self,
        field: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, InvalidInput> {
        self.optional(field, expected, |value| value.as_str().and_then(|text| parse(text).ok()))
    }

    /// A text that `parse` takes and that must be there.
    ///
    /// # Errors
    /// [`InvalidInput::Missing`] or [`InvalidInput::Wrong`].
    pub fn required_text<T, E>(
        &mut self,
        field: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, InvalidInput> {
        self.required(field, expected, |value| value.as_str().and_then(|text| parse(text).ok()))
    }

    /// A list of texts, each of which `parse` takes.
    ///
    /// # Errors
    /// [`InvalidInput::Wrong`].
    pub fn texts<T, E>(
        &mut self,
        field: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<Vec<T>>, InvalidInput> {
        self.optional(field, expected, |value| {
            value.as_array()?.iter().map(|item| item.as_str().and_then(|text| parse(text).ok())).collect()
        })
    }

    /// The field `schema`, which must be the one that this release reads.
    ///
    /// # Errors
    /// [`InvalidInput::Missing`] or [`InvalidInput::Wrong`].
    pub fn schema(&mut self) -> Result<(), InvalidInput> {
        self.required("schema", &SCHEMA.to_string(), |value| (value.as_u64() == Some(u64::from(SCHEMA))).then_some(()))
    }

    /// Takes out and forgets every field in EC2's own PascalCase: its documents carry fields that nobody here reads.
    pub fn ignore_pascal_case(&mut self) {
        self.rest.retain(|field, _| !field.starts_with(|first: char| first.is_ascii_uppercase()));
    }

    /// Refuses whatever was not asked for.
    ///
    /// # Errors
    /// [`InvalidInput::Unknown`].
    pub fn finish(self) -> Result<(), InvalidInput> {
        match self.rest.keys().next() {
            None => Ok(()),
            Some(field) => {
                Err(InvalidInput::Unknown { field: self.named(&cut(field.clone())), known: self.known.join(", ") })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_names_the_field_what_was_found_and_what_would_be_right() {
        let mut fields = Fields::of(json!({"valid_hours": "ten"}), "input.").unwrap();
        let error = fields.number("valid_hours", 1..=100).unwrap_err();
        assert_eq!(error.to_string(), r#"input.valid_hours is "ten"; it must be a whole number from 1 to 100"#);
    }

    #[test]
    fn a_misspelt_field_is_refused_with_the_fields_that_exist() {
        let mut fields = Fields::of(json!({"exclude_name": ["golden-*"]}), "").unwrap();
        fields.texts("exclude_names", "patterns", crate::filter::Pattern::parse).unwrap();
        let error = fields.finish().unwrap_err();
        assert_eq!(error.to_string(), "exclude_name is not a field of this input; its fields are exclude_names");
    }

    #[test]
    fn a_long_value_is_cut_at_a_character() {
        let mut fields = Fields::of(json!({"x": "é".repeat(200)}), "").unwrap();
        assert!(fields.flag("x").unwrap_err().to_string().contains('…'));
    }

    #[test]
    fn the_name_of_an_unknown_field_is_cut_too() {
        let fields = Fields::of(json!({"é".repeat(200): 1}), "").unwrap();
        assert!(fields.finish().unwrap_err().to_string().len() < 300);
    }
}
