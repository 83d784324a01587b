//! One role a function, with only the calls that it makes, and the rights to change anything only with `AllowLive`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use sunset_deployment::actions::Actions;
use sunset_deployment::roles::{Statement, allowed, changes_ec2, raw_statements, size, statements};
use sunset_deployment::template::{ACCOUNT, Deployed, REGION, STACK, Template, arn_of};
use sunset_deployment::{FUNCTIONS, OF_DECOMMISSION, strings, tools};
use sunset_domain::approval::vote::{Answer, Vote};
use sunset_domain::ids::PlanHash;
use sunset_domain::runbook::action::ACTIONS;
use sunset_domain::time::Timestamp;

/// What Lambda does under a function's role beside the function's own calls.
const PLATFORM: [&str; 4] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"];

/// What Lambda does under the role of `approve` to tell it of votes.
const FOR_THE_STREAM: [&str; 5] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "sqs:SendMessage",
];

/// What no role may touch, by the tag that says so.
const NEVER_TOUCH: [&str; 5] = [
    "aws:backup:source-resource",
    "aws:dlm:lifecycle-policy-id",
    "dlm:managed",
    "aws:cloudformation:stack-name",
    "sunset:keep",
];

/// What parliament's own data does not know: actions and ARN formats that are newer than it.
const UNKNOWN_TO_PARLIAMENT: [(&str, &str); 3] = [
    // AWS added it in October 2025.
    ("UNKNOWN_CONDITION_FOR_ACTION", "lambda:InvokedViaFunctionUrl"),
    // EC2 added it in 2025.
    ("UNKNOWN_ACTION", "ec2:DescribeImageReferences"),
    // It knows the ARNs of express executions only.
    ("RESOURCE_MISMATCH", "states:DescribeExecution"),
];

fn dry() -> Deployed {
    Template::read().with(&[])
}

/// Everything that a parameter can switch on.
fn everything() -> Deployed {
    Template::read().with(&[
        ("AllowLive", "true"),
        ("SecondOpinion", "true"),
        ("OwnerTopicArnPattern", "arn:aws:sns:*:123456789012:team-*"),
        ("PermissionsBoundaryArn", "arn:aws:iam::123456789012:policy/boundary"),
    ])
}

fn all_roles(stack: &Deployed) -> Vec<String> {
    stack.of_type("AWS::IAM::Role").into_iter().map(|(id, _)| id.to_owned()).collect()
}

fn granting(stack: &Deployed, role: &str, action: &str) -> Vec<Statement> {
    statements(stack, role)
        .into_iter()
        .filter(|statement| !statement.denies && statement.actions.iter().any(|held| held == action))
        .collect()
}

/// A role's rights without the ones that Lambda itself needs.
fn own(stack: &Deployed, role: &str) -> BTreeSet<String> {
    let held = allowed(stack, role);
    for needed in PLATFORM {
        assert!(held.contains(needed), "{role} lacks {needed}");
    }
    held.into_iter().filter(|action| !PLATFORM.contains(&action.as_str())).collect()
}

#[test]
fn every_role_holds_exactly_the_calls_that_its_function_makes() {
    for (second_opinion, live) in [("false", "false"), ("false", "true"), ("true", "false"), ("true", "true")] {
        let stack = Template::read().with(&[("SecondOpinion", second_opinion), ("AllowLive", live)]);
        for (function, _, role) in FUNCTIONS {
            let actions = Actions::of(function);
            let mut expected = actions.always;
            if function == "approve" {
                expected.extend(FOR_THE_STREAM.map(str::to_owned));
            }
            if second_opinion == "true" {
                expected.extend(actions.optional);
            }
            if live == "true" {
                expected.extend(actions.live);
            }
            assert_eq!(own(&stack, role), expected, "{role} with SecondOpinion={second_opinion}, AllowLive={live}");
        }
    }
}

#[test]
fn without_allow_live_no_role_can_change_anything_in_ec2() {
    let stack = dry();
    for role in all_roles(&stack) {
        let changing: Vec<_> = allowed(&stack, &role).into_iter().filter(|action| changes_ec2(action)).collect();
        assert!(changing.is_empty(), "{role} holds {changing:?}");
    }
}

