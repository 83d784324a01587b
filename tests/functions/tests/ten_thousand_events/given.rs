//! What is given to a function: a valid event, one that is broken in a known way, one in which anything was put anywhere, or
//! anything at all.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sunset_functions_tests::Function;

use crate::nonsense::{anything, readable, text};

/// Whole, and asking for nothing that changes anything.
pub const VALID_AND_DRY: &str = "valid and dry";
/// Whole, and live.
pub const VALID_AND_LIVE: &str = "valid and live";
/// Wrong for certain, and to be refused before any call.
pub const BROKEN: &str = "broken";
/// Something was put somewhere.
pub const CHANGED: &str = "changed";
/// Anything.
pub const NONSENSE: &str = "nonsense";

pub const KINDS: [&str; 5] = [VALID_AND_DRY, VALID_AND_LIVE, BROKEN, CHANGED, NONSENSE];

/// The runs that the ledger knows.
#[derive(Debug, Clone)]
pub struct Known {
    pub dry: String,
    pub live: String,
}

#[derive(Debug, Clone)]
pub struct Given {
    pub kind: &'static str,
    pub event: Value,
}

impl Given {
    /// Whether it may change EC2: whole or changed, and live by its run or by its own word.
    pub fn may_change(&self, known: &Known) -> bool {
        let live = self.event["run_id"] == known.live.as_str() || self.event["mode"] == "live";
        live && [VALID_AND_LIVE, CHANGED].contains(&self.kind)
    }
}

/// Events of one function.
pub fn given(function: Function, known: Known) -> BoxedStrategy<Given> {
    let dry = whole(function, false, &known);
    let any = prop_oneof![dry.clone(), whole(function, true, &known)].boxed();
    prop_oneof![
        2 => dry.prop_map(|event| Given { kind: VALID_AND_DRY, event }),
        1 => whole(function, true, &known).prop_map(|event| Given { kind: VALID_AND_LIVE, event }),
        6 => (any.clone(), breakage(function)).prop_map(|(event, breakage)| Given { kind: BROKEN, event: breakage.of(event) }),
        5 => (any, change()).prop_map(|(event, change)| Given { kind: CHANGED, event: change.of(event) }),
        3 => anything().prop_map(|event| Given { kind: NONSENSE, event }),
    ]
    .boxed()
}

fn whole(function: Function, live: bool, known: &Known) -> BoxedStrategy<Value> {
    match function {
        Function::ListExpiredAmis => prop_oneof![2 => list(live), 1 => report(known)].boxed(),
        Function::Deregister | Function::DeleteSnapshot => line(live, known),
        Function::Restore => (image_id(), prop::option::of(any::<bool>()))
            .prop_map(move |(image_id, keep)| {
                let mut event =
                    json!({"schema": 1, "image_id": image_id, "mode": if live { "live" } else { "dry-run" }});
                if let Some(keep) = keep {
                    event["keep"] = keep.into();
                }
                event
            })
            .boxed(),
        process => unreachable!("{} has events of its own", process.name()),
    }
}

fn image_id() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec!["ami-0due", "ami-0used", "ami-0off"]).prop_map(str::to_owned),
        1 => "ami-[0-9a-f]{17}",
        1 => "ami-[0-9A-Za-z]{1,32}",
    ]
}

/// A part of a policy that only tightens.
fn tightening() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        (100u32..1_000_000).prop_map(|n| ("valid_hours", json!(n))),
        (7u32..36_500).prop_map(|n| ("grace_days", json!(n))),
        (0u32..1_000_000).prop_map(|n| ("keep_newest", json!(n))),
        (30u32..36_500).prop_map(|n| ("min_idle_days", json!(n))),
        (0u32..=50).prop_map(|n| ("max_deletions", json!(n))),
        (0.0..=1.0f64).prop_map(|n| ("max_share", json!(n))),
        (0.0..=0.1f64).prop_map(|n| ("max_failed_share", json!(n))),
        Just(("allow_shared", json!(false))),
        Just(("accept_baseline", json!(true))),
        prop::collection::vec("[a-z*?]{1,12}", 0..4).prop_map(|names| ("include_names", json!(names))),
        prop::collection::vec("[a-z*?]{1,12}", 0..4).prop_map(|names| ("exclude_names", json!(names))),
        prop::collection::vec("[a-z:]{1,12}(=[a-z*]{1,5})?", 0..4).prop_map(|tags| ("include_tags", json!(tags))),
        prop::collection::vec("[a-z:]{1,12}(=[a-z*]{1,5})?", 0..4).prop_map(|tags| ("exclude_tags", json!(tags))),
        Just(("scheduled_time", json!("<aws.scheduler.scheduled-time>"))),
        moment().prop_map(|time| ("scheduled_time", json!(time))),
    ]
}

