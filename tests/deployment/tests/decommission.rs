//! decommission: nothing happens without an approval of what happens, what has no way back comes last and is never
//! repeated blindly, and every way leads to an end that says what became of the resource.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use sunset_deployment::state_machine::{DECOMMISSION, of_type, states, waits_for_its_token, ways_on};
use sunset_deployment::strings;
use sunset_deployment::template::{Deployed, Template};
use sunset_domain::error_name;

/// The states of the process as it was first described (C32).
const FIRST_DESCRIBED: [&str; 15] = [
    "AssessResource",
    "CheckRiskLevel",
    "AutoApprove",
    "RequestApproval",
    "RequestHighRiskApproval",
    "WaitForApproval",
    "CheckApprovalStatus",
    "ApprovalDecision",
    "PlanDecommissioning",
    "ExecuteDecommissioning",
    "ValidateDecommissioning",
    "HandleDecommissioningFailure",
    "ProcessCompleted",
    "ProcessFailed",
    "ProcessRejected",
];

/// What each Task asks of which function.
const ASKED: [(&str, &str, &str); 24] = [
    ("Admit", "Assess", "admit"),
    ("AssessResource", "Assess", "assess"),
    ("AutoApprove", "Approve", "auto"),
    ("ChangeWindow", "Execute", "window"),
    ("DraftPlan", "Plan", "draft"),
    ("EscalateApproval", "Approve", "escalate"),
    ("ExecuteIrreversible", "Execute", "irreversible"),
    ("ExecuteReversible", "Execute", "reversible"),
    ("HandleDecommissioningFailure", "Execute", "rollback"),
    ("HoldForPerson", "Approve", "hold"),
    ("NoticeOver", "Approve", "notice_over"),
    ("NoticePeriod", "Approve", "await_notice"),
    ("PlanDecommissioning", "Plan", "confirm"),
    ("Reassess", "Assess", "reassess"),
    ("RemindApprovers", "Approve", "remind"),
    ("Report", "Validate", "report"),
    ("RequestApproval", "Approve", "request"),
    ("RequestHighRiskApproval", "Approve", "request"),
    ("Resolution", "Approve", "resolution"),
    ("SoakPeriod", "Approve", "soak"),
    ("TallyVotes", "Approve", "tally"),
    ("ValidateDecommissioning", "Validate", "check"),
    ("WaitForApproval", "Approve", "await"),
    ("WaitForWindow", "Approve", "await_window"),
];

/// What takes steps forward.
const ACTS: [&str; 2] = ["ExecuteReversible", "ExecuteIrreversible"];

/// What waits for people and then asks the ledger, and which state asks.
const WAITS: [(&str, &str); 3] =
    [("NoticePeriod", "NoticeOver"), ("WaitForApproval", "TallyVotes"), ("WaitForWindow", "ChangeWindow")];

fn stack() -> Deployed {
    Template::read().with(&[])
}

fn machine() -> Value {
    DECOMMISSION.definition(&stack())
}

fn all() -> BTreeMap<String, Value> {
    states(&machine())
}

fn state(name: &str) -> Value {
    all().remove(name).unwrap_or_else(|| panic!("there is no state {name}"))
}

/// The states that can follow one.
fn next(name: &str) -> BTreeSet<String> {
    ways_on(&state(name)).into_iter().map(|(_, next)| next).collect()
}

/// Where a state goes when this is so: the Choice's condition, the error, `Next` or `Default`.
fn way(name: &str, by: &str) -> String {
    let ways = ways_on(&state(name));
    let found = ways.iter().find(|(found, _)| found == by || found == &format!("{{% {by} %}}"));
    found.unwrap_or_else(|| panic!("{name} has no way on by {by}: {ways:#?}")).1.clone()
}