#[test]
fn with_allow_live_each_role_can_change_exactly_what_its_function_is_for() {
    let stack = everything();
    let mut held = Value::Object(Default::default());
    for role in all_roles(&stack) {
        let changing: Vec<_> = allowed(&stack, &role).into_iter().filter(|action| changes_ec2(action)).collect();
        if !changing.is_empty() {
            held[role] = json!(changing);
        }
    }
    assert_eq!(
        held,
        json!({
            "DeregisterRole": ["ec2:CreateTags", "ec2:DeregisterImage", "ec2:DisableImage"],
            "DeleteSnapshotRole": ["ec2:DeleteSnapshot"],
            "ExecuteRole": [
                "ec2:AssociateAddress", "ec2:AttachVolume", "ec2:CreateImage", "ec2:CreateSnapshot", "ec2:CreateTags",
                "ec2:DeleteSecurityGroup", "ec2:DeleteSnapshot", "ec2:DeleteTags", "ec2:DeleteVolume",
                "ec2:DeregisterImage", "ec2:DetachVolume", "ec2:DisableImage", "ec2:DisassociateAddress",
                "ec2:EnableImage", "ec2:ModifyImageAttribute", "ec2:ModifyNetworkInterfaceAttribute",
                "ec2:ReleaseAddress", "ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances",
            ],
            "RestoreRole": ["ec2:CreateTags", "ec2:DeleteTags", "ec2:EnableImage", "ec2:ModifyImageAttribute", "ec2:RestoreImageFromRecycleBin", "ec2:RestoreSnapshotFromRecycleBin"],
        })
    );
}

#[test]
fn what_changes_images_and_snapshots_is_scoped_by_kind_and_owner() {
    let stack = everything();
    for role in all_roles(&stack).into_iter().filter(|role| role != "ExecuteRole") {
        for statement in statements(&stack, &role) {
            if statement.denies || !statement.actions.iter().any(|action| changes_ec2(action)) {
                continue;
            }
            let name = format!("{role}, {}", statement.sid);
            let kind =
                if statement.actions.iter().all(|action| action.contains("Snapshot")) { "snapshot" } else { "image" };
            assert_eq!(statement.resources, [format!("arn:aws:ec2:{REGION}::{kind}/*")], "{name}");
            // EC2 knows no owner condition for DeleteTags: with one, it would never be allowed.
            if statement.actions != ["ec2:DeleteTags"] {
                assert_eq!(statement.condition["StringEquals"]["ec2:Owner"], ACCOUNT, "{name}");
            }
        }
    }
}

#[test]
fn execute_can_do_exactly_what_the_steps_of_runbooks_call() {
    let called: BTreeSet<String> = ACTIONS
        .iter()
        .flat_map(|spec| spec.iam_actions.iter().map(|&action| action.to_owned()))
        .filter(|action| changes_ec2(action))
        .collect();
    let held: BTreeSet<String> =
        allowed(&everything(), "ExecuteRole").into_iter().filter(|action| changes_ec2(action)).collect();
    assert_eq!(held, called);
}

#[test]
fn what_execute_changes_is_the_accounts_own() {
    let stack = everything();
    let own = |kind: &str| format!("arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/*");
    let with_account = ["instance", "volume", "elastic-ip", "security-group", "network-interface"].map(own);
    let without = ["image", "snapshot"].map(|kind| format!("arn:aws:ec2:{REGION}::{kind}/*"));
    for statement in statements(&stack, "ExecuteRole") {
        if statement.denies || !statement.actions.iter().any(|action| changes_ec2(action)) {
            continue;
        }
        for resource in &statement.resources {
            assert!(with_account.contains(resource) || without.contains(resource), "{}: {resource}", statement.sid);
        }
        // What is being made has no owner yet, and EC2 knows no owner condition for DeleteTags.
        let ownerless = ["MakeBackups", "NameBackups", "Unmark"].contains(&statement.sid.as_str());
        if statement.resources.iter().any(|resource| without.contains(resource)) && !ownerless {
            assert_eq!(statement.condition["StringEquals"]["ec2:Owner"], ACCOUNT, "{}", statement.sid);
        }
    }
}