pub fn moment() -> impl Strategy<Value = String> {
    prop_oneof![
        (1970u32..2200, 1u32..=12, 1u32..=28, 0u32..24)
            .prop_map(|(year, month, day, hour)| format!("{year:04}-{month:02}-{day:02}T{hour:02}:00:00Z")),
        Just("0000-01-01T00:00:00Z".to_owned()),
        Just("9999-12-31T23:59:59.999999999Z".to_owned()),
        Just("2026-11-20T09:00:00.123+14:00".to_owned()),
    ]
}

fn list(live: bool) -> BoxedStrategy<Value> {
    let execution = ("[A-Za-z0-9_-]{1,80}", moment()).prop_map(|(name, started_at)| {
        let arn = format!("arn:aws:states:us-east-1:123456789012:execution:ami-cleanup:{name}");
        json!({"arn": arn, "name": name, "started_at": started_at})
    });
    (execution, prop::collection::vec(tightening(), 0..5), any::<bool>())
        .prop_map(move |(execution, policy, by_hand)| {
            let mut input = json!({"schema": 1});
            for (name, value) in policy {
                input[name] = value;
            }
            if live {
                input["mode"] = "live".into();
            }
            let mut event = json!({"schema": 1, "action": "list", "input": input});
            if live || !by_hand {
                event["execution"] = execution;
            }
            event
        })
        .boxed()
}

fn report(known: &Known) -> impl Strategy<Value = Value> + use<> {
    Just(json!({"schema": 1, "action": "report", "run_id": known.dry}))
}

fn mapping() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => "snap-[0-9a-f]{17}".prop_map(|id| json!({"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": id, "VolumeSize": 8}})),
        1 => Just(json!({"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap-0due"}})),
        1 => Just(json!({"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"})),
        1 => Just(json!({"DeviceName": "/dev/sdc", "NoDevice": ""})),
        1 => Just(json!({"DeviceName": "/dev/sdd", "Ebs": {"VolumeSize": 8}})),
        1 => Just(json!({})),
    ]
}

fn line(live: bool, known: &Known) -> BoxedStrategy<Value> {
    let run = if live { known.live.clone() } else { known.dry.clone() };
    let action = prop::sample::select(vec!["disable", "deregister", "drain"]);
    (image_id(), action, text(), prop::collection::vec(mapping(), 0..5), any::<bool>(), readable())
        .prop_map(move |(image_id, action, name, mappings, by_hand, extra)| {
            let mut line = json!({
                "ImageId": image_id,
                "Name": name,
                "CreationDate": "2023-02-18T23:59:14.000Z",
                "BlockDeviceMappings": mappings,
                // EC2's documents carry fields that nobody reads.
                "Architecture": extra,
            });
            if live || !by_hand {
                line["run_id"] = run.clone().into();
                line["action"] = action.into();
            }
            line
        })
        .boxed()
}

