//! What is given to a function of decommission: by the state machine, by people through the Function URL, and by the
//! ledger's stream.

use proptest::prelude::*;
use serde_json::{Value, json};
use sunset_functions_tests::{Function, Person};

use crate::given::{
    BROKEN, Breakage, CHANGED, NONSENSE, VALID_AND_DRY, change, moment, no_count, no_flag, no_object, no_text, some_of,
    unknown, wrong,
};
use crate::nonsense::{anything, readable, text};

/// A person's request that is whole, and one that is broken.
pub const REQUEST: &str = "a request";
pub const BROKEN_REQUEST: &str = "a broken request";
/// New votes as the ledger's stream reports them, among what is none.
pub const BATCH: &str = "a batch";

#[derive(Debug, Clone)]
pub struct Given {
    pub kind: &'static str,
    pub event: Value,
}

/// Events of one function about these processes.
pub fn given(function: Function, known: Vec<String>) -> BoxedStrategy<Given> {
    let events = whole(function, known.clone());
    let mut kinds = vec![
        (3, events.clone().prop_map(|event| Given { kind: VALID_AND_DRY, event }).boxed()),
        (
            6,
            (events.clone(), breakage(function))
                .prop_map(|(event, how)| Given { kind: BROKEN, event: how.of(event) })
                .boxed(),
        ),
        (4, (events, change()).prop_map(|(event, how)| Given { kind: CHANGED, event: how.of(event) }).boxed()),
        (2, anything().prop_map(|event| Given { kind: NONSENSE, event }).boxed()),
    ];
    if function == Function::Approve {
        let requests = (prop::sample::select(Person::KNOWN.to_vec()), body(known.clone()));
        kinds
            .push((3, requests.prop_map(|(person, body)| Given { kind: REQUEST, event: person.posts(&body) }).boxed()));
        kinds.push((2, batch(known.clone()).prop_map(|event| Given { kind: BATCH, event }).boxed()));
        kinds.push((4, broken_request(known).prop_map(|event| Given { kind: BROKEN_REQUEST, event }).boxed()));
    }
    prop::strategy::Union::new_weighted(kinds).boxed()
}

fn process_id(known: Vec<String>) -> BoxedStrategy<String> {
    prop_oneof![6 => prop::sample::select(known), 1 => "01[0-9A-HJKMNP-TV-Z]{24}"].boxed()
}

/// The actions of a function that name a process; those with a token or an error of their own.
fn actions(function: Function) -> Vec<&'static str> {
    match function {
        Function::Assess => vec!["assess", "reassess"],
        Function::Plan => vec!["draft", "confirm"],
        Function::Approve => vec![
            "auto",
            "await_notice",
            "notice_over",
            "request",
            "await",
            "remind",
            "escalate",
            "tally",
            "soak",
            "await_window",
            "hold",
            "resolution",
        ],
        Function::Execute => vec!["reversible", "window", "irreversible", "rollback"],
        Function::Validate => vec!["check", "report", "verify_audit"],
        other => unreachable!("{} is no function of decommission", other.name()),
    }
}

fn whole(function: Function, known: Vec<String>) -> BoxedStrategy<Value> {
    let about = (prop::sample::select(actions(function)), process_id(known), text(), any::<bool>());
    let about = about.prop_map(|(action, process_id, cause, failed)| {
        let mut event = json!({"schema": 1, "action": action, "process_id": process_id});
        if ["await_notice", "await", "soak", "await_window", "hold"].contains(&action) {
            event["task_token"] = "a-token".into();
        }
        if ["hold", "rollback"].contains(&action) && failed {
            event["error"] = json!({"Error": "Sunset.Transient", "Cause": cause, "Extra": [1]});
        }
        event
    });
    if function == Function::Assess { prop_oneof![1 => about, 1 => admit()].boxed() } else { about.boxed() }
}

/// A part of the terms that only tightens.
fn tightening() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        (604_800u32..=31_536_000).prop_map(|n| ("soak_seconds", json!(n))),
        (1u32..=600).prop_map(|n| ("approval_seconds", json!(n))),
        (600u32..=2_592_000).prop_map(|n| ("notice_seconds", json!(n))),
        (90u32..=36_500).prop_map(|n| ("backup_retention_days", json!(n))),
        Just(("auto_approve", json!(false))),
        Just(("mode", json!("dry-run"))),
        Just(("mode", json!("live"))),
    ]
}