#[test]
fn execute_names_backups_only_as_it_makes_them() {
    let stack = everything();
    for statement in granting(&stack, "ExecuteRole", "ec2:CreateTags") {
        let keys = &statement.condition["ForAllValues:StringLike"]["aws:TagKeys"];
        if statement.sid == "NameBackups" {
            assert_eq!(*keys, json!(["sunset:*", "Name"]));
            let making = json!({"ec2:CreateAction": ["CreateImage", "CreateSnapshot"]});
            assert_eq!(statement.condition["StringEquals"], making);
        } else {
            assert_eq!(*keys, "sunset:*", "{}", statement.sid);
        }
        assert_eq!(statement.condition["Null"], json!({"aws:TagKeys": "false"}), "{}", statement.sid);
    }
    let lifting = statements(&stack, "ExecuteRole").into_iter().find(|it| it.sid == "NeverLiftAnOptOut").unwrap();
    assert!(lifting.denies && lifting.actions == ["ec2:DeleteTags"]);
    assert_eq!(lifting.condition, json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["sunset:keep"]}}));
}

#[test]
fn a_customers_key_is_used_only_through_ec2() {
    let stack = everything();
    let granting = granting(&stack, "ExecuteRole", "kms:CreateGrant");
    assert_eq!(granting.len(), 1);
    assert_eq!(granting[0].condition["Bool"], json!({"kms:GrantIsForAWSResource": "true"}));
    assert_eq!(granting[0].condition["StringEquals"]["kms:ViaService"], format!("ec2.{REGION}.amazonaws.com"));
    assert!(!allowed(&dry(), "ExecuteRole").contains("kms:CreateGrant"));
}

#[test]
fn marks_are_sunset_tags_only() {
    let stack = everything();
    let mut marking = granting(&stack, "DeregisterRole", "ec2:CreateTags");
    marking.extend(granting(&stack, "RestoreRole", "ec2:DeleteTags"));
    marking.extend(granting(&stack, "ExecuteRole", "ec2:DeleteTags"));
    assert_eq!(marking.len(), 3);
    for statement in marking {
        assert_eq!(statement.actions.len(), 1, "{}", statement.sid);
        assert_eq!(
            statement.condition["ForAllValues:StringLike"],
            json!({"aws:TagKeys": "sunset:*"}),
            "{}",
            statement.sid
        );
        // ForAllValues is true of a request without any key.
        assert_eq!(statement.condition["Null"], json!({"aws:TagKeys": "false"}), "{}", statement.sid);
    }
}

#[test]
fn what_must_never_be_touched_is_denied_by_its_tag() {
    let stack = everything();
    for (role, kind, actions) in [
        ("DeregisterRole", "image", vec!["ec2:DisableImage", "ec2:DeregisterImage"]),
        ("DeleteSnapshotRole", "snapshot", vec!["ec2:DeleteSnapshot"]),
    ] {
        for tag in NEVER_TOUCH {
            // One statement a tag: several keys in one condition would all have to be there.
            let condition = json!({"Null": {format!("aws:ResourceTag/{tag}"): "false"}});
            let denied = statements(&stack, role)
                .into_iter()
                .find(|statement| statement.denies && statement.condition == condition);
            let denied = denied.unwrap_or_else(|| panic!("{role} does not deny on {tag}"));
            assert_eq!(denied.actions, actions, "{role}, {tag}");
            assert_eq!(denied.resources, [format!("arn:aws:ec2:{REGION}::{kind}/*")], "{role}, {tag}");
        }
    }
}

#[test]
fn execute_is_denied_it_too_whatever_it_takes_out_of_use_or_removes() {
    let stack = everything();
    let held = allowed(&stack, "ExecuteRole");
    // What is left is the way there and back: backups, tags, and bringing the resource back.
    let harmless = ["Create", "DeleteTags", "Start", "Attach", "Enable", "Associate", "ModifyImage", "ModifyNetwork"];
    let removing: BTreeSet<String> = held
        .into_iter()
        .filter(|action| changes_ec2(action) && !harmless.iter().any(|word| action[4..].starts_with(word)))
        .collect();
    for tag in NEVER_TOUCH.into_iter().chain(["aws:autoscaling:groupName"]) {
        let condition = json!({"Null": {format!("aws:ResourceTag/{tag}"): "false"}});
        let denials = statements(&stack, "ExecuteRole").into_iter().filter(|it| it.denies && it.condition == condition);
        let denied: BTreeSet<String> = denials.flat_map(|statement| statement.actions).collect();
        // Volumes and addresses never bear the tags of backups and groups.
        let on_all = ["aws:cloudformation:stack-name", "sunset:keep"].contains(&tag);
        let detaching = ["ec2:DetachVolume", "ec2:DisassociateAddress"];
        let expected = removing.iter().filter(|action| on_all || !detaching.contains(&action.as_str())).cloned();
        assert_eq!(denied, expected.collect(), "{tag}");
    }
    // Its own mark is no reason not to touch: every resource of a process bears it.
    for statement in statements(&stack, "ExecuteRole") {
        assert!(!statement.condition.to_string().contains("sunset:process"), "{}", statement.sid);
    }
}

