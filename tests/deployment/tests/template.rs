//! The template: what survives, what is logged, who is told, and what a parameter can do.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use sunset_deployment::state_machine::MACHINES;
use sunset_deployment::template::{ACCOUNT, APPROVE_URL, Deployed, PAGE_URL, REGION, STACK, Template, arn_of};
use sunset_deployment::{FUNCTIONS, OF_DECOMMISSION, READ_POLICY, root, text, tools};
use sunset_domain::approval::approvers;
use sunset_domain::policy::Mode;
use sunset_domain::process::event::ValidateEvent;
use sunset_domain::process::start::Start;
use sunset_domain::process::terms::{Profile, Terms};
use sunset_domain::windows;

/// The policy, as it is documented: parameter, the variable that the functions read, default.
const POLICY: [(&str, &str, &str); 15] = [
    ("AllowLive", "SUNSET_ALLOW_LIVE", "false"),
    ("ValidHours", "SUNSET_VALID_HOURS", "2160"),
    ("GraceDays", "SUNSET_GRACE_DAYS", "7"),
    ("KeepNewest", "SUNSET_KEEP_NEWEST", "3"),
    ("MinIdleDays", "SUNSET_MIN_IDLE_DAYS", "30"),
    ("IncludeNames", "SUNSET_INCLUDE_NAMES", ""),
    ("IncludeTags", "SUNSET_INCLUDE_TAGS", ""),
    ("ExcludeNames", "SUNSET_EXCLUDE_NAMES", ""),
    ("ExcludeTags", "SUNSET_EXCLUDE_TAGS", ""),
    ("AllowShared", "SUNSET_ALLOW_SHARED", "false"),
    ("MaxDeletions", "SUNSET_MAX_DELETIONS", "50"),
    ("MaxShare", "SUNSET_MAX_SHARE", "0.2"),
    ("MaxFailedShare", "SUNSET_MAX_FAILED_SHARE", "0.1"),
    ("SecondOpinion", "SUNSET_SECOND_OPINION", "false"),
    ("AllTemplateVersions", "SUNSET_ALL_TEMPLATE_VERSIONS", "false"),
];

/// The metrics that the functions write.
const METRICS: [&str; 18] = [
    "ApprovalPageRefused",
    "NoticesFailed",
    "ProcessesCompleted",
    "ProcessesRejected",
    "ProcessesCancelled",
    "ProcessesExpired",
    "ProcessesBlocked",
    "ProcessesFailed",
    "ProcessesRolledBack",
    "ProcessesHeld",
    "RollbackFailed",
    "RunsHalted",
    "RunsCompleted",
    "ImagesDisabled",
    "ImagesDeregistered",
    "SnapshotsDeleted",
    "ItemsFailed",
    "ImagesDue",
];

fn stack() -> Deployed {
    Template::read().with(&[])
}

#[test]
fn sam_finds_nothing_wrong_with_the_template() {
    let (output, said) =
        tools::run(tools::sam().args(["validate", "--lint", "--template"]).arg(root().join("template.yaml")));
    assert!(output.status.success(), "{said}");
}

#[test]
fn the_policys_defaults_are_the_documented_ones() {
    let template = Template::read();
    let variables = &template.with(&[]).globals["Environment"]["Variables"];
    for (parameter, variable, default) in POLICY {
        assert_eq!(template.default(parameter), default, "{parameter}");
        assert_eq!(variables[variable], default, "{variable}");
    }
    for (parameter, default) in
        [("Mode", "dry-run"), ("ScheduleState", "ENABLED"), ("MaxConcurrency", "2"), ("LogRetentionDays", "90")]
    {
        assert_eq!(template.default(parameter), default, "{parameter}");
    }
}

#[test]
fn every_policy_parameter_reaches_the_functions() {
    for (parameter, variable, default) in POLICY {
        let other = match default {
            "true" | "false" => "true",
            "" => "something",
            _ => "1",
        };
        let stack = Template::read().with(&[(parameter, other)]);
        assert_eq!(stack.globals["Environment"]["Variables"][variable], other, "{parameter}");
    }
}

#[test]
fn the_functions_know_their_stack() {
    let stack = stack();
    let variables = &stack.globals["Environment"]["Variables"];
    assert_eq!(variables["SUNSET_STACK"], STACK);
    assert_eq!(variables["SUNSET_TABLE"], format!("{STACK}-Table"));
    assert_eq!(variables["SUNSET_BUCKET"], format!("{STACK}-Bucket"));
    assert_eq!(variables["SUNSET_TOPIC_ARN"], arn_of("NoticeTopic"));
    assert_eq!(variables["SUNSET_ACCOUNT_ID"], "123456789012");
}

