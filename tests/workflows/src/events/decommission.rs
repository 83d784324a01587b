//! The events of decommission's functions, which are about the process that `assess-admit` begins.

use serde_json::json;

use crate::events::{Send, event};

/// Those that the state machine sends about a process, beside the one that begins it.
const ABOUT_A_PROCESS: [&str; 23] = [
    "assess-assess",
    "assess-reassess",
    "plan-draft",
    "plan-confirm",
    "approve-auto",
    "approve-await-notice",
    "approve-notice-over",
    "approve-request",
    "approve-await",
    "approve-remind",
    "approve-escalate",
    "approve-tally",
    "approve-soak",
    "approve-await-window",
    "approve-hold",
    "approve-resolution",
    "execute-reversible",
    "execute-window",
    "execute-irreversible",
    "execute-rollback",
    "validate-check",
    "validate-report",
    "validate-verify-audit",
];

/// Those that nobody has any use for once the process has ended.
const TOO_LATE: [&str; 13] = [
    "assess-reassess",
    "plan-confirm",
    "approve-await-notice",
    "approve-notice-over",
    "approve-request",
    "approve-await",
    "approve-remind",
    "approve-escalate",
    "approve-tally",
    "approve-soak",
    "approve-await-window",
    "approve-hold",
    "execute-window",
];

/// Sends every one of them.
pub(super) fn send_each(send: Send<'_>) {
    of_no_process(send);
    of_a_dry_process(send);
    of_one_that_has_ended(send);
}

fn of_no_process(send: Send<'_>) {
    for name in ABOUT_A_PROCESS {
        let (error, message) = send(name).expect_err("a process that nobody knows");
        assert_eq!(error, "Sunset.Invalid", "{name}: {message}");
        let process_id = event(name)["process_id"].as_str().expect("a process").to_owned();
        assert!(message.contains(&process_id) && message.contains("no such process"), "{name}: {message}");
    }
    answers_people_with(send, 404);
    shows_nobody_anything(send);
}

#[track_caller]
fn answers_people_with(send: Send<'_>, status: u16) {
    for name in ["approve-vote", "approve-opt-out"] {
        let answer = send(name).expect("an answer over HTTP");
        assert_eq!(answer["statusCode"], json!(status), "{name}: {answer}");
    }
    // A vote that decides nothing wakes nobody, and is not told again.
    let told = send("approve-new-vote").expect("an answer to the stream");
    assert_eq!(told, json!({"batchItemFailures": []}));
}

fn shows_nobody_anything(send: Send<'_>) {
    for name in ["approve-page-read", "approve-page-answer"] {
        let answer = send(name).expect("an answer over HTTP");
        assert_eq!(answer["statusCode"], json!(404), "nobody signed this link: {answer}");
        let (kind, page) = (answer["headers"]["content-type"].as_str(), answer["body"].as_str());
        assert!(kind.is_some_and(|kind| kind.starts_with("text/html")), "{name}: {answer}");
        assert!(page.is_some_and(|page| page.contains("This link does not work")), "{name}: {answer}");
    }
}

fn of_a_dry_process(send: Send<'_>) {
    let answered = |name: &'static str, field: &str, value: &str| {
        let answer = send(name).unwrap_or_else(|(error, message)| panic!("{name}: {error}: {message}"));
        assert_eq!(answer[field], json!(value), "{name}: {answer}");
        answer
    };
    for _ in 0..2 {
        let admitted = answered("assess-admit", "verdict", "admitted");
        let begun = (&admitted["process_id"], &admitted["mode"]);
        assert_eq!(begun, (&event("assess-assess")["process_id"], &json!("dry-run")), "{admitted}");
    }
    answered("assess-assess", "verdict", "assessed");
    answered("plan-draft", "verdict", "drafted");
    answered("approve-auto", "decision", "ask");
    answered("approve-resolution", "choice", "none");
    answered("execute-reversible", "state", "done");
    answered("execute-irreversible", "state", "done");
    answered("validate-check", "state", "done");
    let report = answered("validate-report", "status", "completed");
    assert!(report["report"]["key"].as_str().is_some_and(|key| key.ends_with("report.md")), "{report}");
    let audit = send("validate-verify-audit").expect("an answer");
    assert_eq!((&audit["sound"], &audit["defects"]), (&json!(true), &json!([])), "{audit}");
}

fn of_one_that_has_ended(send: Send<'_>) {
    for name in TOO_LATE {
        let (error, message) = send(name).expect_err("a process that has ended");
        assert_eq!(error, "Sunset.Stale", "{name}: {message}");
        assert!(message.contains("completed"), "{name}: {message}");
    }
    answers_people_with(send, 409);
    let back = send("execute-rollback").expect("an answer");
    assert_eq!(back["status"], "completed", "nothing is taken back: {back}");
}