#[test]
fn the_audit_trail_can_be_added_to_and_by_no_role_be_changed() {
    let stack = everything();
    let audit = arn_of("AuditTable");
    let on_it = |role: &str| statements(&stack, role).into_iter().filter(|it| it.resources.contains(&audit));
    for role in all_roles(&stack) {
        let mut granted = BTreeSet::new();
        for statement in on_it(&role).filter(|statement| !statement.denies) {
            if statement.actions.contains(&"dynamodb:PutItem".to_owned()) {
                let in_a_transaction =
                    json!({"ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": ["TransactWriteItems"]}});
                assert_eq!(statement.condition, in_a_transaction, "{role}");
            }
            granted.extend(statement.actions);
        }
        let function = FUNCTIONS.iter().find(|(_, _, of)| *of == role).map(|(name, ..)| *name);
        let expected: &[&str] = match function {
            Some("validate" | "approve-page") => &["dynamodb:PutItem", "dynamodb:Query"],
            Some(name) if OF_DECOMMISSION.contains(&name) => &["dynamodb:PutItem"],
            _ => &[],
        };
        assert_eq!(granted.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{role}");
    }
    for (_, _, role) in FUNCTIONS {
        let denied: BTreeSet<String> = on_it(role).filter(|it| it.denies).flat_map(|it| it.actions).collect();
        for action in ["UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete"] {
            assert!(denied.contains(&format!("dynamodb:{action}")), "{role} is not denied {action}");
        }
    }
}

