use proptest::prelude::*;

use super::*;
use crate::approval::fixtures::{assessment, harmless, plan, record, round, runbook};
use crate::approval::notice::tests::{URL, by_rule, shown};

const LINK: &str = "https://k3q7zjd5hbt8ma0cwvy2f4kx6n.lambda-url.eu-central-1.on.aws/?l=v1.20261120a.eyJw.c2ln";
const WAITING: &str = "https://k3q7zjd5hbt8ma0cwvy2f4kx6n.lambda-url.eu-central-1.on.aws/?l=v1.20261120a.eyJ3.bWFj";

fn with_link() -> Ways<'static> {
    Ways { link: Some(LINK), waiting: Some(WAITING), approve_url: URL, link_decides: true }
}

fn that_only_shows() -> Ways<'static> {
    Ways { link_decides: false, ..with_link() }
}

fn without_page() -> Ways<'static> {
    Ways { approve_url: URL, ..Ways::default() }
}

/// Every personal notice, by every way.
pub(in crate::approval::notice) fn all(
    record: &ProcessRecord,
    assessment: &Assessment,
    plan: &Plan,
    text: &str,
) -> Vec<Notice> {
    let round = record.round.as_ref().unwrap();
    let ruled = ProcessRecord { reason: record.reason.clone(), resource_owner: Some(text.into()), ..by_rule() };
    [with_link(), that_only_shows(), without_page()]
        .into_iter()
        .flat_map(|ways| {
            [
                asked(record, round, assessment, plan, "grace", ways),
                reminder(record, round, assessment, plan, "grace", text, ways),
                escalation(record, round, assessment, plan, "grace", ways),
                objection_possible(&ruled, assessment, plan, "grace", ways),
            ]
        })
        .collect()
}