/// The parameters that stand in the values of an environment.
fn parameters_of(template: &Template, environment: &Value) -> BTreeSet<String> {
    let parameters = template.0["Parameters"].as_object().unwrap();
    let variables = environment["Variables"].as_object().into_iter().flatten();
    let mut found = BTreeSet::new();
    for (_, value) in variables {
        // `!If [made here, the stack's own, the parameter]` too, and what the condition asks.
        let arms = value["Fn::If"].as_array().cloned().unwrap_or_default();
        let condition = arms.first().and_then(Value::as_str).map(|name| &template.0["Conditions"][name]);
        let asked = condition.map(|condition| &condition["Fn::Equals"][0]);
        found.extend(arms.iter().chain(asked).chain([value]).filter_map(|it| it["Ref"].as_str()).map(str::to_owned));
    }
    found.into_iter().filter(|name| parameters.contains_key(name)).collect()
}

#[test]
fn a_changed_parameter_publishes_a_new_version_of_every_function_that_reads_it() {
    // A version keeps its environment. Were a parameter of the environment missing here, the alias would go on serving
    // the old value.
    let template = Template::read();
    let everybodys = parameters_of(&template, &template.0["Globals"]["Function"]["Environment"]);
    assert!(everybodys.contains("AllowLive"));
    for (name, function, _) in FUNCTIONS {
        let properties = &template.0["Resources"][function]["Properties"];
        if name == "approve-page" {
            // It reads no parameter: none of its own environment, and of everybody's only the table's and the stack's names.
            assert!(parameters_of(&template, &properties["Environment"]).is_empty());
            assert!(properties.get("VersionDescription").is_none());
            continue;
        }
        let description = properties["VersionDescription"]["Fn::Sub"].as_str().unwrap();
        let described: BTreeSet<String> =
            description.split("${").skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect();
        let mut read = everybodys.clone();
        if OF_DECOMMISSION.contains(&name) {
            // Which images ami-cleanup retires is nothing to them.
            read = ["AllowLive", "AllTemplateVersions"].map(str::to_owned).into();
            read.extend(parameters_of(&template, &properties["Environment"]));
        }
        // And no other: Lambda refuses to publish a version that differs from the last one in nothing but its
        // description.
        assert_eq!(described, read, "{function}");
        assert_eq!(properties["AutoPublishAliasAllProperties"], true, "{function}");
    }
}

#[test]
fn the_widest_policy_still_fits_into_a_versions_description() {
    let widest = [
        ("AllowLive", "false"),
        ("ValidHours", "876000"),
        ("GraceDays", "3650"),
        ("KeepNewest", "1000"),
        ("MinIdleDays", "3650"),
        ("MaxDeletions", "50000"),
        ("MaxShare", "0.125"),
        ("MaxFailedShare", "0.125"),
    ];
    let filters = "x".repeat(150);
    let stack = Template::read().with(&[widest.as_slice(), &[("IncludeNames", filters.as_str())]].concat());
    let description = stack.properties("DeregisterFunction")["VersionDescription"].as_str().unwrap().to_owned();
    assert!(description.len() <= 256, "{} characters: {description}", description.len());
}

#[test]
fn the_widest_terms_still_fit_into_a_versions_description() {
    let table = "x".repeat(80);
    let widest = [
        ("AllowLive", "false"),
        ("AllTemplateVersions", "false"),
        ("RiskProfile", "seed-v1"),
        ("AutoApprove", "false"),
        ("ApprovalPage", "false"),
        ("NoticeSeconds", "2592000"),
        ("ApprovalSeconds", "2592000"),
        ("SoakSeconds", "7776000"),
        ("HoldSeconds", "2592000"),
        ("BackupRetentionDays", "36500"),
        ("SettleSeconds", "600"),
        ("ResourceTrackingTable", &table),
        ("ResourceDependenciesTable", &table),
    ];
    let stack = Template::read().with(&widest);
    for function in ["AssessFunction", "ApproveFunction", "PlanFunction", "ExecuteFunction", "ValidateFunction"] {
        let description = stack.properties(function)["VersionDescription"].as_str().unwrap().to_owned();
        assert!(description.len() <= 256, "{} characters: {description}", description.len());
    }
}