/// What can be reached from a state without passing one of these.
fn reached_without(from: &str, barred: &[&str]) -> BTreeSet<String> {
    let states = all();
    let mut reached = BTreeSet::from([from.to_owned()]);
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        for (_, next) in ways_on(&states[&name]) {
            if !barred.contains(&next.as_str()) && reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}

#[test]
fn every_state_of_the_first_description_is_there_or_says_what_stands_for_it() {
    let all = all();
    for name in FIRST_DESCRIBED {
        let named =
            || all.values().any(|state| state["Comment"].as_str().is_some_and(|comment| comment.contains(name)));
        assert!(all.contains_key(name) || named(), "{name} is neither a state nor named by one");
    }
}

#[test]
fn the_states_are_those_of_the_design() {
    let found: Vec<(String, String)> =
        all().into_iter().map(|(name, state)| (name, state["Type"].as_str().unwrap().to_owned())).collect();
    let expected = [
        ("Admit", "Task"),
        ("Admitted?", "Choice"),
        ("AlreadyUnderWay", "Succeed"),
        ("ApprovalDecision", "Choice"),
        ("ApprovedByRule?", "Choice"),
        ("AssessResource", "Task"),
        ("AutoApprove", "Task"),
        ("ChangeWindow", "Task"),
        ("CheckRiskLevel", "Choice"),
        ("Confirmed?", "Choice"),
        ("DraftPlan", "Task"),
        ("EscalateApproval", "Task"),
        ("ExecuteIrreversible", "Task"),
        ("ExecuteReversible", "Task"),
        ("Gone?", "Choice"),
        ("HandleDecommissioningFailure", "Task"),
        ("HoldForPerson", "Task"),
        ("HowToApprove", "Choice"),
        ("IrreversibleDone?", "Choice"),
        ("NoticeOver", "Task"),
        ("NoticePeriod", "Task"),
        ("Objected?", "Choice"),
        ("Outcome", "Choice"),
        ("PlanDecommissioning", "Task"),
        ("ProcessBlocked", "Fail"),
        ("ProcessCompleted", "Succeed"),
        ("ProcessExpired", "Succeed"),
        ("ProcessFailed", "Fail"),
        ("ProcessRejected", "Succeed"),
        ("ProcessRolledBack", "Fail"),
        ("Reassess", "Task"),
        ("RemindApprovers", "Task"),
        ("Report", "Task"),
        ("RequestApproval", "Task"),
        ("RequestHighRiskApproval", "Task"),
        ("Resolution", "Task"),
        ("Resolved?", "Choice"),
        ("ReversibleDone?", "Choice"),
        ("RollbackFailed", "Fail"),
        ("RolledBack?", "Choice"),
        ("SoakOver?", "Choice"),
        ("SoakPeriod", "Task"),
        ("TallyVotes", "Task"),
        ("ValidateDecommissioning", "Task"),
        ("WaitForApproval", "Task"),
        ("WaitForDeadline", "Wait"),
        ("WaitForIrreversible", "Wait"),
        ("WaitForNotice", "Wait"),
        ("WaitForReversible", "Wait"),
        ("WaitForRollback", "Wait"),
        ("WaitForSoak", "Wait"),
        ("WaitForValidation", "Wait"),
        ("WaitForWindow", "Task"),
        ("WaitToHold", "Wait"),
        ("WaitToRemind", "Wait"),
        ("WindowOpen?", "Choice"),
    ];
    assert_eq!(found, expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
}

#[test]
fn every_task_asks_its_function_by_the_processs_id_alone() {
    let tasks: BTreeMap<String, Value> = of_type(&machine(), "Task").into_iter().collect();
    assert_eq!(tasks.keys().map(String::as_str).collect::<Vec<_>>(), ASKED.map(|(name, _, _)| name));
    for (name, function, action) in ASKED {
        let task = &tasks[name];
        assert!(
            task["Arguments"]["FunctionName"].as_str().unwrap().ends_with(&format!("-{function}:live")),
            "{name}: {}",
            task["Arguments"]["FunctionName"]
        );
        let mut expected = json!({"schema": 1, "action": action, "process_id": "{% $process_id %}"});
        if waits_for_its_token(task) {
            expected["task_token"] = "{% $states.context.Task.Token %}".into();
        }
        if ["hold", "rollback"].contains(&action) {
            expected["error"] = "{% $error %}".into();
        }
        if action == "admit" {
            expected = json!({
                "schema": 1,
                "action": "admit",
                "execution": {
                    "arn": "{% $states.context.Execution.Id %}",
                    "name": "{% $states.context.Execution.Name %}",
                    "started_at": "{% $states.context.Execution.StartTime %}",
                },
                "input": "{% $states.input %}",
            });
        }
        assert_eq!(task["Arguments"]["Payload"], expected, "{name}");
    }
}

#[test]
fn no_state_carries_a_document() {
    // A function's answer is the whole output, so nothing piles up on the way (C68); what a token was woken with is
    // dropped, whoever sent it.
    for (name, task) in of_type(&machine(), "Task") {
        let expected = if waits_for_its_token(&task) { json!({}) } else { json!("{% $states.result.Payload %}") };
        assert_eq!(task["Output"], expected, "{name}");
    }
    let mut variables = BTreeSet::new();
    for state in all().values() {
        let rules = state["Choices"].as_array().into_iter().flatten();
        let catches = state["Catch"].as_array().into_iter().flatten();
        for assigned in rules.chain(catches).chain([state]).filter_map(|holder| holder["Assign"].as_object()) {
            variables.extend(assigned.keys().cloned());
        }
    }
    let small = ["error", "mode", "notice_seconds", "process_id", "rounds", "seconds_left", "unanswered", "wakes"];
    assert_eq!(variables, small.map(str::to_owned).into());
}

#[test]
fn every_variable_is_assigned_before_it_is_read() {
    // One that is not fails the state that reads it.
    let first: BTreeSet<String> = state("Admit")["Assign"].as_object().unwrap().keys().cloned().collect();
    // Whoever begins a round says how long it is, and the rule how long its notice is.
    let without_a_round = reached_without("Admit", &["RequestApproval", "RequestHighRiskApproval"]);
    let without_the_rule = reached_without("Admit", &["AutoApprove"]);
    for (name, reader) in all() {
        let text = reader.to_string();
        for variable in ["process_id", "mode", "error", "rounds", "wakes", "unanswered"] {
            assert!(!text.contains(&format!("${variable}")) || first.contains(variable), "{name} reads {variable}");
        }
        let later = [
            ("seconds_left", ["RequestApproval", "RequestHighRiskApproval"].as_slice(), &without_a_round),
            ("notice_seconds", &["AutoApprove"], &without_the_rule),
        ];
        for (variable, assigned_by, not_yet) in later {
            if text.contains(&format!("${variable}")) {
                assert!(!not_yet.contains(&name), "{name} reads {variable}");
                for by in assigned_by {
                    assert!(state(by)["Assign"].get(variable).is_some(), "{by} does not say {variable}");
                }
            }
        }
    }
}

#[test]
fn approvers_are_asked_about_a_plan() {
    let without_a_plan = reached_without("Admit", &["DraftPlan"]);
    for asking in ["AutoApprove", "RequestApproval", "RequestHighRiskApproval"] {
        assert!(!without_a_plan.contains(asking), "{asking}");
    }
}

#[test]
fn nothing_is_done_for_a_live_process_before_a_tally_or_the_rule_and_a_confirmed_plan() {
    assert_eq!(way("HowToApprove", "$mode = 'dry-run'"), "ExecuteReversible");
    let mut to_an_act: Vec<(String, String)> = Vec::new();
    for (name, state) in all() {
        let ways = ways_on(&state).into_iter().filter(|(_, next)| next == "ExecuteReversible");
        to_an_act.extend(ways.map(|(by, _)| (name.clone(), by)));
    }
    let expected = [
        ("Confirmed?", "{% $states.input.verdict = 'confirmed' %}"),
        ("HowToApprove", "{% $mode = 'dry-run' %}"),
        ("WaitForReversible", "Next"),
    ];
    assert_eq!(to_an_act, expected.map(|(from, by)| (from.to_owned(), by.to_owned())));
    let confirming: Vec<String> =
        all().keys().filter(|name| next(name).contains("PlanDecommissioning")).cloned().collect();
    assert_eq!(confirming, ["ApprovalDecision", "Objected?"]);
    assert_eq!(way("ApprovalDecision", "$states.input.decision = 'approved'"), "PlanDecommissioning");
    assert_eq!(way("Objected?", "$states.input.decision = 'over'"), "PlanDecommissioning");
}

#[test]
fn what_the_rule_approves_is_not_begun_before_its_notice_is_over_and_nobody_objected() {
    // (C71)
    assert_eq!(way("ApprovedByRule?", "$states.input.decision = 'approved'"), "NoticePeriod");
    let asking_nobody = reached_without(
        "AutoApprove",
        &["RequestApproval", "RequestHighRiskApproval", "NoticeOver", "HandleDecommissioningFailure"],
    );
    for act in ACTS.iter().chain(&["PlanDecommissioning"]) {
        assert!(!asking_nobody.contains(*act), "{act} is reached without the notice");
    }
    assert_eq!(state("NoticePeriod")["TimeoutSeconds"], "{% $notice_seconds + 1 %}");
    assert_eq!(next("NoticeOver"), ["HandleDecommissioningFailure", "Objected?"].map(str::to_owned).into());
    assert_eq!(way("Objected?", "$states.input.decision = 'opted_out'"), "Report", "nothing was changed");
    assert_eq!(way("Objected?", "$states.input.decision = 'waiting' and $wakes < 50"), "WaitForNotice");
    assert_eq!(way("WaitForNotice", "Next"), "NoticeOver");
    assert_eq!(way("Objected?", "Default"), "HandleDecommissioningFailure");
}

#[test]
fn a_changed_plan_is_asked_for_again() {
    assert_eq!(way("Confirmed?", "$states.input.verdict = 'changed'"), "RequestHighRiskApproval");
    assert_eq!(way("Confirmed?", "Default"), "Report");
}

#[test]
fn medium_risk_is_never_approved_by_the_rule() {
    assert_eq!(way("HowToApprove", "$states.input.risk_level = 'low'"), "AutoApprove");
    assert_eq!(way("HowToApprove", "$states.input.risk_level = 'medium'"), "RequestApproval");
    assert_eq!(way("HowToApprove", "Default"), "RequestHighRiskApproval");
    assert_eq!(way("ApprovedByRule?", "Default"), "RequestApproval");
    let asking: Vec<String> = all().keys().filter(|name| next(name).contains("AutoApprove")).cloned().collect();
    assert_eq!(asking, ["HowToApprove"]);
}

#[test]
fn what_wakes_a_state_decides_nothing() {
    for (name, asks) in WAITS {
        assert_eq!(way(name, "Next"), asks);
        assert_eq!(way(name, "States.Timeout"), asks);
        assert_eq!(way(name, "States.ALL"), asks);
        assert_eq!(next(name), ["HandleDecommissioningFailure", asks].map(str::to_owned).into());
        // The function's own errors, and Lambda's: nobody could be waited for.
        let catches = state(name)["Catch"].clone();
        let own = strings(&catches[1]["ErrorEquals"]);
        for error in error_name::OF_FUNCTIONS.into_iter().filter(|error| *error != error_name::RUN_FAILED) {
            assert!(own.iter().any(|caught| caught == error), "{name} takes {error} for an answer");
        }
        assert_eq!(catches[1]["Next"], "HandleDecommissioningFailure", "{name}");
    }
    assert_eq!(
        way("ApprovalDecision", "$states.input.decision in ['rejected', 'expired']"),
        "Report",
        "nothing was changed, so nothing is taken back"
    );
}

#[test]
fn a_round_begins_once_and_is_then_waited_for() {
    let mut beginning: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, state) in all() {
        for (_, to) in ways_on(&state).into_iter().filter(|(_, to)| to.starts_with("Request")) {
            beginning.entry(to).or_default().push(name.clone());
        }
    }
    let expected = [
        ("RequestApproval", vec!["ApprovedByRule?", "HowToApprove"]),
        ("RequestHighRiskApproval", vec!["Confirmed?", "HowToApprove"]),
    ];
    let expected = expected.map(|(to, from)| (to.to_owned(), from.into_iter().map(str::to_owned).collect::<Vec<_>>()));
    assert_eq!(beginning, expected.into());
    for name in ["RequestApproval", "RequestHighRiskApproval"] {
        assert!(!waits_for_its_token(&state(name)), "{name}");
        assert_eq!(next(name), ["HandleDecommissioningFailure", "WaitForApproval"].map(str::to_owned).into());
    }
}

#[test]
fn a_state_that_is_woken_for_nothing_waits_fifty_times_and_then_for_the_deadline() {
    let waiting = "$states.input.decision = 'waiting'";
    assert_eq!(way("ApprovalDecision", &format!("{waiting} and $wakes < 50")), "WaitForApproval");
    assert_eq!(way("ApprovalDecision", &format!("{waiting} and $rounds < 700")), "WaitForDeadline");
    assert_eq!(way("WaitForDeadline", "Next"), "TallyVotes");
    for name in ["ApprovalDecision", "Objected?"] {
        for rule in state(name)["Choices"].as_array().unwrap() {
            if rule["Condition"].as_str().unwrap().contains("$wakes < 50") {
                assert_eq!(rule["Assign"], json!({"wakes": "{% $wakes + 1 %}"}), "{name}");
            }
        }
    }
}

#[test]
fn a_reminder_and_an_escalation_that_are_due_are_told_and_the_waiting_goes_on() {
    let rules = state("ApprovalDecision")["Choices"].as_array().unwrap().clone();
    let place = |to: &str| rules.iter().position(|rule| rule["Next"] == to).unwrap();
    // More people are asked before those who are late are reminded, and both before the state rests again.
    assert!(place("EscalateApproval") < place("RemindApprovers"));
    assert!(place("RemindApprovers") < place("WaitForApproval"));
    for (name, due) in [("EscalateApproval", "escalate"), ("RemindApprovers", "remind")] {
        let by = format!("$states.input.decision = 'waiting' and $states.input.due = '{due}' and $rounds < 200");
        assert_eq!(way("ApprovalDecision", &by), name);
        // A failing call comes back here, so each is counted.
        assert_eq!(rules[place(name)]["Assign"], json!({"rounds": "{% $rounds + 1 %}"}), "{name}");
        assert_eq!(way(name, "Next"), "WaitForApproval");
        assert_eq!(way(name, "States.ALL"), "WaitToRemind", "a late reminder fails no process");
        assert!(state(name)["Assign"].get("seconds_left").is_some(), "{name}");
    }
    assert_eq!(
        (way("WaitToRemind", "Next"), &state("WaitToRemind")["Seconds"]),
        ("TallyVotes".to_owned(), &json!(300))
    );
}

#[test]
fn no_waiting_for_people_leads_straight_to_an_act() {
    for (name, task) in of_type(&machine(), "Task").into_iter().filter(|(_, task)| waits_for_its_token(task)) {
        for next in next(&name) {
            assert!(!ACTS.contains(&next.as_str()), "{name} leads to {next}");
        }
        assert!(task["Retry"].to_string().contains("Sunset.Throttled"), "{name}");
        assert!(!task["Retry"].to_string().contains("States.Timeout"), "{name} would wait once more");
    }
    assert_eq!(way("HoldForPerson", "Next"), "Resolution");
    assert_eq!(way("HoldForPerson", "States.Timeout"), "Resolution");
}

#[test]
fn a_soak_that_ends_early_leads_back_and_one_that_is_over_is_looked_at_again() {
    assert_eq!(way("SoakPeriod", "States.Timeout"), "ChangeWindow");
    assert_eq!(way("SoakOver?", "$states.input.verdict = 'waiting' and $rounds < 700"), "WaitForSoak");
    for early in ["Next", "States.ALL"] {
        assert_eq!(way("SoakPeriod", early), "HandleDecommissioningFailure");
    }
    assert_eq!(state("SoakPeriod")["TimeoutSeconds"], "{% $states.input.soak_seconds %}");
    assert_eq!(way("ReversibleDone?", "$states.input.state = 'done'"), "SoakPeriod");
    assert_eq!(way("SoakOver?", "$states.input.verdict = 'proceed'"), "ExecuteIrreversible");
    assert_eq!(way("SoakOver?", "Default"), "HandleDecommissioningFailure");
}

#[test]
fn what_has_no_way_back_begins_after_a_soak_in_a_window_and_a_fresh_look_or_by_a_persons_word_or_dry() {
    let mut ways: Vec<(String, String)> = Vec::new();
    for (name, state) in all() {
        let to = ways_on(&state).into_iter().filter(|(_, next)| next == "ExecuteIrreversible");
        ways.extend(to.map(|(by, _)| (name.clone(), by)));
    }
    let expected = [
        ("Resolved?", "{% $states.input.choice = 'retry' %}"),
        ("ReversibleDone?", "{% $states.input.state = 'done' and $mode = 'dry-run' %}"),
        ("SoakOver?", "{% $states.input.verdict = 'proceed' %}"),
        ("WaitForIrreversible", "Next"),
        // Only where something irreversible was intended already: before that, the second look comes first.
        ("WindowOpen?", "{% $states.input.state = 'open' and $states.input.next = 'execute' %}"),
    ];
    assert_eq!(ways, expected.map(|(from, by)| (from.to_owned(), by.to_owned())));
    assert_eq!(
        way("WindowOpen?", "$states.input.state = 'open' and $states.input.next = 'reassess'"),
        "Reassess",
        "an open window lets the second look begin, not the act"
    );
}

#[test]
fn nothing_irreversible_is_reached_from_the_soak_past_the_window_or_the_second_look() {
    // The way back also leads to people, whose word comes only after something irreversible.
    let back = "HandleDecommissioningFailure";
    assert!(!reached_without("SoakPeriod", &["ChangeWindow", back]).contains("ExecuteIrreversible"));
    let without_a_look = reached_without("SoakPeriod", &["Reassess", back]);
    let begins: Vec<&String> = without_a_look
        .iter()
        .filter(|name| next(name).contains("ExecuteIrreversible") && *name != "WaitForIrreversible")
        .collect();
    assert_eq!(begins, ["WindowOpen?"], "and there only where it was begun before");
    let looking: Vec<String> = all().keys().filter(|name| next(name).contains("Reassess")).cloned().collect();
    assert_eq!(looking, ["WaitForSoak", "WindowOpen?"]);
    assert_eq!(next("SoakPeriod"), ["ChangeWindow", back].map(str::to_owned).into());
}

#[test]
fn a_closed_window_is_waited_for_and_one_that_never_opens_leads_back() {
    assert_eq!(way("WindowOpen?", "$states.input.state in ['closed', 'waiting'] and $rounds < 700"), "WaitForWindow");
    assert_eq!(way("WindowOpen?", "Default"), "HandleDecommissioningFailure");
    assert_eq!(way("ChangeWindow", "States.ALL"), "HandleDecommissioningFailure");
    // A calendar may change meanwhile.
    assert_eq!(state("WaitForWindow")["TimeoutSeconds"], "{% $min([$max([$states.input.wait_seconds, 1]), 86400]) %}");
    assert_eq!(
        way("IrreversibleDone?", "$states.input.state = 'closed' and $rounds < 700"),
        "ChangeWindow",
        "a window may close between two steps"
    );
}

#[test]
fn what_fails_before_the_point_of_no_return_is_taken_back() {
    for name in [
        "AssessResource",
        "DraftPlan",
        "AutoApprove",
        "NoticeOver",
        "RequestApproval",
        "RequestHighRiskApproval",
        "TallyVotes",
        "PlanDecommissioning",
        "ExecuteReversible",
        "SoakPeriod",
        "ChangeWindow",
        "Reassess",
    ] {
        assert_eq!(way(name, "States.ALL"), "HandleDecommissioningFailure", "{name}");
    }
    assert_eq!(way("ReversibleDone?", "Default"), "HandleDecommissioningFailure");
    assert_eq!(way("IrreversibleDone?", "$states.input.state = 'roll_back'"), "HandleDecommissioningFailure");
    assert_eq!(way("Admit", "States.ALL"), "ProcessFailed", "nothing exists yet");
}

#[test]
fn what_fails_after_it_is_held_for_a_person_and_never_repeated_blindly() {
    for name in ["ExecuteIrreversible", "ValidateDecommissioning"] {
        assert_eq!(way(name, "States.ALL"), "HandleDecommissioningFailure", "{name}");
    }
    for name in ["IrreversibleDone?", "Gone?"] {
        assert_eq!(way(name, "Default"), "HandleDecommissioningFailure", "{name}");
    }
    assert_eq!(way("RolledBack?", "$states.input.state = 'held'"), "HoldForPerson");
    let choices = [
        ("$states.input.choice = 'retry'", "ExecuteIrreversible"),
        ("$states.input.choice = 'accept'", "Report"),
        ("$states.input.choice = 'recover'", "HandleDecommissioningFailure"),
    ];
    for (choice, leads_to) in choices {
        assert_eq!(way("Resolved?", choice), leads_to);
    }
}

#[test]
fn completed_is_what_was_validated_and_every_end_is_reported() {
    // (C70): the validation's answer is asked, and every way to an end but two passes the report.
    assert_eq!(way("Gone?", "$states.input.state = 'done'"), "Report");
    let unreported = reached_without("Admit", &["Report"]);
    let ends = ["Succeed", "Fail"];
    let ends: BTreeSet<String> = all()
        .into_iter()
        .filter(|(_, state)| ends.iter().any(|end| state["Type"] == *end))
        .map(|(name, _)| name)
        .collect();
    let unreported: BTreeSet<&String> = ends.intersection(&unreported).collect();
    assert_eq!(unreported, [&"AlreadyUnderWay".to_owned(), &"ProcessFailed".to_owned()].into());
    assert_eq!(way("Outcome", "$states.input.status = 'completed'"), "ProcessCompleted");
    assert_eq!(way("Outcome", "Default"), "ProcessFailed");
}

#[test]
fn every_end_has_a_name_of_its_own() {
    // (C72)
    let ends = [
        ("$states.input.status = 'completed'", "ProcessCompleted", None),
        ("$states.input.status in ['rejected', 'cancelled']", "ProcessRejected", None),
        ("$states.input.status = 'expired'", "ProcessExpired", None),
        ("$states.input.status = 'blocked'", "ProcessBlocked", Some(error_name::BLOCKED)),
        ("$states.input.status = 'rolled_back'", "ProcessRolledBack", Some(error_name::ROLLED_BACK)),
        ("$states.input.status = 'rollback_failed'", "RollbackFailed", Some(error_name::ROLLBACK_FAILED)),
    ];
    for (by, end, error) in ends {
        assert_eq!(way("Outcome", by), end);
        match error {
            None => assert_eq!(state(end)["Type"], "Succeed", "{end}"),
            Some(error) => assert_eq!((&state(end)["Type"], &state(end)["Error"]), (&json!("Fail"), &json!(error))),
        }
        // A Succeed's output is its input: the report's answer, with the status.
        assert!(state(end).get("Output").is_none(), "{end}");
    }
    let failed = state("ProcessFailed")["Error"].as_str().unwrap().to_owned();
    assert!(failed.contains("$error.Error") && failed.contains(error_name::PROCESS_FAILED), "{failed}");
}

#[test]
fn every_loop_waits_longer_each_time_and_together_they_fit_into_the_history() {
    for (name, to) in [
        ("WaitForReversible", "ExecuteReversible"),
        ("WaitForIrreversible", "ExecuteIrreversible"),
        ("WaitForValidation", "ValidateDecommissioning"),
        ("WaitForRollback", "HandleDecommissioningFailure"),
    ] {
        assert_eq!(state(name)["Seconds"], "{% $min([$max([$states.input.wait_seconds, 1]), 900]) %}", "{name}");
        assert_eq!(way(name, "Next"), to);
    }
    // Every way round a loop is counted, so that the sum of all loops is bounded: 15 events a round, 30 where a reminder
    // fails, and 25,000 at most.
    let mut counted = BTreeMap::new();
    for (name, choice) in of_type(&machine(), "Choice") {
        for rule in choice["Choices"].as_array().unwrap() {
            let Some((_, counter)) = rule["Condition"].as_str().unwrap().split_once("and $") else { continue };
            let Some((counter, limit)) = counter.split_once(" < ") else { continue };
            let counter = counter.rsplit('$').next().unwrap();
            let limit: u32 = limit.trim_end_matches(" %}").parse().unwrap();
            assert_eq!(rule["Assign"], json!({counter: format!("{{% ${counter} + 1 %}}")}), "{name}");
            counted.insert(rule["Next"].as_str().unwrap().to_owned(), format!("{counter} < {limit}"));
        }
    }
    let expected = [
        ("ChangeWindow", "rounds < 700"),
        ("EscalateApproval", "rounds < 200"),
        ("RemindApprovers", "rounds < 200"),
        ("WaitForApproval", "wakes < 50"),
        ("WaitForDeadline", "rounds < 700"),
        ("WaitForIrreversible", "rounds < 700"),
        ("WaitForNotice", "wakes < 50"),
        ("WaitForReversible", "rounds < 700"),
        ("WaitForRollback", "rounds < 1000"),
        ("WaitForSoak", "rounds < 700"),
        ("WaitForValidation", "rounds < 700"),
        ("WaitForWindow", "rounds < 700"),
    ];
    assert_eq!(counted, expected.map(|(to, limit)| (to.to_owned(), limit.to_owned())).into());
    // The way back keeps rounds of its own, and asking a held process's people again is counted too.
    assert_eq!(way("Resolved?", "$unanswered < 365"), "HoldForPerson");
    assert_eq!(state("WaitToHold")["Seconds"], 3600);
    let (reminding, others, back, held, woken) = (200 * 30, 500 * 15, 300 * 9, 365 * 15, 50 * 15);
    assert!(reminding + others + back + held + woken < 24_000);
}

#[test]
fn no_loop_goes_round_uncounted() {
    // Without the ways that count, no state leads to itself. But a plan that changed is asked for again, three times at
    // most; a person may let a held process go on as often as they like; and a held process whose ledger cannot be read
    // is looked at every hour, until the history is full and its execution ends: it stays held, and the alarm tells.
    let counts = |by: &str| ["$rounds < ", "$wakes < ", "$unanswered < "].iter().any(|count| by.contains(count));
    let by_people = ["$states.input.verdict = 'changed'", "$states.input.choice = "];
    let ways = |state: &Value| -> Vec<String> {
        let ways = ways_on(state).into_iter();
        ways.filter(|(by, _)| !counts(by) && !by_people.iter().any(|word| by.contains(word)))
            .map(|(_, to)| to)
            .collect()
    };
    let states = all();
    for start in states.keys() {
        let (mut reached, mut open) = (BTreeSet::new(), ways(&states[start]));
        while let Some(name) = open.pop() {
            if reached.insert(name.clone()) {
                open.extend(ways(&states[&name]));
            }
        }
        let hourly = ["Resolution", "WaitToHold"].contains(&start.as_str());
        assert_eq!(reached.contains(start), hourly, "{start} comes round again uncounted");
    }
}

#[test]
fn the_longest_process_fits_into_its_execution() {
    let template = Template::read();
    let most = |parameter: &str| template.0["Parameters"][parameter]["MaxValue"].as_u64().unwrap();
    // The notice, the first asking and three more (30 days are also the policy file's most), the soak, one hold, and two
    // months for steps, change windows and waits.
    let people = most("NoticeSeconds") + 4 * (most("ApprovalSeconds") + 60);
    let longest = people + most("SoakSeconds") + most("HoldSeconds") + 2 * 2_592_000;
    assert!(longest <= machine()["TimeoutSeconds"].as_u64().unwrap(), "{longest} seconds");
}

#[test]
fn people_have_until_the_deadline_and_the_tally_comes_after_it() {
    assert_eq!(state("WaitForApproval")["TimeoutSeconds"], "{% $seconds_left + 2 %}");
    for name in ["RequestApproval", "RequestHighRiskApproval", "RemindApprovers", "EscalateApproval"] {
        assert_eq!(
            state(name)["Assign"]["seconds_left"],
            "{% $type($states.result.Payload.wait_seconds) = 'number' ? $states.result.Payload.wait_seconds : 0 %}",
            "{name}"
        );
    }
    let held = Template::read().with(&[("HoldSeconds", "3600")]);
    let hold = states(&DECOMMISSION.definition(&held)).remove("HoldForPerson").unwrap();
    assert_eq!(hold["TimeoutSeconds"], "{% 3600 %}");
    // Asked again, people have the whole time again: a new round sets it.
    assert_eq!(way("Confirmed?", "$states.input.verdict = 'changed'"), "RequestHighRiskApproval");
}

#[test]
fn the_way_back_is_tried_longest() {
    let attempts = |name: &str| state(name)["Retry"][0]["MaxAttempts"].as_u64().unwrap();
    for (name, _) in of_type(&machine(), "Task") {
        assert!(name == "HandleDecommissioningFailure" || attempts(&name) < attempts("HandleDecommissioningFailure"));
    }
    assert_eq!(way("HandleDecommissioningFailure", "States.ALL"), "Report");
}
