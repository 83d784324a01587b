//! A round that nobody has decided yet.

use sunset_domain::approval::schedule;
use sunset_domain::approval::tally::tally;
use sunset_domain::approval::vote::{Decision, Round, Vote};
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_domain::time::Timestamp;
use sunset_function::tell::{is_told, personal_name};
use sunset_function::{FunctionError, ProcessContext};

/// A round, and what is still missing in it.
pub struct Asking {
    /// The round.
    pub round: Round,
    /// What was answered.
    pub votes: Vec<Vote>,
    /// What is missing, in a sentence.
    pub missing: String,
}

impl Asking {
    /// The round of a process that asks people; nothing where its votes decide already.
    ///
    /// # Errors
    /// [`FunctionError::Stale`] for a process that asks nobody.
    pub async fn of(
        context: &ProcessContext,
        record: &ProcessRecord,
        now: Timestamp,
    ) -> Result<Option<Self>, FunctionError> {
        let process_id = &record.process_id;
        let stale = || FunctionError::Stale(format!("process {process_id} is {}: nobody is asked", record.status));
        let round = record.round.clone().filter(|_| record.status == Status::AwaitingApproval).ok_or_else(stale)?;
        let votes = context.processes.votes(process_id, round.number).await?;
        Ok(match tally(&round, &votes, now) {
            Decision::Waiting { missing } => Some(Self { round, votes, missing }),
            _ => None,
        })
    }
}

/// The name that a round's notices are noted under, also of those who are asked later.
pub fn name(round: &Round) -> String {
    format!("round-{}", round.number)
}

/// Everybody who is asked, each once.
pub fn people(round: &Round) -> Vec<String> {
    let mut people: Vec<String> = Vec::new();
    for person in round.required.iter().flat_map(|role| &role.people) {
        if !people.contains(person) {
            people.push(person.clone());
        }
    }
    people
}

/// Who was asked later than the others, has not answered and was not told yet.
pub fn untold(record: &ProcessRecord, round: &Round, votes: &[Vote]) -> Vec<String> {
    let begun = usize::try_from(round.escalated).unwrap_or(usize::MAX);
    let later = |person: &String| round.escalations.iter().take(begun).any(|it| it.people.contains(person));
    let told = |person: &String| is_told(record, &personal_name(&name(round), person));
    schedule::unanswered(round, votes).into_iter().filter(|person| later(person) && !told(person)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sunset_domain::approval::vote::{Answer, Escalation, Required};
    use sunset_domain::ids::{AccountId, PlanHash};
    use sunset_domain::policy::Mode;
    use sunset_domain::process::resource::{Resource, ResourceType};
    use sunset_domain::process::start::Start;
    use sunset_domain::process::terms::Terms;
    use sunset_domain::run::Execution;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-20T09:00:00Z").unwrap()
    }

    fn record() -> ProcessRecord {
        let start = Start {
            resource: Resource::new(ResourceType::Volume, "vol-0123456789abcdef0").unwrap(),
            initiator: "carol".into(),
            reason: "unused".into(),
            mode: Mode::Live,
            terms: Terms::default(),
        };
        let execution = Execution { arn: "arn:aws:states:x:1:execution:d:1".into(), started_at: now() };
        ProcessRecord::begin(&execution, start, AccountId::parse("123456789012").unwrap(), None, now())
    }

    fn required(role: &str, people: &[&str]) -> Required {
        serde_json::from_value(serde_json::json!({"role": role, "people": people, "quorum": 1, "because": "x"}))
            .unwrap()
    }

    /// Ada and Grace are asked from the beginning, Linus and Margaret since it was escalated.
    fn round() -> Round {
        let escalation = |people: &[&str]| -> Escalation {
            let at = now().plus_hours(1);
            serde_json::from_value(serde_json::json!({"at": at, "role": "cto", "people": people})).unwrap()
        };
        Round {
            number: 2,
            plan_hash: PlanHash::parse(&"a".repeat(64)).unwrap(),
            required: vec![
                required("cto", &["ada", "linus", "margaret"]),
                required("security-team", &["grace", "ada"]),
            ],
            minimum_approvers: 1,
            requested_at: now(),
            deadline: now().plus_hours(72),
            risk_level: None,
            reminders: Vec::new(),
            escalations: vec![escalation(&["linus", "margaret"]), escalation(&["kay"])],
            reminded: 0,
            escalated: 1,
        }
    }

    #[test]
    fn somebody_with_two_roles_is_asked_once() {
        assert_eq!(people(&round()), ["ada", "linus", "margaret", "grace"]);
    }

    #[test]
    fn who_was_asked_later_is_told_until_they_were_told_or_have_answered() {
        let (mut record, round) = (record(), round());
        assert_eq!(untold(&record, &round, &[]), ["linus", "margaret"]);
        let vote = Vote {
            round: 2,
            person: "margaret".into(),
            identity: "user/margaret".into(),
            answer: Answer::Approve,
            reason: None,
            plan_hash: round.plan_hash.clone(),
            at: now().plus_hours(2),
        };
        assert_eq!(untold(&record, &round, &[vote]), ["linus"]);
        record.told = vec!["round-1:linus".into(), "round-2-reminder-1:margaret".into(), "round-2:margaret".into()];
        assert_eq!(untold(&record, &round, &[]), ["linus"], "of another round, or of something else");
        let not_yet = Round { escalated: 0, ..round };
        assert_eq!(untold(&record, &not_yet, &[]), [""; 0]);
    }
}