#[test]
fn the_deployed_terms_are_the_ones_that_the_code_takes_for_granted() {
    let terms_of = |stack: &Deployed, function: &str| {
        let environment = stack.environment(function);
        Terms::from_environment(|name| environment.get(name).and_then(Value::as_str).map(str::to_owned)).unwrap()
    };
    let other = Template::read().with(&[
        ("RiskProfile", "seed-v1"),
        ("AutoApprove", "false"),
        ("ApprovalSeconds", "60"),
        ("SoakSeconds", "120"),
        ("HoldSeconds", "180"),
        ("BackupRetentionDays", "7"),
        ("NoticeSeconds", "240"),
    ]);
    let others = Terms {
        profile: Profile::SeedV1,
        soak_seconds: 120,
        approval_seconds: 60,
        hold_seconds: 180,
        backup_retention_days: 7,
        auto_approve: false,
        notice_seconds: 240,
    };
    for (name, function, _) in FUNCTIONS.into_iter().filter(|(name, ..)| OF_DECOMMISSION.contains(name)) {
        assert_eq!(terms_of(&stack(), function), Terms::default(), "{name}");
        assert_eq!(terms_of(&other, function), others, "{name}");
    }
}

#[test]
fn what_a_parameter_may_be_the_code_takes_too() {
    let template = Template::read();
    for (parameter, variable) in [
        ("ApprovalSeconds", "SUNSET_APPROVAL_SECONDS"),
        ("SoakSeconds", "SUNSET_SOAK_SECONDS"),
        ("HoldSeconds", "SUNSET_HOLD_SECONDS"),
        ("NoticeSeconds", "SUNSET_NOTICE_SECONDS"),
        ("BackupRetentionDays", "SUNSET_BACKUP_RETENTION_DAYS"),
    ] {
        for bound in ["MinValue", "MaxValue"] {
            let value = template.0["Parameters"][parameter][bound].to_string();
            let terms = Terms::from_environment(|name| (name == variable).then(|| value.clone()));
            assert!(terms.is_ok(), "{parameter}={value}: {terms:?}");
        }
    }
}

#[test]
fn the_functions_of_decommission_know_their_tables_and_the_others_do_not() {
    let stack = stack();
    for (name, function, _) in FUNCTIONS {
        let environment = stack.environment(function);
        if OF_DECOMMISSION.contains(&name) {
            assert_eq!(environment["SUNSET_AUDIT_TABLE"], format!("{STACK}-AuditTable"), "{name}");
            assert_eq!(environment["SUNSET_TRACKING_TABLE"], format!("{STACK}-TrackingTable"), "{name}");
            assert_eq!(environment["SUNSET_DEPENDENCIES_TABLE"], format!("{STACK}-DependenciesTable"), "{name}");
            assert_eq!(environment["SUNSET_SETTLE_SECONDS"], "90", "{name}");
        } else {
            assert_eq!(environment.contains_key("SUNSET_AUDIT_TABLE"), name == "approve-page", "{name}");
            assert!(!environment.contains_key("SUNSET_TRACKING_TABLE"), "{name}");
        }
    }
    let named = Template::read().with(&[("ResourceTrackingTable", "cmdb"), ("ResourceDependenciesTable", "links")]);
    assert!(!named.has("TrackingTable") && !named.has("DependenciesTable"));
    let environment = named.environment("AssessFunction");
    assert_eq!(
        (&environment["SUNSET_TRACKING_TABLE"], &environment["SUNSET_DEPENDENCIES_TABLE"]),
        (&json!("cmdb"), &json!("links"))
    );
}

#[test]
fn people_vote_signed_and_the_process_knows_where() {
    let stack = stack();
    let with_url: Vec<&str> = stack
        .of_type("AWS::Serverless::Function")
        .into_iter()
        .filter(|(_, properties)| properties.get("FunctionUrlConfig").is_some())
        .map(|(id, _)| id)
        .collect();
    assert_eq!(with_url, ["ApproveFunction", "ApprovePageFunction"]);
    assert_eq!(stack.properties("ApproveFunction")["FunctionUrlConfig"], json!({"AuthType": "AWS_IAM"}));
    // Not approve: it would depend on its own URL, and CloudFormation refuses that.
    assert_eq!(stack.environment("AssessFunction")["SUNSET_APPROVE_URL"], APPROVE_URL);
    assert!(!stack.environment("ApproveFunction").contains_key("SUNSET_APPROVE_URL"));
    assert_eq!(stack.outputs["ApproveUrl"]["Value"], APPROVE_URL);
}

