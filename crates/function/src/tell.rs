//! Notices, each once: what went out stands in the record.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sunset_aws::error::{AwsError, AwsErrorKind};
use sunset_aws::ledger::{Change, LedgerError};
use sunset_aws::notices::publish;
use sunset_domain::approval::notice::{Notice, unreachable};
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;

use crate::{FunctionError, ProcessContext, metrics};

/// How often it is noted that a notice went out while others write the process: what is not noted goes out again.
const TRIES: u32 = 5;

/// How long one call goes on telling people one by one. The next call tells whoever is left; a function that is ended in
/// the middle would have noted nobody.
const LONGEST: Duration = Duration::from_secs(20);

/// How long one person's notice may take: whoever comes after waits for no more than that.
const LONGEST_CALL: Duration = Duration::from_secs(10);

/// Publishes a notice unless it went out before. Written down after it went out, so that it may come twice but never not
/// at all.
pub async fn tell(
    context: &ProcessContext,
    actor: &str,
    record: ProcessRecord,
    name: &str,
    notice: Notice,
) -> Result<ProcessRecord, FunctionError> {
    if is_told(&record, name) {
        return Ok(record);
    }
    publish(context.clients.sns(), &context.topic_arn, &notice.subject, &notice.body).await?;
    let data = json!({"notice": name, "subject": notice.subject});
    note(context, actor, record, &[name.to_owned()], data).await
}

/// A notice for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    /// By the policy file's name.
    pub person: String,
    /// The topic that reaches nobody else; nothing where the person has none.
    pub topic_arn: Option<String>,
    /// What they are told.
    pub notice: Notice,
}

/// The name by which a person's notice is noted.
#[must_use]
pub fn personal_name(name: &str, person: &str) -> String {
    format!("{name}:{person}")
}

/// Whether a notice is noted: it went out, or it is known that it never will.
#[must_use]
pub fn is_told(record: &ProcessRecord, name: &str) -> bool {
    record.told.iter().any(|told| told == name)
}

/// Publishes a notice to each person who was not told before. Whoever cannot be reached is named on the shared topic.
/// What AWS may do the next time is an error after everybody else was told and noted, so that the next call tells only
/// those who are left.
pub async fn tell_each(
    context: &ProcessContext,
    actor: &str,
    record: ProcessRecord,
    name: &str,
    personal: Vec<Personal>,
) -> Result<ProcessRecord, FunctionError> {
    let open = personal.into_iter().filter(|one| !is_told(&record, &personal_name(name, &one.person)));
    let mut sent = Sent::to(context, &record, open).await;
    if !sent.unreached.is_empty() {
        let notice = unreachable(&record, &sent.unreached);
        let told = publish(context.clients.sns(), &context.topic_arn, &notice.subject, &notice.body).await;
        if let Err(error) = told {
            sent.unreached.clear();
            sent.later.get_or_insert(error);
        }
    }
    metrics::emit(context, &[("NoticesFailed", sent.failed)]);
    let noted: Vec<String> = sent.told().map(|person| personal_name(name, person)).collect();
    let unreached: Vec<Value> =
        sent.unreached.iter().map(|(person, why)| json!({"person": person, "why": why})).collect();
    let data = json!({"notice": name, "people": sent.reached, "unreached": unreached});
    let record = if noted.is_empty() { record } else { note(context, actor, record, &noted, data).await? };
    match sent.later {
        None => Ok(record),
        Some(error) => Err(error.into()),
    }
}

/// What became of notices to people.
#[derive(Debug, Default)]
struct Sent {
    reached: Vec<String>,
    /// Who, and why not.
    unreached: Vec<(String, String)>,
    /// How many of those have a channel that failed.
    failed: u64,
    /// What may go the next time.
    later: Option<AwsError>,
}

impl Sent {
    async fn to(context: &ProcessContext, record: &ProcessRecord, personal: impl Iterator<Item = Personal>) -> Self {
        let mut sent = Self::default();
        let begun = Instant::now();
        for Personal { person, topic_arn, notice } in personal {
            let Some(topic_arn) = topic_arn else {
                sent.unreached.push((person, "has no channel in policy/approvers.yaml".to_owned()));
                continue;
            };
            if begun.elapsed() >= LONGEST {
                let message = format!("it takes too long: {person} and whoever comes after were not told yet");
                sent.later.get_or_insert(transient(message));
                break;
            }
            match publish_soon(context, &topic_arn, &notice).await {
                Ok(()) => sent.reached.push(person),
                Err(error) if error.is_final() => {
                    tracing::error!(process_id = %record.process_id, person, %error, "a person cannot be told");
                    sent.failed = sent.failed.saturating_add(1);
                    sent.unreached.push((person, error.to_string()));
                }
                Err(error) => {
                    tracing::warn!(process_id = %record.process_id, person, %error, "a person was not told yet");
                    sent.later.get_or_insert(error);
                }
            }
        }
        sent
    }

    fn told(&self) -> impl Iterator<Item = &String> {
        self.reached.iter().chain(self.unreached.iter().map(|(person, _)| person))
    }
}

async fn publish_soon(context: &ProcessContext, topic_arn: &str, notice: &Notice) -> Result<(), AwsError> {
    let published = publish(context.clients.sns(), topic_arn, &notice.subject, &notice.body);
    match tokio::time::timeout(LONGEST_CALL, published).await {
        Ok(result) => result,
        Err(_) => Err(transient(format!("no answer within {} seconds", LONGEST_CALL.as_secs()))),
    }
}

fn transient(message: String) -> AwsError {
    AwsError { operation: "Publish", kind: AwsErrorKind::Transient, code: None, message }
}

/// Writes down that notices went out, whoever else writes the process meanwhile.
async fn note(
    context: &ProcessContext,
    actor: &str,
    mut record: ProcessRecord,
    names: &[String],
    data: Value,
) -> Result<ProcessRecord, FunctionError> {
    let mut tries: u32 = 1;
    loop {
        let mut after = record.clone();
        after.told.extend(names.iter().filter(|name| !is_told(&record, name)).cloned());
        let change = Change::to(after, EventType::ApproversNotified, actor, context.now(), data.clone());
        match context.processes.commit(&record, change).await {
            Err(LedgerError::Conflict { .. }) if tries < TRIES => {
                tries = tries.saturating_add(1);
                record = context.process(&record.process_id).await?;
            }
            result => return Ok(result?),
        }
    }
}