#[test]
fn approvers_reach_approve_through_its_url_and_in_no_other_way() {
    let held = statements(&dry(), "ApproversPolicy");
    let rights: Vec<(Vec<String>, Vec<String>, Value)> =
        held.into_iter().map(|it| (it.actions, it.resources, it.condition)).collect();
    let alias = || vec![arn_of("ApproveFunction.Alias")];
    // AWS wants both rights of who calls a function URL. A plain Invoke names no caller, and could forge one: without
    // the condition the second right would let it in.
    let expected = [
        (
            vec!["lambda:InvokeFunctionUrl".to_owned()],
            alias(),
            json!({"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}),
        ),
        (vec!["lambda:InvokeFunction".to_owned()], alias(), json!({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})),
    ];
    assert_eq!(rights, expected);
}

#[test]
fn every_roles_policies_fit_into_a_role() {
    // IAM takes 10,240 characters, and the stack's name stands in most ARNs.
    let stack = everything();
    for role in all_roles(&stack) {
        assert!(size(&stack, &role) <= 9_600, "{role}: {} characters", size(&stack, &role));
    }
}

#[test]
fn no_role_holds_a_wildcard_action() {
    let stack = everything();
    for role in all_roles(&stack) {
        for statement in statements(&stack, &role) {
            assert!(
                statement.actions.iter().all(|action| !action.contains('*')),
                "{role}, {}: {:?}",
                statement.sid,
                statement.actions
            );
        }
    }
}

#[test]
fn star_stands_only_where_aws_knows_no_resource() {
    // Lists of everything, log delivery and traces are the account's, not one resource's.
    let nowhere = |action: &str| {
        let (service, call) = action.split_once(':').unwrap();
        match service {
            "ec2" => !changes_ec2(action) && !call.ends_with("Attribute"),
            "autoscaling" | "elasticloadbalancing" | "xray" => true,
            // A task token names one waiting state of one execution.
            "states" => call == "SendTaskSuccess",
            "ssm" => call == "DescribeParameters",
            "dynamodb" => call == "ListStreams",
            "logs" => call.contains("Deliver") || call.contains("ResourcePolic") || call == "DescribeLogGroups",
            _ => false,
        }
    };
    let stack = everything();
    for role in all_roles(&stack) {
        for statement in statements(&stack, &role) {
            if !statement.denies && statement.resources.iter().any(|resource| resource == "*") {
                let wrong: Vec<_> = statement.actions.iter().filter(|action| !nowhere(action)).collect();
                assert!(wrong.is_empty(), "{role}, {}: {wrong:?} on *", statement.sid);
            }
        }
    }
}

#[test]
fn every_role_reaches_only_the_stacks_own_resources() {
    let owners = "arn:aws:sns:*:123456789012:team-*".to_owned();
    let persons = format!("arn:aws:sns:{REGION}:{ACCOUNT}:sunset-approver-*");
    let machine = arn_of("AmiCleanup");
    let executions = |machine: &str| format!("arn:aws:states:{REGION}:{ACCOUNT}:execution:{STACK}-{machine}");
    let aliases = || FUNCTIONS.iter().map(|(_, function, _)| arn_of(&format!("{function}.Alias")));
    let own_tables = ["TrackingTable", "DependenciesTable"].map(arn_of);
    let stack = everything();
    for role in all_roles(&stack) {
        let decommissions = FUNCTIONS.iter().any(|(name, _, of)| *of == role && OF_DECOMMISSION.contains(name));
        for statement in statements(&stack, &role).into_iter().filter(|statement| !statement.denies) {
            for resource in &statement.resources {
                for action in &statement.actions {
                    let fine = match action.split(':').next().unwrap() {
                        "dynamodb" if own_tables.contains(resource) => decommissions && action == "dynamodb:GetItem",
                        "dynamodb" if FOR_THE_STREAM.contains(&action.as_str()) => {
                            let stream = format!("{}/stream/*", arn_of("Table"));
                            role == "ApproveRole" && [stream, "*".to_owned()].contains(resource)
                        }
                        "dynamodb" => *resource == arn_of("Table") || *resource == arn_of("AuditTable"),
                        "s3" => {
                            let folder = if decommissions { "processes" } else { "runs" };
                            *resource == format!("{}/{folder}/*", arn_of("Bucket"))
                        }
                        "sns" => {
                            let more = match role.as_str() {
                                "DeregisterRole" => Some(&owners),
                                "ApproveRole" => Some(&persons),
                                _ => None,
                            };
                            *resource == arn_of("NoticeTopic") || Some(resource) == more
                        }
                        "ssm" if action == "ssm:GetParameter" => {
                            ["ApproveRole", "ApprovePageRole"].contains(&role.as_str()) && *resource == link_keys()
                        }
                        "ssm" if action == "ssm:GetCalendarState" => {
                            role == "ExecuteRole" && *resource == format!("arn:aws:ssm:{REGION}:*:document/*")
                        }
                        "sqs" => *resource == arn_of("DeadLetters"),
                        "lambda" => aliases().any(|alias| alias == *resource),
                        "states" if action == "states:StartExecution" => *resource == machine,
                        "states" if action == "states:SendTaskSuccess" => role == "ApproveRole",
                        "states" if role == "ApproveRole" => *resource == format!("{}:*", executions("decommission")),
                        "states" => {
                            let own = executions("ami-cleanup");
                            [format!("{own}:*"), format!("{own}/images:*")].contains(resource)
                        }
                        "logs" if PLATFORM.contains(&action.as_str()) => resource
                            .strip_prefix("arn:aws:logs:")
                            .is_some_and(|rest| rest.ends_with(&format!("{}:*", role.replace("Role", "LogGroup")))),
                        _ => true,
                    };
                    assert!(fine, "{role}, {}: {action} on {resource}", statement.sid);
                }
            }
        }
    }
}

/// The parameter with the keys that sign links.
fn link_keys() -> String {
    format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{STACK}/approval-link-keys")
}

#[test]
fn the_page_can_read_processes_add_votes_count_its_refusals_and_nothing_more() {
    let (table, audit) = (arn_of("Table"), arn_of("AuditTable"));
    let named = json!({"dynamodb:LeadingKeys": "false"});
    let whole = json!({"dynamodb:LeadingKeys": "false", "dynamodb:Attributes": "false"});
    let together = json!({"dynamodb:EnclosingOperation": ["TransactWriteItems"]});
    let writes = |partition: &str, attributes: &[&str]| {
        json!({
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [partition]},
            "ForAllValues:StringEquals": {"dynamodb:Attributes": attributes},
            "Null": whole.clone(),
            "ForAnyValue:StringEquals": together.clone(),
        })
    };
    let vote = ["pk", "sk", "round", "person", "identity", "answer", "reason", "plan_hash", "at"];
    let expected = [
        (
            "ReadProcessesAndWhatWaits",
            vec!["dynamodb:GetItem", "dynamodb:Query"],
            &table,
            json!({
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["PROC#*", "PERSON#*", "PAGE#*"]},
                "Null": named.clone(),
            }),
        ),
        (
            "SeeThatTheResourceIsHeld",
            vec!["dynamodb:ConditionCheckItem"],
            &table,
            json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["LOCK#*"]}, "Null": named}),
        ),
        ("AddVotes", vec!["dynamodb:PutItem"], &table, writes("PROC#*", &vote)),
        (
            "MoveAProcessToItsNextVersion",
            vec!["dynamodb:UpdateItem"],
            &table,
            writes("PROC#*", &["pk", "sk", "version", "audit", "updated_at"]),
        ),
        (
            "CountWhatItRefused",
            vec!["dynamodb:UpdateItem"],
            &table,
            writes("PAGE#*", &["pk", "sk", "refused", "expires_at_epoch_seconds"]),
        ),
        ("ReadTheAuditTrail", vec!["dynamodb:Query"], &audit, Value::Null),
        ("AddToTheAuditTrail", vec!["dynamodb:PutItem"], &audit, json!({"ForAnyValue:StringEquals": together})),
        ("CheckLinks", vec!["ssm:GetParameter"], &link_keys(), Value::Null),
    ]
    .map(|(sid, actions, resource, condition)| {
        (sid.to_owned(), actions.into_iter().map(str::to_owned).collect::<Vec<_>>(), resource.clone(), condition)
    });
    for stack in [dry(), everything()] {
        let of_the_platform = ["WriteOwnLogs", "SendTraces"];
        let held: Vec<(String, Vec<String>, String, Value)> = statements(&stack, "ApprovePageRole")
            .into_iter()
            .filter(|it| !it.denies && !of_the_platform.contains(&it.sid.as_str()))
            .map(|it| (it.sid, it.actions, it.resources.join(" "), it.condition))
            .collect();
        assert_eq!(held, expected);
        let services: BTreeSet<String> = allowed(&stack, "ApprovePageRole")
            .into_iter()
            .map(|action| action.split(':').next().unwrap().to_owned())
            .collect();
        // No way to tell, to wake, to publish or to act.
        assert_eq!(services, ["dynamodb", "logs", "ssm", "xray"].map(str::to_owned).into());
    }
}

