//! Update expressions, as far as the functions that are measured write them: `SET` of attributes to values. Anything else
//! is refused, and never left out.

use serde_json::Value;

use super::Item;
use super::expression::{Expression, Invalid};

/// What an update sets: each attribute, and to what.
#[derive(Debug, PartialEq)]
pub(super) struct Update<'a>(Vec<(&'a str, &'a Value)>);

impl<'a> Update<'a> {
    /// Reads an expression.
    pub(super) fn of(expression: Expression<'a>) -> Result<Self, Invalid> {
        let text = expression.text;
        let clauses = text.trim_start().strip_prefix("SET ");
        let clauses = clauses.ok_or_else(|| format!("only SET is served here, not {text:?}"))?;
        let assignments = clauses.split(',').map(|clause| {
            let (name, value) = clause.split_once('=').ok_or_else(|| format!("{clause:?} sets nothing"))?;
            Ok((expression.attribute(name.trim())?, expression.value(value.trim())?))
        });
        Ok(Self(assignments.collect::<Result<_, Invalid>>()?))
    }

    /// The item afterwards; one that does not exist begins with its key.
    pub(super) fn applied(&self, before: Option<&Item>, key: &Item) -> Item {
        let mut after = before.unwrap_or(key).clone();
        after.extend(self.0.iter().map(|(name, value)| ((*name).to_owned(), (*value).clone())));
        after
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(text: &str, before: Option<&Value>) -> Result<Value, Invalid> {
        let values = json!({":two": {"N": "2"}, ":head": {"M": {}}});
        let names = json!({"#version": "version"});
        let expression = Expression { text, names: names.as_object(), values: values.as_object() };
        let key = json!({"pk": {"S": "a"}});
        let after = Update::of(expression)?.applied(before.and_then(Value::as_object), key.as_object().unwrap());
        Ok(Value::Object(after))
    }

    #[test]
    fn what_is_named_is_set_and_everything_else_stays() {
        let before = json!({"pk": {"S": "a"}, "version": {"N": "1"}, "owner": {"S": "ada"}});
        let after = json!({"pk": {"S": "a"}, "version": {"N": "2"}, "owner": {"S": "ada"}, "audit": {"M": {}}});
        assert_eq!(applied("SET #version = :two, audit = :head", Some(&before)), Ok(after));
        assert_eq!(applied("SET version = :two", None), Ok(json!({"pk": {"S": "a"}, "version": {"N": "2"}})));
    }

    #[test]
    fn what_is_not_served_is_refused_and_never_left_out() {
        for text in [
            "ADD refused :two",
            "SET a = :two ADD b :two",
            "SET a = a + :two",
            "SET a = if_not_exists(a, :two)",
            "SET a.b = :two",
            "SET a = :unknown",
            "SET #unknown = :two",
            "SET a",
            "",
        ] {
            assert!(applied(text, None).is_err(), "{text}");
        }
    }
}