#[test]
fn only_the_page_can_be_called_by_anybody_and_only_where_it_is_wanted() {
    for (page, public) in [("true", vec!["ApprovePageFunction"]), ("false", vec![])] {
        let stack = Template::read().with(&[("ApprovalPage", page)]);
        let unsigned: Vec<&str> = stack
            .of_type("AWS::Serverless::Function")
            .into_iter()
            .filter(|(_, properties)| properties["FunctionUrlConfig"]["AuthType"] == "NONE")
            .map(|(id, _)| id)
            .collect();
        assert_eq!(unsigned, public, "ApprovalPage={page}");
        // What SAM does not make for the URL nobody makes.
        for kind in ["AWS::Lambda::Permission", "AWS::Lambda::Url"] {
            assert!(stack.of_type(kind).is_empty(), "{kind}");
        }
    }
    let without = Template::read().with(&[("ApprovalPage", "false")]);
    for id in ["ApprovePageFunction", "ApprovePageRole", "ApprovePageLogGroup", "ApprovePageErrorsAlarm"] {
        assert!(!without.has(id), "{id}");
    }
    for output in ["ApprovalPageUrl", "LinkKeysParameter"] {
        assert!(without.outputs.get(output).is_none(), "{output}");
    }
}

#[test]
fn the_page_is_told_where_its_keys_are_and_approve_where_the_page_is() {
    let stack = stack();
    let keys = format!("/{STACK}/approval-link-keys");
    let (page, approve) = (stack.environment("ApprovePageFunction"), stack.environment("ApproveFunction"));
    assert_eq!(page["SUNSET_LINK_KEYS_PARAMETER"], keys);
    assert_eq!((&approve["SUNSET_PAGE_URL"], &approve["SUNSET_LINK_KEYS_PARAMETER"]), (&json!(PAGE_URL), &json!(keys)));
    assert_eq!(stack.outputs["LinkKeysParameter"]["Value"], keys);
    assert_eq!(stack.outputs["ApprovalPageUrl"]["Value"], PAGE_URL);
    // Nothing of the page leads back to approve, which is told its URL: CloudFormation refuses a circle.
    let declared = Template::read().0["Resources"].clone();
    for id in ["ApprovePageFunction", "ApprovePageRole", "ApprovePageLogGroup"] {
        let text = declared[id].to_string();
        for other in ["ApproveFunction", "ApproveRole", "AssessFunction", "Decommission"] {
            assert!(!text.contains(other), "{id} refers to {other}");
        }
    }
    let without = Template::read().with(&[("ApprovalPage", "false")]).environment("ApproveFunction");
    for variable in ["SUNSET_PAGE_URL", "SUNSET_LINK_KEYS_PARAMETER"] {
        assert!(!without.contains_key(variable), "{variable}");
    }
}

#[test]
fn a_request_to_the_page_ends_while_its_reader_still_waits() {
    let stack = stack();
    let page = stack.properties("ApprovePageFunction");
    assert_eq!((&page["Timeout"], &page["MemorySize"]), (&json!(15), &json!(256)));
}

#[test]
fn a_new_vote_reaches_approve_through_the_tables_stream() {
    let stack = stack();
    assert_eq!(stack.properties("Table")["StreamSpecification"], json!({"StreamViewType": "KEYS_ONLY"}));
    for (id, table) in stack.of_type("AWS::DynamoDB::Table") {
        assert_eq!(table.get("StreamSpecification").is_some(), id == "Table", "{id}");
    }
    for (id, function) in stack.of_type("AWS::Serverless::Function") {
        assert_eq!(function.get("Events").is_some(), id == "ApproveFunction", "{id}");
    }
    let votes = &stack.properties("ApproveFunction")["Events"];
    let pattern = r#"{"eventName":["INSERT"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"VOTE#"}]}}}}"#;
    assert_eq!(
        *votes,
        json!({"Votes": {"Type": "DynamoDB", "Properties": {
            "Stream": format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{STACK}-Table/stream/2026-11-20T09:00:00.000"),
            // A vote that came while the stream was being attached is heard of too.
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": 10,
            "FilterCriteria": {"Filters": [{"Pattern": pattern}]},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "BisectBatchOnFunctionError": true,
            "MaximumRetryAttempts": 20,
            "MaximumRecordAgeInSeconds": 21600,
            "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": arn_of("DeadLetters")}},
        }}})
    );
}

#[test]
fn the_first_arithmetic_of_risk_approves_nothing_by_itself() {
    let rule = Template::read().0["Rules"]["FirstProfileNeedsPeople"].clone();
    assert_eq!(rule["RuleCondition"], json!({"Fn::Equals": [{"Ref": "RiskProfile"}, "seed-v1"]}));
    assert_eq!(rule["Assertions"][0]["Assert"], json!({"Fn::Equals": [{"Ref": "AutoApprove"}, "false"]}));
}

#[test]
fn a_filter_list_has_no_empty_entry() {
    // An empty pattern could be read as "every image".
    let template = Template::read();
    for parameter in ["IncludeNames", "ExcludeNames"] {
        assert_eq!(template.0["Parameters"][parameter]["AllowedPattern"], "^([^,]+(,[^,]+)*)?$");
    }
    for parameter in ["IncludeTags", "ExcludeTags"] {
        assert_eq!(template.0["Parameters"][parameter]["AllowedPattern"], "^([^,=]+(=[^,]+)?(,[^,=]+(=[^,]+)?)*)?$");
    }
}