#[test]
fn a_vote_and_a_process_have_no_attribute_that_the_page_may_not_write() {
    let writable = |sid: &str| -> BTreeSet<String> {
        let statement = statements(&dry(), "ApprovePageRole").into_iter().find(|it| it.sid == sid).unwrap();
        let attributes = &statement.condition["ForAllValues:StringEquals"]["dynamodb:Attributes"];
        strings(attributes).into_iter().filter(|name| !["pk", "sk"].contains(&name.as_str())).collect()
    };
    let vote = Vote {
        round: 1,
        person: "ada".into(),
        identity: "link/ada".into(),
        answer: Answer::Reject,
        reason: Some("it is still needed".into()),
        plan_hash: PlanHash::parse(&"0".repeat(64)).unwrap(),
        at: Timestamp::from_unix_seconds(0),
    };
    let attributes = serde_json::to_value(vote).unwrap();
    assert_eq!(writable("AddVotes"), attributes.as_object().unwrap().keys().cloned().collect());
    // What decides anything about a process is not among what the page may set.
    for decisive in ["status", "round", "notice", "terms", "resource", "plan_hash", "mode", "fence"] {
        assert!(!writable("MoveAProcessToItsNextVersion").contains(decisive), "{decisive}");
    }
}

#[test]
fn without_the_page_nobody_can_reach_what_signs_links() {
    let stack = Template::read().with(&[("ApprovalPage", "false")]);
    assert!(!stack.has("ApprovePageRole"));
    for role in all_roles(&stack) {
        let readable = granting(&stack, &role, "ssm:GetParameter");
        assert!(readable.is_empty(), "{role}: {readable:?}");
    }
}

