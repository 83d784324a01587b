//! DynamoDB's typed attributes, from and to plain JSON.

use serde_json::{Map, Value, json};

/// `{"S": "a"}` for `"a"`, and so on; numbers travel as text.
pub(crate) fn typed(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(it) => json!({"BOOL": it}),
        Value::Number(it) => json!({"N": it.to_string()}),
        Value::String(it) => json!({"S": it}),
        Value::Array(items) => json!({"L": items.iter().map(typed).collect::<Vec<_>>()}),
        Value::Object(fields) => json!({"M": typed_item(fields)}),
    }
}

/// An item's attributes, typed.
pub(crate) fn typed_item(fields: &Map<String, Value>) -> Value {
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), typed(value))).collect())
}

/// The inverse of [`typed`]; sets become arrays, and what is unknown stays as it is.
pub(crate) fn untyped(attribute: &Value) -> Value {
    let Some((kind, value)) = attribute.as_object().filter(|it| it.len() == 1).and_then(|it| it.iter().next()) else {
        return attribute.clone();
    };
    match kind.as_str() {
        "NULL" => Value::Null,
        "N" => value.as_str().map_or_else(|| value.clone(), number),
        "NS" => value.as_array().into_iter().flatten().filter_map(Value::as_str).map(number).collect(),
        "L" => value.as_array().into_iter().flatten().map(untyped).collect(),
        "M" => value.as_object().map_or(Value::Null, |fields| Value::Object(untyped_item(fields))),
        "S" | "BOOL" | "SS" | "B" | "BS" => value.clone(),
        _ => attribute.clone(),
    }
}

/// An item's attributes as plain JSON.
pub(crate) fn untyped_item(fields: &Map<String, Value>) -> Map<String, Value> {
    fields.iter().map(|(name, value)| (name.clone(), untyped(value))).collect()
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_survives_the_way_there_and_back() {
        let plain = json!({"pk": "RUN#1", "n": 3, "half": 0.5, "no": null, "yes": true, "l": [1, {"a": "b"}], "m": {}});
        assert_eq!(untyped(&typed(&plain)), plain);
    }
}