fn admit() -> BoxedStrategy<Value> {
    let resources = prop::sample::select(vec![
        ("EC2Instance", "i-0web"),
        ("EBSVolume", "vol-0web"),
        ("EBSSnapshot", "snap-0web"),
        ("AMI", "ami-0web"),
        ("ElasticIP", "eipalloc-0web"),
        ("SecurityGroup", "sg-0web"),
    ]);
    let execution = ("[A-Za-z0-9_-]{1,80}", moment());
    (resources, execution, "[ -~]{0,60}", prop::collection::vec(tightening(), 0..4))
        .prop_map(|((resource_type, resource_id), (name, started_at), said, terms)| {
            let said = format!("x{said}x");
            let mut input = json!({
                "schema": 1, "resource_type": resource_type, "resource_id": resource_id, "initiator": said, "reason": said,
            });
            for (name, value) in terms {
                input[name] = value;
            }
            let arn = format!("arn:aws:states:us-east-1:123456789012:execution:decommission:{name}");
            let execution = json!({"arn": arn, "name": name, "started_at": started_at});
            json!({"schema": 1, "action": "admit", "execution": execution, "input": input})
        })
        .boxed()
}

fn schemas() -> impl Strategy<Value = Value> {
    some_of(vec![json!(0), json!(2), json!("1"), json!(1.5), json!(-1), json!([1]), json!(null), json!(1.0)])
}

fn bad_process_ids() -> BoxedStrategy<Value> {
    let fixed =
        ["", "01KAG3V7Q4M2ZD9X5T8R6W0B1", "01kag3v7q4m2zd9x5t8r6w0b1c", "01KAG3V7Q4M2ZD9X5T8R6W0B1CC", "../../x", "é"];
    prop_oneof![some_of(fixed.map(Value::from).to_vec()), no_text()].boxed()
}

fn bad_texts() -> BoxedStrategy<Value> {
    prop_oneof![some_of(vec![json!(""), json!(" "), json!("a\nb"), json!("x".repeat(1_001))]), no_text()].boxed()
}

fn breakage(function: Function) -> BoxedStrategy<Breakage> {
    let mut ways: Vec<BoxedStrategy<Breakage>> = vec![
        no_object().prop_map(Breakage::Whole).boxed(),
        unknown(),
        prop::sample::select(vec!["schema", "action"]).prop_map(Breakage::Missing).boxed(),
        wrong("schema", schemas()),
        wrong(
            "action",
            prop_oneof![some_of(vec![json!(""), json!("destroy"), json!("Assess"), json!("*")]), no_text()],
        ),
        // An event that names no process takes none.
        wrong("process_id", bad_process_ids()),
        wrong("force", anything()),
    ];
    if function == Function::Approve {
        ways.push(wrong("votes", anything()));
        ways.push(wrong("decision", some_of(vec![json!("approved"), json!(true)])));
    }
    if function == Function::Assess {
        // To an event that names a process an input is as wrong as a broken one.
        ways.push(wrong("input/resource_type", some_of(vec![json!("RDSInstance"), json!("ami"), json!(""), json!(1)])));
        ways.push(wrong(
            "input/resource_id",
            prop_oneof![
                some_of(
                    ["", "*", "arn:aws:ec2:us-east-1:123456789012:instance/i-0web", "i-", "i-0web;", "I-0WEB"]
                        .map(Value::from)
                        .to_vec()
                ),
                no_text(),
            ],
        ));
        ways.push(wrong("input/initiator", prop_oneof![bad_texts(), Just(json!("x".repeat(129)))]));
        ways.push(wrong("input/reason", bad_texts()));
        ways.push(wrong("input/mode", some_of(vec![json!("Live"), json!("wet"), json!(true), json!("dry_run")])));
        ways.push(wrong("input/soak_seconds", prop_oneof![no_count(), (0u32..604_800).prop_map(Value::from)]));
        ways.push(wrong(
            "input/approval_seconds",
            prop_oneof![no_count(), (601u32..9_999).prop_map(Value::from), Just(json!(0))],
        ));
        ways.push(wrong("input/backup_retention_days", prop_oneof![no_count(), (0u32..90).prop_map(Value::from)]));
        ways.push(wrong("input/auto_approve", no_flag()));
        ways.push(wrong("input/schema", schemas()));
        ways.push(wrong("input/approved", anything()));
        ways.push(wrong(
            "execution/arn",
            prop_oneof![some_of(vec![json!(""), json!("execution"), json!(null)]), no_text()],
        ));
        ways.push(wrong("execution/started_at", prop_oneof![some_of(vec![json!("now"), json!(null)]), no_text()]));
    }
    prop::strategy::Union::new(ways).boxed()
}