#[test]
fn people_are_told_through_topics_that_begin_as_the_stack_says() {
    let stack = Template::read().with(&[("ApproverTopicPrefix", "on-call-")]);
    let topics: Vec<String> =
        granting(&stack, "ApproveRole", "sns:Publish").into_iter().flat_map(|statement| statement.resources).collect();
    assert_eq!(topics, [arn_of("NoticeTopic"), format!("arn:aws:sns:{REGION}:{ACCOUNT}:on-call-*")]);
}

#[test]
fn what_teams_know_is_read_from_the_tables_that_are_named() {
    let stack = Template::read().with(&[("ResourceTrackingTable", "cmdb"), ("ResourceDependenciesTable", "links")]);
    let named = ["cmdb", "links"].map(|table| format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}"));
    let read = statements(&stack, "AssessRole").into_iter().find(|it| it.sid == "ReadWhatTeamsKnow").unwrap();
    assert_eq!((read.actions, read.resources), (vec!["dynamodb:GetItem".to_owned()], named.to_vec()));
}

#[test]
fn owner_topics_are_written_to_only_where_a_pattern_names_them() {
    let resources = |stack: &Deployed| {
        granting(stack, "DeregisterRole", "sns:Publish")
            .into_iter()
            .flat_map(|statement| statement.resources)
            .collect::<Vec<_>>()
    };
    assert_eq!(resources(&dry()), [arn_of("NoticeTopic")]);
    assert_eq!(resources(&everything()), [arn_of("NoticeTopic"), "arn:aws:sns:*:123456789012:team-*".to_owned()]);
}

#[test]
fn each_state_machine_invokes_the_aliases_of_its_own_functions() {
    let stack = everything();
    let invoked = |role: &str| -> Vec<String> {
        let granting = granting(&stack, role, "lambda:InvokeFunction").into_iter();
        granting.flat_map(|statement| statement.resources).collect()
    };
    // Not restore: that is invoked by people.
    let ami_cleanup = ["ListExpiredAmisFunction.Alias", "DeregisterFunction.Alias", "DeleteSnapshotFunction.Alias"];
    assert_eq!(invoked("AmiCleanupRole"), ami_cleanup.map(arn_of));
    let decommission = ["Assess", "Approve", "Plan", "Execute", "Validate"].map(|it| format!("{it}Function.Alias"));
    assert_eq!(invoked("DecommissionRole"), decommission.map(|alias| arn_of(&alias)));
}

#[test]
fn every_role_is_assumed_by_one_service_and_carries_the_boundary() {
    let stack = everything();
    for (id, role) in stack.of_type("AWS::IAM::Role") {
        assert_eq!(role["PermissionsBoundary"], "arn:aws:iam::123456789012:policy/boundary", "{id}");
        let trust = role["AssumeRolePolicyDocument"]["Statement"].as_array().unwrap();
        assert_eq!(trust.len(), 1, "{id}");
        let service = trust[0]["Principal"]["Service"].as_str().unwrap();
        if service != "lambda.amazonaws.com" {
            assert_eq!(
                trust[0]["Condition"]["StringEquals"]["aws:SourceAccount"], ACCOUNT,
                "{id} would serve any account's {service}"
            );
        }
    }
    assert!(dry().properties("DeregisterRole").get("PermissionsBoundary").is_none());
}

#[test]
fn an_iam_linter_finds_nothing_in_any_role() {
    for (stack, which) in [(dry(), "AllowLive=false"), (everything(), "everything on")] {
        for role in all_roles(&stack).into_iter().chain(["ApproversPolicy".to_owned()]) {
            let whole = json!({"Version": "2012-10-17", "Statement": raw_statements(&stack, &role)});
            let (output, said) = tools::run(tools::parliament().args(["--json", "--string", &whole.to_string()]));
            let printed = String::from_utf8_lossy(&output.stdout);
            let findings: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
            let unknown: Vec<&str> = findings.iter().copied().filter(|line| !known(line)).collect();
            assert!(unknown.is_empty(), "{role}, {which}: {unknown:#?}");
            // It fails when it has found something; having failed with nothing found, it has not looked.
            assert!(output.status.success() || !findings.is_empty(), "{role}, {which}: {said}");
        }
    }
}

/// A finding that says only that parliament's own data is older than AWS.
fn known(finding: &str) -> bool {
    UNKNOWN_TO_PARLIAMENT.iter().any(|(issue, about)| finding.contains(issue) && finding.contains(about))
}