#[test]
fn a_live_schedule_needs_allow_live() {
    let rule = Template::read().0["Rules"]["LiveScheduleNeedsAllowLive"].clone();
    assert_eq!(rule["RuleCondition"], json!({"Fn::Equals": [{"Ref": "Mode"}, "live"]}));
    assert_eq!(rule["Assertions"][0]["Assert"], json!({"Fn::Equals": [{"Ref": "AllowLive"}, "true"]}));
}

#[test]
fn every_parameter_is_described_grouped_and_bounded() {
    let template = Template::read();
    let groups = template.0["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"].as_array().unwrap();
    let grouped: BTreeSet<&str> = groups
        .iter()
        .flat_map(|group| group["Parameters"].as_array().unwrap())
        .map(|name| name.as_str().unwrap())
        .collect();
    let parameters = template.0["Parameters"].as_object().unwrap();
    assert_eq!(grouped, parameters.keys().map(String::as_str).collect());
    for (name, parameter) in parameters {
        assert!(parameter["Description"].as_str().is_some_and(|text| text.ends_with('.')), "{name} is not described");
        let bounded =
            ["AllowedValues", "AllowedPattern", "MaxValue"].iter().any(|bound| parameter.get(bound).is_some());
        assert!(bounded, "{name} accepts anything");
    }
}

#[test]
fn every_function_is_built_from_its_crate_and_served_through_its_alias() {
    let template = Template::read();
    let stack = template.with(&[]);
    assert_eq!(stack.of_type("AWS::Serverless::Function").len(), FUNCTIONS.len());
    for (name, function, role) in FUNCTIONS {
        let properties = stack.properties(function);
        assert_eq!(properties["CodeUri"], format!("crates/{name}"));
        assert_eq!(properties["FunctionName"], format!("{STACK}-{name}"));
        assert_eq!(properties["Role"], arn_of(role));
        let built = if READ_POLICY.contains(&name) {
            json!({"BuildMethod": "makefile", "ContextPath": "policy", "WorkingDirectory": "policy"})
        } else {
            json!({"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": name}})
        };
        assert_eq!(stack.resource(function)["Metadata"], built, "{name}");
    }
    let all = &stack.globals;
    assert_eq!(
        (&all["Runtime"], &all["Handler"], &all["Tracing"], &all["AutoPublishAlias"]),
        (&json!("provided.al2023"), &json!("bootstrap"), &json!("Active"), &json!("live"))
    );
}

#[test]
fn the_policy_lies_beside_the_functions_that_read_it() {
    let makefile = text("policy/Makefile");
    for name in READ_POLICY {
        let (_, function, _) = FUNCTIONS.into_iter().find(|(found, ..)| *found == name).unwrap();
        assert!(makefile.contains(&format!("build-{function}: BINARY := {name}\n")), "{name} has no target");
    }
    let targets = READ_POLICY.map(|name| {
        let (_, function, _) = FUNCTIONS.into_iter().find(|(found, ..)| *found == name).unwrap();
        format!("build-{function}")
    });
    assert_eq!(makefile.matches(": BINARY := ").count(), targets.len());
    for listed in makefile.lines().filter(|line| line.starts_with(".PHONY: ") || line.ends_with("Function:")) {
        let found: BTreeSet<String> =
            listed.trim_start_matches(".PHONY: ").trim_end_matches(':').split(' ').map(str::to_owned).collect();
        assert_eq!(found, targets.clone().into(), "{listed}");
    }
    assert!(makefile.contains("cp *.yaml \"$(ARTIFACTS_DIR)/policy/\"\n"));
    let policies = std::fs::read_dir(root().join("policy")).unwrap().map(|file| file.unwrap().file_name());
    let policies: Vec<_> = policies.collect();
    for file in [approvers::PATH, windows::PATH] {
        let name = file.strip_prefix("policy/").unwrap();
        assert!(policies.iter().any(|found| found == name), "policy/{name}");
    }
}

#[test]
fn concurrency_is_reserved_only_where_asked() {
    assert!(stack().globals.get("ReservedConcurrentExecutions").is_none());
    assert_eq!(Template::read().with(&[("ReservedConcurrency", "5")]).globals["ReservedConcurrentExecutions"], "5");
}