/// What makes an event wrong for certain.
#[derive(Debug, Clone)]
pub enum Breakage {
    /// No object.
    Whole(Value),
    /// A field that must be there is not.
    Missing(&'static str),
    /// A field of a kind or value that it cannot have.
    Wrong(&'static str, Value),
    /// A field that nobody knows.
    Unknown(String, Value),
}

impl Breakage {
    pub fn of(self, mut event: Value) -> Value {
        match self {
            Self::Whole(value) => return value,
            Self::Missing(pointer) => drop(object_of(&mut event, pointer).map(|(fields, name)| fields.remove(name))),
            Self::Wrong(pointer, value) => {
                let (fields, name) = object_of(&mut event, pointer).expect("an object to break");
                fields.insert(name.to_owned(), value);
            }
            Self::Unknown(name, value) => drop(event.as_object_mut().unwrap().insert(name, value)),
        }
        event
    }
}

/// The object in which a path's last field stands, made where it is missing.
fn object_of<'v, 'p>(event: &'v mut Value, path: &'p str) -> Option<(&'v mut Map<String, Value>, &'p str)> {
    let (outer, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut at = event;
    for part in outer.split('/').filter(|part| !part.is_empty()) {
        at = at.as_object_mut()?.entry(part).or_insert_with(|| json!({"schema": 1}));
    }
    Some((at.as_object_mut()?, name))
}

pub fn no_object() -> BoxedStrategy<Value> {
    anything().prop_filter("no object", |value| !value.is_object()).boxed()
}

pub fn no_text() -> BoxedStrategy<Value> {
    anything().prop_filter("neither text nor null", |value| !value.is_string() && !value.is_null()).boxed()
}

/// A text, number or other thing that cannot be a number from 0 on.
pub fn no_count() -> BoxedStrategy<Value> {
    anything().prop_filter("no count", |value| !value.is_null() && value.as_u64().is_none_or(|n| n > 1_000_000)).boxed()
}

pub fn no_flag() -> BoxedStrategy<Value> {
    anything().prop_filter("neither flag nor null", |value| !value.is_boolean() && !value.is_null()).boxed()
}

fn no_list() -> BoxedStrategy<Value> {
    anything().prop_filter("neither list nor null", |value| !value.is_array() && !value.is_null()).boxed()
}

/// A field in snake_case that no event has; those in EC2's PascalCase may be anything.
pub fn unknown() -> BoxedStrategy<Breakage> {
    let misspelt = prop::sample::select(vec![
        "schemas",
        "runid",
        "run-id",
        "actions",
        "image_ids",
        "imageId",
        "modes",
        "keeps",
        "inputs",
        "exclude_name",
        "dry_run",
        " schema",
    ]);
    let long = (1usize..3).prop_map(|n| "y".repeat(n * 60_000));
    let name =
        prop_oneof![6 => misspelt.prop_map(str::to_owned), 2 => "[a-z_]{12,30}", 1 => long, 1 => Just(String::new())];
    (name, anything()).prop_map(|(name, value)| Breakage::Unknown(name, value)).boxed()
}

pub fn wrong(pointer: &'static str, value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Breakage> {
    value.prop_map(move |value| Breakage::Wrong(pointer, value)).boxed()
}

pub fn some_of(values: Vec<Value>) -> impl Strategy<Value = Value> {
    prop::sample::select(values)
}

fn bad_ids(prefix: &str) -> BoxedStrategy<Value> {
    let fixed: Vec<Value> = ["", "-", "-0due/..", "-0due ", "-é", "-0due#snap", "-000000000000000000000000000000000"]
        .iter()
        .map(|rest| format!("{prefix}{rest}").into())
        .chain([json!("i-0123456789abcdef0"), json!("*"), json!("AMI-0DUE"), json!("")])
        .collect();
    prop_oneof![some_of(fixed), no_text()].boxed()
}

fn breakage(function: Function) -> BoxedStrategy<Breakage> {
    let mut ways: Vec<BoxedStrategy<Breakage>> = vec![no_object().prop_map(Breakage::Whole).boxed(), unknown()];
    let schemas =
        || some_of(vec![json!(0), json!(2), json!("1"), json!(1.5), json!(-1), json!([1]), json!(null), json!(1.0)]);
    match function {
        Function::ListExpiredAmis => {
            ways.push(prop::sample::select(vec!["schema", "action"]).prop_map(Breakage::Missing).boxed());
            ways.push(wrong("schema", schemas()));
            ways.push(wrong(
                "action",
                some_of(vec![json!("delete"), json!("List"), json!(""), json!(7), json!(null), json!(["list"])]),
            ));
            // Of the two actions one takes no input and the other no run_id: each refuses the other's field.
            ways.push(wrong("input", no_object().prop_filter("no null", |value| !value.is_null())));
            for field in ["valid_hours", "grace_days", "keep_newest", "min_idle_days", "max_deletions"] {
                let path: &'static str = Box::leak(format!("input/{field}").into_boxed_str());
                ways.push(wrong(path, no_count()));
            }
            ways.push(wrong("input/valid_hours", (0u32..100).prop_map(Value::from)));
            ways.push(wrong("input/grace_days", (0u32..7).prop_map(Value::from)));
            ways.push(wrong("input/max_deletions", (51u32..9_999).prop_map(Value::from)));
            ways.push(wrong("input/max_failed_share", (0.11..=1.0f64).prop_map(Value::from)));
            ways.push(wrong("input/max_share", some_of(vec![json!(1.01), json!(-0.1), json!("0.1"), json!([0.1])])));
            ways.push(wrong("input/allow_shared", Just(json!(true))));
            ways.push(wrong("input/accept_baseline", no_flag()));
            ways.push(wrong("input/include_names", no_list()));
            ways.push(wrong(
                "input/exclude_tags",
                some_of(vec![json!([""]), json!(["=x"]), json!([7]), json!(["a", null]), json!("a")]),
            ));
            ways.push(wrong("input/mode", some_of(vec![json!("Live"), json!("wet"), json!(true), json!("dry_run")])));
            ways.push(wrong("input/schema", schemas()));
            ways.push(wrong("input/exclude_name", anything()));
            ways.push(wrong(
                "input/scheduled_time",
                some_of(vec![json!("yesterday"), json!(1), json!(""), json!("2026-13-01T00:00:00Z")]),
            ));
            ways.push(wrong(
                "execution/arn",
                prop_oneof![some_of(vec![json!(""), json!("execution"), json!(null)]), no_text()],
            ));
            ways.push(wrong(
                "execution/started_at",
                prop_oneof![some_of(vec![json!("now"), json!("2026-02-30T00:00:00Z"), json!(null)]), no_text()],
            ));
            ways.push(wrong(
                "run_id",
                prop_oneof![
                    some_of(vec![json!(""), json!("../x"), json!("a b"), json!("é"), json!("x".repeat(81))]),
                    no_text()
                ],
            ));
        }
        Function::Deregister | Function::DeleteSnapshot => {
            ways.push(Just(Breakage::Missing("ImageId")).boxed());
            ways.push(wrong("ImageId", bad_ids("ami")));
            ways.push(wrong(
                "run_id",
                prop_oneof![some_of(vec![json!(""), json!("../x"), json!("a b"), json!("x".repeat(81))]), no_text()],
            ));
            ways.push(wrong(
                "action",
                prop_oneof![some_of(vec![json!("delete"), json!("Disable"), json!("")]), no_text()],
            ));
            ways.push(wrong("Name", no_text()));
            ways.push(wrong("CreationDate", no_text()));
            ways.push(wrong("BlockDeviceMappings", no_list()));
            ways.push(wrong(
                "BlockDeviceMappings",
                some_of(vec![json!([7]), json!([null]), json!(["snap-0due"]), json!([[]])]),
            ));
            ways.push(wrong(
                "BlockDeviceMappings",
                bad_ids("snap").prop_map(|id| json!([{"Ebs": {"SnapshotId": id}}])),
            ));
        }
        Function::Restore => {
            ways.push(prop::sample::select(vec!["schema", "image_id"]).prop_map(Breakage::Missing).boxed());
            ways.push(wrong("schema", schemas()));
            ways.push(wrong("image_id", bad_ids("ami")));
            ways.push(wrong("mode", prop_oneof![some_of(vec![json!("Live"), json!("wet"), json!("")]), no_text()]));
            ways.push(wrong("keep", no_flag()));
            ways.push(wrong("Mode", anything()));
        }
        process => unreachable!("{} has events of its own", process.name()),
    }
    prop::strategy::Union::new(ways).boxed()
}

/// What is put where: at the top or one level down, in place of what is there or beside it.
#[derive(Debug, Clone)]
pub struct Change {
    at: prop::sample::Index,
    within: Option<prop::sample::Index>,
    value: Value,
    removes: bool,
}

pub fn change() -> impl Strategy<Value = Change> {
    (
        any::<prop::sample::Index>(),
        prop::option::of(any::<prop::sample::Index>()),
        anything(),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(at, within, value, removes)| Change { at, within, value, removes })
}

impl Change {
    pub fn of(self, mut event: Value) -> Value {
        let fields = event.as_object_mut().unwrap();
        let name = fields.keys().nth(self.at.index(fields.len())).unwrap().clone();
        if self.removes {
            fields.remove(&name);
            return event;
        }
        match (&mut fields[&name], self.within) {
            (Value::Object(inner), Some(within)) if !inner.is_empty() => {
                let name = inner.keys().nth(within.index(inner.len())).unwrap().clone();
                inner.insert(name, self.value);
            }
            (Value::Array(inner), Some(within)) if !inner.is_empty() => {
                let at = within.index(inner.len());
                inner[at] = self.value;
            }
            (whole, _) => *whole = self.value,
        }
        event
    }
}
