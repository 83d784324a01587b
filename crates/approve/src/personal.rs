//! Notices to people by name, each with a link of their own.

use sunset_domain::approval::approvers::Approvers;
use sunset_domain::approval::link::Link;
use sunset_domain::approval::link::token::LONGEST_LIFE_SECONDS;
use sunset_domain::approval::notice::{Notice, Ways};
use sunset_domain::approval::page::decide::link_decides;
use sunset_domain::approval::vote::{NOTICE_ROUND, Round};
use sunset_domain::ids::PlanHash;
use sunset_domain::process::record::{NoticePeriod, ProcessRecord};
use sunset_domain::time::Timestamp;
use sunset_function::tell::{Personal, is_told, personal_name, tell_each};
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;
use crate::links::Links;

/// What people are told of, and what their links are good for.
pub struct Occasion {
    /// The name that it is noted under.
    name: String,
    /// Whether the shared topic has told those who have no channel of their own.
    told_all: bool,
    round: u32,
    plan_hash: PlanHash,
    until: Timestamp,
    link_decides: bool,
}

impl Occasion {
    /// A round of asking, under a name of its own.
    pub fn of_round(name: String, record: &ProcessRecord, round: &Round, approvers: &Approvers) -> Self {
        Self {
            name,
            told_all: false,
            round: round.number,
            plan_hash: round.plan_hash.clone(),
            until: round.deadline,
            link_decides: link_decides(record, approvers),
        }
    }

    /// The time in which people may object to a plan.
    pub fn of_notice(name: &str, notice: &NoticePeriod, plan_hash: &PlanHash) -> Self {
        Self {
            name: name.to_owned(),
            told_all: false,
            round: NOTICE_ROUND,
            plan_hash: plan_hash.clone(),
            until: notice.until,
            link_decides: true,
        }
    }

    /// The same, of which the shared topic has told everybody.
    pub fn that_all_were_told(mut self) -> Self {
        self.told_all = true;
        self
    }

    fn link(&self, record: &ProcessRecord, person: &str, now: Timestamp) -> Link {
        let until = self.until.min(now.plus_seconds(LONGEST_LIFE_SECONDS));
        if self.round == NOTICE_ROUND {
            Link::opt_out(person, &record.process_id, &self.plan_hash, until)
        } else {
            Link::decide(person, &record.process_id, self.round, &self.plan_hash, until)
        }
    }
}

/// Tells people, each once. A link is written to the topic that reaches its person alone, and nowhere else.
pub async fn tell_people(
    context: &ProcessContext,
    record: ProcessRecord,
    occasion: &Occasion,
    people: &[String],
    compose: impl Fn(&ProcessRecord, &str, Ways<'_>) -> Notice,
) -> Result<ProcessRecord, FunctionError> {
    let approvers = context.approvers()?;
    let open: Vec<(&String, Option<String>)> = people
        .iter()
        .filter(|person| !is_told(&record, &personal_name(&occasion.name, person)))
        .map(|person| (person, approvers.topic(person).map(|topic| beside(&context.topic_arn, topic))))
        .filter(|(_, topic_arn)| topic_arn.is_some() || !occasion.told_all)
        .collect();
    if open.is_empty() {
        return Ok(record);
    }
    let now = context.now();
    let links = if open.iter().any(|(_, topic_arn)| topic_arn.is_some()) { Links::of(context).await? } else { None };
    let mut personal = Vec::with_capacity(open.len());
    for (person, topic_arn) in open {
        let links = links.as_ref().filter(|_| topic_arn.is_some());
        let link = links.and_then(|links| links.address(&occasion.link(&record, person, now), now));
        let waiting = links.and_then(|links| links.waiting(person, now));
        let ways = Ways {
            link: link.as_deref(),
            waiting: waiting.as_deref(),
            approve_url: record.approve_url.as_deref(),
            link_decides: occasion.link_decides,
        };
        let notice = compose(&record, person, ways);
        personal.push(Personal { person: person.clone(), topic_arn, notice });
    }
    tell_each(context, ACTOR, record, &occasion.name, personal).await
}

/// The ARN of a topic in the account and region of another one.
fn beside(topic_arn: &str, name: &str) -> String {
    match topic_arn.rsplit_once(':') {
        Some((place, _)) => format!("{place}:{name}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_topic_is_in_the_stacks_own_account_and_region() {
        let shared = "arn:aws-cn:sns:cn-north-1:123456789012:sunset-notices";
        assert_eq!(beside(shared, "sunset-approver-ada"), "arn:aws-cn:sns:cn-north-1:123456789012:sunset-approver-ada");
    }
}