#[test]
fn bucket_and_tables_survive_the_stack() {
    for id in ["Bucket", "BucketPolicy", "Table", "AuditTable", "TrackingTable", "DependenciesTable"] {
        let stack = stack();
        assert_eq!(
            (&stack.resource(id)["DeletionPolicy"], &stack.resource(id)["UpdateReplacePolicy"]),
            (&json!("Retain"), &json!("Retain")),
            "{id}"
        );
    }
}

#[test]
fn the_table_can_be_recovered_and_not_be_deleted_by_mistake() {
    let stack = stack();
    let table = stack.properties("Table");
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(table["DeletionProtectionEnabled"], true);
    assert_eq!(table["SSESpecification"]["SSEEnabled"], true);
    assert_eq!(table["TimeToLiveSpecification"], json!({"AttributeName": "expires_at_epoch_seconds", "Enabled": true}));
    assert_eq!(
        table["KeySchema"],
        json!([{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}])
    );
}

#[test]
fn the_audit_trail_never_expires_and_can_be_recovered() {
    let stack = stack();
    let table = stack.properties("AuditTable");
    assert!(table.get("TimeToLiveSpecification").is_none(), "seven calendar years are the least (C20)");
    assert_eq!(
        table["KeySchema"],
        json!([{"AttributeName": "process_id", "KeyType": "HASH"}, {"AttributeName": "seq", "KeyType": "RANGE"}])
    );
    assert_eq!(table["AttributeDefinitions"][1], json!({"AttributeName": "seq", "AttributeType": "N"}));
    for (id, table) in stack.of_type("AWS::DynamoDB::Table") {
        assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true, "{id}");
        assert_eq!(table["DeletionProtectionEnabled"], true, "{id}");
        assert_eq!(table["SSESpecification"]["SSEEnabled"], true, "{id}");
    }
}