fn body(known: Vec<String>) -> BoxedStrategy<Value> {
    let choice = prop::sample::select(vec!["retry", "accept", "recover"]);
    (
        process_id(known),
        prop::sample::select(vec!["vote", "opt_out", "end_soak", "resolve", "release"]),
        choice,
        "[0-9a-f]{64}",
    )
        .prop_map(|(process_id, action, choice, hash)| {
            let mut body = json!({"schema": 1, "action": action, "process_id": process_id, "reason": "because"});
            match action {
                "vote" => (body["plan_hash"], body["answer"]) = (hash.into(), "approve".into()),
                "resolve" => body["choice"] = choice.into(),
                "release" => body["confirm"] = "vol-0web".into(),
                _ => {}
            }
            body
        })
        .boxed()
}

/// A batch of the stream: new votes of anybody, other items, and anything.
fn batch(known: Vec<String>) -> BoxedStrategy<Value> {
    let kind = some_of(vec![json!("INSERT"), json!("INSERT"), json!("MODIFY"), json!("REMOVE")]);
    let sk = prop_oneof![
        4 => (0u32..4, prop::sample::select(Person::KNOWN.to_vec())).prop_map(|(n, who)| format!("VOTE#{n:04}#{}", who.name())),
        1 => "VOTE#[0-9]{0,12}#[a-z]{0,3}",
        1 => "[A-Z]{1,8}#[0-9]{4}",
    ];
    let record = (process_id(known), sk, kind, "[0-9]{1,40}").prop_map(|(process_id, sk, kind, number)| {
        json!({
            "eventName": kind, "eventSource": "aws:dynamodb",
            "dynamodb": {
                "Keys": {"pk": {"S": format!("PROC#{process_id}")}, "sk": {"S": sk}}, "SequenceNumber": number,
            },
        })
    });
    let record = prop_oneof![5 => record, 1 => readable()];
    prop::collection::vec(record, 0..6).prop_map(|records| json!({"Records": records})).boxed()
}

/// A request that can only be refused, by its status.
fn broken_request(known: Vec<String>) -> BoxedStrategy<Value> {
    let person = prop::sample::select(Person::KNOWN.to_vec());
    let bodies = prop_oneof![
        3 => (body(known.clone()), schemas()).prop_map(|(mut body, schema)| {
            body["schema"] = schema;
            body
        }),
        3 => (body(known.clone()), bad_process_ids()).prop_map(|(mut body, id)| {
            body["process_id"] = id;
            body
        }),
        3 => (body(known.clone()), anything()).prop_map(|(mut body, value)| {
            body["force"] = value;
            body
        }),
        2 => no_object(),
    ];
    let with_body = (person.clone(), bodies).prop_map(|(person, body)| person.posts(&body));
    let raw = (person.clone(), text()).prop_map(|(person, text)| {
        let mut event = person.posts(&json!({}));
        event["body"] = format!("{{{text}").into();
        event
    });
    let callers = some_of(vec![
        json!(null),
        json!({}),
        json!({"userArn": "arn:aws:iam::123456789012:root", "accountId": "123456789012"}),
        json!({"userArn": "arn:aws:iam::999999999999:user/ada", "accountId": "999999999999"}),
        json!({"userArn": "arn:aws:iam::123456789012:user/mallory", "accountId": "123456789012"}),
        json!({"userArn": "arn:aws:iam::123456789012:user/ada"}),
        json!({"userArn": 7, "accountId": "123456789012"}),
    ]);
    let nobody = (person.clone(), body(known), callers).prop_map(|(person, body, iam)| {
        let mut event = person.posts(&body);
        event["requestContext"]["authorizer"]["iam"] = iam;
        event
    });
    let context = (person, readable()).prop_map(|(person, value)| {
        let mut event = person.posts(&json!({}));
        event["requestContext"] = value;
        event
    });
    prop_oneof![4 => with_body, 1 => raw, 3 => nobody, 1 => context].boxed()
}
