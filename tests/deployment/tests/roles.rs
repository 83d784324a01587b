//! One role a function, with only the calls that it makes, and the rights to change anything only with `AllowLive`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use sunset_deployment::actions::Actions;
use sunset_deployment::roles::{Statement, allowed, changes_ec2, raw_statements, statements};
use sunset_deployment::template::{ACCOUNT, Deployed, REGION, STACK, Template, arn_of};
use sunset_deployment::{FUNCTIONS, tools};

/// What Lambda does under a function's role beside the function's own calls.
const PLATFORM: [&str; 4] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"];

/// What no role may touch, by the tag that says so.
const NEVER_TOUCH: [&str; 5] = [
    "aws:backup:source-resource",
    "aws:dlm:lifecycle-policy-id",
    "dlm:managed",
    "aws:cloudformation:stack-name",
    "sunset:keep",
];

/// What parliament's own data does not know: actions and ARN formats that are newer than it.
const UNKNOWN_TO_PARLIAMENT: [(&str, &str); 2] = [
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
            "RestoreRole": ["ec2:CreateTags", "ec2:DeleteTags", "ec2:EnableImage", "ec2:ModifyImageAttribute", "ec2:RestoreImageFromRecycleBin", "ec2:RestoreSnapshotFromRecycleBin"],
        })
    );
}

#[test]
fn what_changes_images_and_snapshots_is_scoped_by_kind_and_owner() {
    let stack = everything();
    for role in all_roles(&stack) {
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
fn marks_are_sunset_tags_only() {
    let stack = everything();
    let mut marking = granting(&stack, "DeregisterRole", "ec2:CreateTags");
    marking.extend(granting(&stack, "RestoreRole", "ec2:DeleteTags"));
    assert_eq!(marking.len(), 2);
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
            "ec2" => !changes_ec2(action) && !["DescribeImageAttribute", "DescribeSnapshotAttribute"].contains(&call),
            "autoscaling" | "xray" => true,
            "ssm" => call == "DescribeParameters",
            "logs" => call.contains("Deliver") || call.contains("ResourcePolic") || call == "DescribeLogGroups",
            _ => false,
        }
    };
    let stack = everything();
    for role in all_roles(&stack) {
        for statement in statements(&stack, &role) {
            if statement.resources.iter().any(|resource| resource == "*") {
                let wrong: Vec<_> = statement.actions.iter().filter(|action| !nowhere(action)).collect();
                assert!(wrong.is_empty(), "{role}, {}: {wrong:?} on *", statement.sid);
            }
        }
    }
}

#[test]
fn every_role_reaches_only_the_stacks_own_resources() {
    let owners = "arn:aws:sns:*:123456789012:team-*".to_owned();
    let machine = arn_of("AmiCleanup");
    let executions = format!("arn:aws:states:{REGION}:{ACCOUNT}:execution:{STACK}-ami-cleanup");
    let aliases = || FUNCTIONS.iter().map(|(_, function, _)| arn_of(&format!("{function}.Alias")));
    let stack = everything();
    for role in all_roles(&stack) {
        for statement in statements(&stack, &role) {
            for resource in &statement.resources {
                for action in &statement.actions {
                    let fine = match action.split(':').next().unwrap() {
                        "dynamodb" => *resource == arn_of("Table"),
                        "s3" => *resource == format!("{}/runs/*", arn_of("Bucket")),
                        "sns" => {
                            *resource == arn_of("NoticeTopic") || (role == "DeregisterRole" && *resource == owners)
                        }
                        "sqs" => *resource == arn_of("DeadLetters"),
                        "lambda" => aliases().any(|alias| alias == *resource),
                        "states" if action == "states:StartExecution" => *resource == machine,
                        "states" => [format!("{executions}:*"), format!("{executions}/images:*")].contains(resource),
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
fn the_state_machine_invokes_aliases_and_not_restore() {
    let stack = everything();
    let invoked: Vec<_> = granting(&stack, "AmiCleanupRole", "lambda:InvokeFunction")
        .into_iter()
        .flat_map(|statement| statement.resources)
        .collect();
    assert_eq!(
        invoked,
        ["ListExpiredAmisFunction.Alias", "DeregisterFunction.Alias", "DeleteSnapshotFunction.Alias"].map(arn_of)
    );
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
        for role in all_roles(&stack) {
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