#[test]
fn a_person_reads_what_why_them_until_when_and_where_to_answer() {
    let mut round = round();
    round.required[0].standing_in.insert("grace".into(), "edith".into());
    let notice = asked(&record(), &round, &assessment(), &plan(runbook()), "grace", with_link());
    insta::assert_snapshot!(shown(&notice), @r#"
    Answer by 2026-11-23T09:00:00Z: EBSVolume vol-0123456789abcdef0 (high risk)

    EBSVolume vol-0123456789abcdef0 ("web-data") is to be retired, and you are asked whether it may go.

      for: grace
      why you: infrastructure-manager, standing in for edith (the risk is high)
      why you: security-team (the risk is high)
      until: 2026-11-23T09:00:00Z; undecided by then, the process ends and nothing is changed
      risk: high, 6 points
      saves: about $0.00 a month, less $0.00 for its backups as long as they are kept
      started by: "carol", at 2026-11-20T08:55:00Z
      reason: "nothing has used it since spring"

    To read everything about it, and to answer:
    https://k3q7zjd5hbt8ma0cwvy2f4kx6n.lambda-url.eu-central-1.on.aws/?l=v1.20261120a.eyJw.c2ln
    This link is yours alone: whoever has it stands for you. Do not forward it. It answers once, until 2026-11-23T09:00:00Z.

    Everything that waits for you (this link is yours alone too):
    https://k3q7zjd5hbt8ma0cwvy2f4kx6n.lambda-url.eu-central-1.on.aws/?l=v1.20261120a.eyJ3.bWFj

      process: 01KAG3V7Q4M2ZD9X5T8R6W0B1C (DECOMM-20261120085500-vol-0123456789abcdef0)
      resource: EBSVolume vol-0123456789abcdef0 in account 123456789012

    Audit trail: 5 events, head 5:5555555555555555555555555555555555555555555555555555555555555555
    "#);
}

#[test]
fn a_link_that_only_shows_says_so_and_how_to_answer() {
    let notice = asked(&record(), &round(), &assessment(), &plan(runbook()), "grace", that_only_shows());
    insta::assert_snapshot!(shown(&notice), @r#"
    Answer by 2026-11-23T09:00:00Z: EBSVolume vol-0123456789abcdef0 (high risk)

    EBSVolume vol-0123456789abcdef0 ("web-data") is to be retired, and you are asked whether it may go.

      for: grace
      why you: infrastructure-manager (the risk is high)
      why you: security-team (the risk is high)
      until: 2026-11-23T09:00:00Z; undecided by then, the process ends and nothing is changed
      risk: high, 6 points
      saves: about $0.00 a month, less $0.00 for its backups as long as they are kept
      started by: "carol", at 2026-11-20T08:55:00Z
      reason: "nothing has used it since spring"

    To read everything about it:
    https://k3q7zjd5hbt8ma0cwvy2f4kx6n.lambda-url.eu-central-1.on.aws/?l=v1.20261120a.eyJw.c2ln
    This link is yours alone: whoever has it stands for you. Do not forward it. It works until 2026-11-23T09:00:00Z, and only shows.

    At high risk no link decides. To answer, with your own AWS credentials:
      scripts/vote 'https://vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws/' 01KAG3V7Q4M2ZD9X5T8R6W0B1C
      or
      curl --aws-sigv4 "aws:amz:eu-central-1:lambda" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        -H "x-amz-security-token: $AWS_SESSION_TOKEN" \
        -H 'content-type: application/json' \
        --data '{"schema":1,"action":"vote","process_id":"01KAG3V7Q4M2ZD9X5T8R6W0B1C","plan_hash":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","answer":"approve"}' \
        'https://vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws/'
      For a no, write "answer":"reject","reason":"why" instead.

    Everything that waits for you (this link is yours alone too):
    https://k3q7zjd5hbt8ma0cwvy2f4kx6n.lambda-url.eu-central-1.on.aws/?l=v1.20261120a.eyJ3.bWFj

      process: 01KAG3V7Q4M2ZD9X5T8R6W0B1C (DECOMM-20261120085500-vol-0123456789abcdef0)
      resource: EBSVolume vol-0123456789abcdef0 in account 123456789012

    Audit trail: 5 events, head 5:5555555555555555555555555555555555555555555555555555555555555555
    "#);
}

#[test]
fn without_a_page_a_person_reads_how_to_answer_by_hand() {
    let notice = asked(&record(), &round(), &assessment(), &plan(runbook()), "grace", without_page());
    assert!(!notice.body.contains("This link"), "{}", notice.body);
    for part in ["scripts/vote 'https://vy2f4kx6nq3e7zjd5hbt8ma0cw.", "--aws-sigv4", r#""answer":"approve""#] {
        assert!(notice.body.contains(part), "{part}: {}", notice.body);
    }
}

#[test]
fn a_reminder_says_what_is_missing() {
    let missing = "security-team needs 1 more of grace, linus";
    let notice = reminder(&record(), &round(), &assessment(), &plan(runbook()), "grace", missing, with_link());
    assert_eq!(notice.subject, "Reminder: answer by 2026-11-23T09:00:00Z: EBSVolume vol-0123456789abcdef0 (high risk)");
    let lead: Vec<&str> = notice.body.lines().take(2).collect();
    assert_eq!(
        lead,
        [
            "EBSVolume vol-0123456789abcdef0 (\"web-data\") is to be retired. You were asked whether it may go, and have \
             not answered.",
            "Still missing: security-team needs 1 more of grace, linus.",
        ]
    );
}

#[test]
fn who_is_asked_later_reads_why_now() {
    let notice = escalation(&record(), &round(), &assessment(), &plan(runbook()), "grace", with_link());
    assert!(notice.subject.starts_with("Escalated: answer by 2026-11-23T09:00:00Z: "), "{}", notice.subject);
    let why = "You are asked now because those who were asked at 2026-11-20T09:00:00Z have not decided.";
    assert_eq!(notice.body.lines().nth(1), Some(why));
}

#[test]
fn whoever_may_object_reads_until_when_and_what_happens_otherwise() {
    let notice = objection_possible(&by_rule(), &harmless(), &plan(runbook()), "grace", with_link());
    insta::assert_snapshot!(shown(&notice), @r#"
    Will be retired unless you object by 2026-11-21T09:00:00Z: EBSVolume vol-0123456789abcdef0

    EBSVolume vol-0123456789abcdef0 ("web-data") is going to be retired unless somebody objects. Nobody has to approve it: its risk is low, everything about it is known, and it can be had again.

      for: grace
      why you: it belongs to "team-web", and you answer for it
      until: 2026-11-21T09:00:00Z; nothing is done before, and one objection is enough
      risk: low, 1 point
      saves: about $0.00 a month, less $0.00 for its backups as long as they are kept
      started by: "carol", at 2026-11-20T08:55:00Z
      reason: "nothing has used it since spring"

    To read everything about it, and to object:
    https://k3q7zjd5hbt8ma0cwvy2f4kx6n.lambda-url.eu-central-1.on.aws/?l=v1.20261120a.eyJw.c2ln
    This link is yours alone: whoever has it stands for you. Do not forward it. It works once, until 2026-11-21T09:00:00Z.

    If you do nothing, it goes on. As long as it soaks, everything can still be put back.

    Everything that waits for you (this link is yours alone too):
    https://k3q7zjd5hbt8ma0cwvy2f4kx6n.lambda-url.eu-central-1.on.aws/?l=v1.20261120a.eyJ3.bWFj

      process: 01KAG3V7Q4M2ZD9X5T8R6W0B1C (DECOMM-20261120085500-vol-0123456789abcdef0)
      resource: EBSVolume vol-0123456789abcdef0 in account 123456789012

    Audit trail: 5 events, head 5:5555555555555555555555555555555555555555555555555555555555555555
    "#);
    let notice = objection_possible(&by_rule(), &harmless(), &plan(runbook()), "grace", without_page());
    assert!(notice.body.contains(r#""action":"opt_out""#), "{}", notice.body);
}

#[test]
fn nobody_is_told_of_anothers_role() {
    let notice = asked(&record(), &round(), &assessment(), &plan(runbook()), "ada", with_link());
    assert!(notice.body.contains("why you: infrastructure-manager"), "{}", notice.body);
    assert!(!notice.body.contains("security-team"), "{}", notice.body);
}

#[test]
fn the_risk_is_the_one_that_the_round_was_asked_at() {
    let mut round = round();
    round.risk_level = Some(Level::Critical);
    let notice = asked(&record(), &round, &assessment(), &plan(runbook()), "grace", that_only_shows());
    assert!(notice.subject.ends_with("(critical risk)"), "{}", notice.subject);
    assert!(notice.body.contains("At critical risk no link decides."), "{}", notice.body);
}

#[test]
fn a_subject_is_never_cut_whatever_type_and_risk() {
    for of_type in crate::process::resource::ResourceType::ALL {
        let resource = crate::process::resource::Resource::new(of_type, of_type.id_example()).unwrap();
        let mut record = record();
        record.resource = resource;
        record.round.as_mut().unwrap().risk_level = Some(Level::Critical);
        for notice in all(&record, &assessment(), &plan(runbook()), "x") {
            assert!(!notice.subject.ends_with("..."), "{}", notice.subject);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_link_stands_alone_on_its_line_and_no_other_line_is_one(text in "(?s).{0,300}|(https://evil\\.example/\\?l=x\n){1,9}") {
        let mut record = record();
        record.reason.clone_from(&text);
        record.initiator.clone_from(&text);
        let mut assessment = assessment();
        assessment.observation.found.as_mut().unwrap().name = Some(text.clone());
        let mut round = round();
        round.required = vec![Required { because: text.clone(), ..round.required[1].clone() }; 500];
        record.round = Some(round);
        for notice in all(&record, &assessment, &plan(runbook()), &text) {
            let links: Vec<&str> = notice.body.lines().filter(|line| line.starts_with("http")).collect();
            prop_assert!(links == [LINK, WAITING] || links.is_empty(), "{}", notice.body);
            prop_assert!(!links.is_empty() || !notice.body.contains("is yours alone"));
            prop_assert!(notice.body.contains("Audit trail: 5 events"));
            prop_assert!(!notice.body.contains("… cut"));
        }
    }
}
