//! JSON of every shape, size and spelling.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Text that somebody might have to cope with.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ -~]{0,40}",
        3 => "\\PC{0,40}",
        1 => Just(String::new()),
        1 => Just("\u{0}\u{7}\u{1b}[31m\r\n".to_owned()),
        1 => Just("ami-\u{202e}0due".to_owned()),
        1 => Just("👩‍👩‍👧‍👦 ﷽ \u{fffd}".to_owned()),
        1 => Just("' OR 1=1; --${jndi:ldap://x}../../../etc/passwd".to_owned()),
        1 => Just("ami-0due".to_owned()),
        1 => Just("snap-0due".to_owned()),
        1 => (1usize..4).prop_map(|n| "x".repeat(n * 70_000)),
    ]
}

pub fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        Just(json!(0)),
        Just(json!(-1)),
        Just(json!(1.5)),
        Just(json!(u64::MAX)),
        Just(json!(i64::MIN)),
        Just(json!(1e308)),
        Just(json!(4_294_967_296_u64)),
    ]
}

/// Deeper than anything that means something; the last two deeper than most parsers go.
pub fn deep() -> impl Strategy<Value = Value> {
    let nested = |depth: usize, list: bool| {
        (0..depth).fold(json!(1), |inner, _| if list { json!([inner]) } else { json!({"input": inner}) })
    };
    (prop_oneof![Just(20_usize), Just(100), Just(126), Just(200), Just(1_000)], any::<bool>())
        .prop_map(move |(depth, list)| nested(depth, list))
}

/// Anything that every parser reads.
pub fn readable() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => number(),
        4 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(name(), inner, 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Anything at all.
pub fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        12 => readable(),
        1 => deep(),
        1 => Just(Value::Array((0..5_000).map(Value::from).collect())),
    ]
}

/// Names of fields, those that exist among them.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec![
            "schema", "action", "run_id", "input", "execution", "mode", "image_id", "ImageId", "BlockDeviceMappings",
            "Ebs", "SnapshotId", "include_names", "exclude_tags", "valid_hours", "keep",
        ])
        .prop_map(str::to_owned),
        1 => text(),
    ]
}
