//! How large an item is, and how many request units its reading and writing take.

use serde_json::Value;

use super::Item;

/// The size of an item as DynamoDB reckons it: names and values, with small change for numbers, lists and maps.
pub(super) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    let Some((kind, content)) = value.as_object().and_then(|value| value.iter().next()) else { return 0 };
    match (kind.as_str(), content) {
        ("S", Value::String(text)) => text.len(),
        // Two digits a byte, and one more.
        ("N", Value::String(number)) => number.len().div_ceil(2) + 1,
        ("B", Value::String(base64)) => base64.len() / 4 * 3,
        ("L", Value::Array(items)) => 3 + items.iter().map(|item| 1 + value_size(item)).sum::<usize>(),
        ("M", Value::Object(map)) => {
            3 + map.iter().map(|(name, item)| 1 + name.len() + value_size(item)).sum::<usize>()
        }
        ("SS" | "NS" | "BS", Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::len).sum(),
        _ => 1,
    }
}

/// Units of a strongly consistent reading: one for each 4 KiB begun, and one for nothing found.
pub(super) fn read(bytes: usize) -> u64 {
    bytes.div_ceil(4096).max(1) as u64
}

/// Units of a writing: one for each KiB begun. In a transaction it takes twice as many.
pub(super) fn write(bytes: usize) -> u64 {
    bytes.div_ceil(1024).max(1) as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_weighs_its_names_and_its_values() {
        let item = json!({"pk": {"S": "abc"}, "n": {"N": "1234"}, "list": {"L": [{"S": "x"}]}, "no": {"NULL": true}});
        assert_eq!(size(item.as_object().unwrap()), (2 + 3) + (1 + 3) + (4 + 3 + 2) + (2 + 1));
    }

    #[test]
    fn units_begin_anew_at_each_boundary() {
        assert_eq!((read(0), read(4096), read(4097)), (1, 1, 2));
        assert_eq!((write(0), write(1024), write(1025)), (1, 1, 2));
    }
}