#[test]
fn what_teams_know_has_the_keys_of_the_first_description() {
    // (C17)
    let stack = stack();
    let keys = |table: &str| -> Vec<String> {
        let keys = stack.properties(table)["KeySchema"].as_array().unwrap().iter();
        keys.map(|key| key["AttributeName"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(keys("TrackingTable"), ["ResourceId", "ResourceType"]);
    assert_eq!(keys("DependenciesTable"), ["ResourceId"]);
}

#[test]
fn the_bucket_is_private_encrypted_versioned_and_spoken_to_over_tls() {
    let stack = stack();
    let bucket = stack.properties("Bucket");
    assert!(
        bucket["PublicAccessBlockConfiguration"]
            .as_object()
            .is_some_and(|blocks| blocks.len() == 4 && blocks.values().all(|block| block == true))
    );
    assert_eq!(
        bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"]["SSEAlgorithm"],
        "AES256"
    );
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    assert_eq!(bucket["OwnershipControls"]["Rules"][0]["ObjectOwnership"], "BucketOwnerEnforced");
    let tls = &stack.properties("BucketPolicy")["PolicyDocument"]["Statement"][0];
    assert_eq!(
        (&tls["Effect"], &tls["Condition"]),
        (&json!("Deny"), &json!({"Bool": {"aws:SecureTransport": "false"}}))
    );
    let runs = bucket["LifecycleConfiguration"]["Rules"]
        .as_array()
        .unwrap()
        .iter()
        .find(|rule| rule["Prefix"] == "runs/")
        .unwrap();
    assert_eq!(runs["ExpirationInDays"], 90);
    // The documents of a process belong to its audit trail.
    let expiring = bucket["LifecycleConfiguration"]["Rules"].as_array().unwrap().iter();
    for rule in expiring.filter(|rule| rule.get("ExpirationInDays").is_some()) {
        assert_eq!(rule["Prefix"], "runs/");
    }
}

#[test]
fn every_log_group_has_its_retention() {
    let stack = Template::read().with(&[("LogRetentionDays", "30")]);
    let groups = stack.of_type("AWS::Logs::LogGroup");
    assert_eq!(groups.len(), FUNCTIONS.len() + MACHINES.len());
    for (id, group) in groups {
        assert_eq!(group["RetentionInDays"], "30", "{id}");
    }
    for (name, function, role) in FUNCTIONS {
        let logging = &stack.properties(function)["LoggingConfig"];
        assert_eq!(
            logging,
            &json!({"LogFormat": "JSON", "LogGroup": format!("{STACK}-{}", role.replace("Role", "LogGroup"))}),
            "{name}"
        );
    }
}

#[test]
fn the_workflows_logs_hold_no_execution_data() {
    let stack = stack();
    for machine in MACHINES {
        let properties = stack.properties(machine.id);
        assert_eq!(
            (&properties["Logging"]["Level"], &properties["Logging"]["IncludeExecutionData"]),
            (&json!("ALL"), &json!(false)),
            "{}",
            machine.id
        );
        assert_eq!(
            properties["Logging"]["Destinations"][0]["CloudWatchLogsLogGroup"]["LogGroupArn"],
            arn_of(&format!("{}LogGroup", machine.id))
        );
        assert_eq!(
            (&properties["Type"], &properties["Tracing"]["Enabled"], &properties["Role"]),
            (&json!("STANDARD"), &json!(true), &json!(arn_of(&format!("{}Role", machine.id))))
        );
    }
}

#[test]
fn the_schedule_is_hourly_bounded_and_keeps_what_it_could_not_start() {
    let stack = stack();
    let schedule = stack.properties("HourlySchedule");
    assert_eq!(
        (&schedule["ScheduleExpression"], &schedule["State"], &schedule["FlexibleTimeWindow"]),
        (&json!("rate(1 hour)"), &json!("ENABLED"), &json!({"Mode": "OFF"}))
    );
    let target = &schedule["Target"];
    assert_eq!(target["Arn"], arn_of("AmiCleanup"));
    assert_eq!(target["DeadLetterConfig"]["Arn"], arn_of("DeadLetters"));
    // Before the next tick, or two would start together.
    assert_eq!(target["RetryPolicy"]["MaximumEventAgeInSeconds"], 3300);
    assert!(target["RetryPolicy"]["MaximumRetryAttempts"].as_u64().unwrap() <= 20);
    assert_eq!(
        Template::read().with(&[("ScheduleState", "DISABLED")]).properties("HourlySchedule")["State"],
        "DISABLED"
    );
}

#[test]
fn the_schedule_starts_runs_in_the_stacks_mode_and_says_for_which_hour() {
    for (allow_live, mode) in [("false", "dry-run"), ("true", "live")] {
        let stack = Template::read().with(&[("AllowLive", allow_live), ("Mode", mode)]);
        let input: Value =
            serde_json::from_str(stack.properties("HourlySchedule")["Target"]["Input"].as_str().unwrap()).unwrap();
        assert_eq!(input, json!({"schema": 1, "mode": mode, "scheduled_time": "<aws.scheduler.scheduled-time>"}));
    }
}

#[test]
fn the_alarms_tell_of_failed_halted_missing_and_lost_runs() {
    let stack = stack();
    let alarm = |id: &str| {
        let alarm = stack.properties(id);
        assert_eq!(alarm["AlarmActions"], json!([arn_of("AlarmTopic")]), "{id}");
        alarm
    };
    assert_eq!(alarm("RunFailedAlarm")["MetricName"], "ExecutionsFailed");
    assert_eq!(alarm("RunHaltedAlarm")["MetricName"], "RunsHalted");
    assert_eq!(
        alarm("DeadLettersAlarm")["Dimensions"],
        json!([{"Name": "QueueName", "Value": format!("{STACK}-DeadLetters")}])
    );
    let none = alarm("NoRunAlarm");
    assert_eq!(
        (&none["MetricName"], &none["Period"], &none["EvaluationPeriods"], &none["TreatMissingData"]),
        (&json!("RunsCompleted"), &json!(3600), &json!(3), &json!("breaching"))
    );
    assert!(
        !Template::read().with(&[("ScheduleState", "DISABLED")]).has("NoRunAlarm"),
        "where nothing is scheduled, nothing is missing"
    );
}

#[test]
fn the_alarms_tell_of_processes_that_need_people() {
    let stack = stack();
    let alarm = |id: &str| {
        let alarm = stack.properties(id);
        assert_eq!(alarm["AlarmActions"], json!([arn_of("AlarmTopic")]), "{id}");
        assert_eq!((&alarm["Threshold"], &alarm["TreatMissingData"]), (&json!(0), &json!("notBreaching")), "{id}");
        alarm
    };
    let executions = [
        ("DecommissionFailedAlarm", "ExecutionsFailed"),
        ("DecommissionTimedOutAlarm", "ExecutionsTimedOut"),
        ("DecommissionStoppedAlarm", "ExecutionsAborted"),
    ];
    for (id, metric) in executions {
        assert_eq!(alarm(id)["MetricName"], metric);
        assert_eq!(
            alarm(id)["Dimensions"],
            json!([{"Name": "StateMachineArn", "Value": arn_of("Decommission")}]),
            "{id}"
        );
    }
    assert_eq!(alarm("RollbackFailedAlarm")["MetricName"], "RollbackFailed");
    assert_eq!(alarm("ProcessHeldAlarm")["MetricName"], "ProcessesHeld");
    assert_eq!(alarm("NoticesFailedAlarm")["MetricName"], "NoticesFailed");
    for (id, function) in [("ApproveErrorsAlarm", "ApproveFunction"), ("ApprovePageErrorsAlarm", "ApprovePageFunction")]
    {
        assert_eq!(alarm(id)["MetricName"], "Errors");
        assert_eq!(
            alarm(id)["Dimensions"],
            json!([{"Name": "FunctionName", "Value": format!("{STACK}-{function}")}]),
            "{id}"
        );
    }
}

#[test]
fn alarms_go_to_a_topic_that_cloudwatch_can_write_to() {
    // CloudWatch may not use the key alias/aws/sns, and an alarm that it cannot deliver is lost in silence.
    let stack = stack();
    assert_eq!(stack.properties("NoticeTopic")["KmsMasterKeyId"], "alias/aws/sns");
    assert!(stack.resource("AlarmTopic")["Properties"].get("KmsMasterKeyId").is_none());
    assert!(!stack.has("NoticeEmail") && !stack.has("AlarmEmail"));
    let with = Template::read().with(&[("NotificationEmail", "ops@example.com")]);
    assert_eq!(
        (&with.properties("NoticeEmail")["Endpoint"], &with.properties("AlarmEmail")["Endpoint"]),
        (&json!("ops@example.com"), &json!("ops@example.com"))
    );
}

#[test]
fn what_is_drawn_and_watched_is_what_the_functions_write() {
    let stack = Template::read().with(&[("CreateDashboard", "true")]);
    for (id, alarm) in
        stack.of_type("AWS::CloudWatch::Alarm").into_iter().filter(|(_, alarm)| alarm["Namespace"] == "Sunset")
    {
        assert!(METRICS.contains(&alarm["MetricName"].as_str().unwrap()), "{id}");
        assert_eq!(alarm["Dimensions"], json!([{"Name": "Stack", "Value": STACK}]), "{id}");
    }
    let body: Value = serde_json::from_str(stack.properties("Dashboard")["DashboardBody"].as_str().unwrap()).unwrap();
    let drawn: Vec<&Value> = body["widgets"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap())
        .collect();
    let ours: BTreeSet<&str> =
        drawn.into_iter().filter(|metric| metric[0] == "Sunset").map(|metric| metric[1].as_str().unwrap()).collect();
    assert_eq!(ours, METRICS.into_iter().collect());
    assert!(!stack_without_dashboard().has("Dashboard"));
}

fn stack_without_dashboard() -> Deployed {
    Template::read().with(&[("CreateDashboard", "false")])
}

#[test]
fn the_outputs_are_commands_that_can_be_pasted() {
    let outputs = stack().outputs;
    let argument = |output: &str, flag: &str| -> Value {
        let line = outputs[output]["Value"].as_str().unwrap();
        let quoted = line.split_once(flag).unwrap().1.split('\'').nth(1).unwrap();
        serde_json::from_str(quoted).unwrap()
    };
    let pause = json!({"pk": {"S": "PAUSE"}, "sk": {"S": "META"}});
    assert_eq!((argument("PauseCommand", "--item"), argument("ResumeCommand", "--key")), (pause.clone(), pause));
    assert_eq!(argument("StartDryRunCommand", "--input"), json!({"schema": 1, "mode": "dry-run"}));
    let start = Start::parse(argument("StartDecommissionDryRunCommand", "--input"), &Terms::default(), false);
    assert_eq!(start.unwrap().mode, Mode::DryRun);
    let verify = ValidateEvent::parse(argument("VerifyAuditCommand", "--payload"));
    assert!(matches!(verify, Ok(ValidateEvent::VerifyAudit(_))), "{verify:?}");
    for output in [
        "StateMachineArn",
        "DecommissionStateMachineArn",
        "ApproveUrl",
        "ApprovalPageUrl",
        "LinkKeysParameter",
        "ApproversPolicyArn",
        "TableName",
        "AuditTableName",
        "TrackingTableName",
        "DependenciesTableName",
        "BucketName",
        "TopicArn",
    ] {
        assert!(outputs[output]["Value"].is_string(), "{output}");
    }
}

#[test]
fn the_default_environment_of_samconfig_is_dry_and_the_live_one_live() {
    let overrides = |environment: &str| sunset_deployment::samconfig::overrides(&text("samconfig.toml"), environment);
    assert_eq!(overrides("default"), [("AllowLive", "false"), ("Mode", "dry-run")].map(owned));
    assert_eq!(overrides("live"), [("AllowLive", "true"), ("Mode", "live")].map(owned));
    // Every name is a parameter, else `with` fails.
    for environment in ["default", "live", "tutorial"] {
        let overrides = overrides(environment);
        let borrowed: Vec<(&str, &str)> =
            overrides.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let _stack = Template::read().with(&borrowed);
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
