//! Processes: every change of one is a single transaction with the audit event that records it. No event, no change.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sunset_domain::approval::page::waiting::Waiting;
use sunset_domain::approval::vote::Vote;
use sunset_domain::ids::{ImageId, ProcessId};
use sunset_domain::ledger::ImageStatus;
use sunset_domain::permit::StoredIntent;
use sunset_domain::policy::Mode;
use sunset_domain::process::audit::{AuditEvent, EventType};
use sunset_domain::process::cursor::Steps;
use sunset_domain::process::record::{ProcessRecord, StepRecord};
use sunset_domain::process::resource::ResourceType;
use sunset_domain::risk::assessment::Assessment;
use sunset_domain::runbook::plan_document::Plan;
use sunset_domain::time::Timestamp;

use super::images::image_key;
use super::lock::{META, PAUSE};
use super::process_lock::ProcessLock;
use super::table::{Item, Ledger, LedgerError, item, key, record, text};
use super::transaction::Transaction;
use crate::error::AwsError;

/// The ledger together with the table of audit events.
#[derive(Debug, Clone)]
pub struct Processes {
    pub(super) ledger: Ledger,
    pub(super) audit_table: String,
}

/// What came of a start.
#[derive(Debug, Clone, PartialEq)]
pub enum Admission {
    /// The process exists, since now or since an earlier delivery of the same start.
    Admitted(Box<ProcessRecord>),
    /// Another process holds the resource.
    HeldBy(ProcessId),
}

/// A state that waits for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// For objections to what the rule approved.
    Notice,
    /// For votes.
    Approval,
    /// For the end of the soak.
    Soak,
    /// For a change window.
    Window,
    /// For a person's decision about a held process.
    Hold,
}

impl Wait {
    fn sk(self) -> &'static str {
        match self {
            Self::Notice => "TOKEN#notice",
            Self::Approval => "TOKEN#approval",
            Self::Soak => "TOKEN#soak",
            Self::Window => "TOKEN#window",
            Self::Hold => "TOKEN#hold",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Token {
    task_token: String,
}

/// One change of a process.
#[derive(Debug)]
#[must_use]
pub struct Change {
    after: ProcessRecord,
    event: EventType,
    actor: String,
    at: Timestamp,
    data: Value,
    items: Vec<(Item, Put)>,
    acts: bool,
}

/// What an item of a change replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Put {
    /// Whatever was there.
    Over,
    /// Nothing: it must be new.
    New,
}

/// What a change does to the resource's lock.
#[derive(Debug, Clone, Copy)]
enum Lock {
    /// The process must hold it.
    Hold,
    /// The process must hold it, and gives it back.
    Release,
    /// The process holds nothing (any more).
    LetBe,
}

impl Change {
    /// The process as it is to be, and the event that says so.
    pub fn to(after: ProcessRecord, event: EventType, actor: impl Into<String>, at: Timestamp, data: Value) -> Self {
        Self { after, event, actor: actor.into(), at, data, items: Vec::new(), acts: false }
    }

    /// With a step's record.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`].
    pub fn step(mut self, step: &StepRecord) -> Result<Self, LedgerError> {
        self.items.push((item(&pk(&self.after.process_id), &step_sk(step), step)?, Put::Over));
        Ok(self)
    }

    /// With an assessment.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`].
    pub fn assessment(mut self, assessment: &Assessment) -> Result<Self, LedgerError> {
        let sk = numbered("ASSESSMENT", assessment.number);
        self.items.push((document(&self.after.process_id, &sk, assessment)?, Put::New));
        Ok(self)
    }

    /// With a plan.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`].
    pub fn plan(mut self, plan: &Plan) -> Result<Self, LedgerError> {
        let sk = numbered("PLAN", plan.number);
        self.items.push((document(&self.after.process_id, &sk, plan)?, Put::New));
        Ok(self)
    }

    /// With the token of a state that waits.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`].
    pub fn token(mut self, wait: Wait, task_token: &str) -> Result<Self, LedgerError> {
        let token = Token { task_token: task_token.to_owned() };
        self.items.push((item(&pk(&self.after.process_id), wait.sk(), &token)?, Put::Over));
        Ok(self)
    }

    /// With what waits for people from now on. One transaction takes a hundred writes, so that a list that is longer than
    /// anybody's round should be is cut: it is a hint, and the record decides.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`].
    pub fn waits(mut self, waits: &[Waiting]) -> Result<Self, LedgerError> {
        for waiting in waits.iter().take(MOST_WAITS) {
            let sk = pk(&waiting.process_id);
            self.items.push((item(&person_key(&waiting.person), &sk, waiting)?, Put::Over));
        }
        Ok(self)
    }
}

/// How many items of [`Change::waits`] one change writes.
const MOST_WAITS: usize = 80;

/// The partition of what waits for a person.
pub(super) fn person_key(person: &str) -> String {
    format!("PERSON#{person}")
}

pub(super) fn pk(process_id: &ProcessId) -> String {
    format!("PROC#{process_id}")
}

fn step_sk(step: &StepRecord) -> String {
    format!("STEP#{}", step.step)
}

fn numbered(kind: &str, number: u32) -> String {
    format!("{kind}#{number:04}")
}

pub(super) fn votes_prefix(round: u32) -> String {
    format!("VOTE#{round:04}#")
}

/// A document is kept as one text: nobody asks DynamoDB about its inside.
#[derive(Serialize, Deserialize)]
struct Document {
    document: String,
}

fn document<T: Serialize>(process_id: &ProcessId, sk: &str, value: &T) -> Result<Item, LedgerError> {
    let pk = pk(process_id);
    let document = serde_json::to_string(value)
        .map_err(|cause| LedgerError::Unreadable { key: format!("{pk}/{sk}"), cause: cause.to_string() })?;
    item(&pk, sk, &Document { document })
}

impl Processes {
    /// The processes of a ledger, with their audit trail in `audit_table`.
    #[must_use]
    pub fn new(ledger: Ledger, audit_table: impl Into<String>) -> Self {
        Self { ledger, audit_table: audit_table.into() }
    }

    /// A process's record.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn process(&self, process_id: &ProcessId) -> Result<Option<ProcessRecord>, LedgerError> {
        self.ledger.get(&pk(process_id), META).await
    }

    /// Begins a process, unless it has begun before or another one holds its resource. A dry run holds nothing.
    ///
    /// # Errors
    /// [`LedgerError`]; [`LedgerError::HeldByProcess`] where ami-cleanup is at work on the image.
    pub async fn admit(&self, mut new: ProcessRecord, data: Value) -> Result<Admission, LedgerError> {
        if let Some(known) = self.process(&new.process_id).await? {
            return Ok(Admission::Admitted(Box::new(known)));
        }
        let mut transaction = Transaction::new(&self.ledger);
        if new.mode == Mode::Live {
            let seen = self.ledger.process_lock(new.resource.id()).await?;
            if let Some(ProcessLock { process_id: Some(holder), .. }) = &seen {
                return Ok(Admission::HeldBy(holder.clone()));
            }
            new.fence = seen.as_ref().map_or(0, |lock| lock.fence).saturating_add(1);
            transaction.take_lock(&new, seen.as_ref())?;
            if new.resource.resource_type() == ResourceType::Image
                && let Ok(image_id) = ImageId::parse(new.resource.id())
            {
                transaction.free_of_ami_cleanup(&image_id)?;
            }
        }
        let event = new.audit.next(
            &new.process_id,
            EventType::ProcessInitiated,
            &format!("initiator:{}", new.initiator),
            new.created_at,
            data,
        )?;
        new.audit = event.head();
        new.version = 1;
        let key = pk(&new.process_id);
        transaction.put(item(&key, META, &new)?, Some(("attribute_not_exists(pk)", Item::new())), &key)?;
        self.event(&mut transaction, &event)?;
        transaction.write().await?;
        Ok(Admission::Admitted(Box::new(new)))
    }

    pub(super) fn event(&self, transaction: &mut Transaction<'_>, event: &AuditEvent) -> Result<(), LedgerError> {
        let place = format!("audit event {} of process {}", event.seq, event.process_id);
        let unreadable =
            |cause: serde_dynamo::Error| LedgerError::Unreadable { key: place.clone(), cause: cause.to_string() };
        let new: Item = serde_dynamo::aws_sdk_dynamodb_1::to_item(event).map_err(unreadable)?;
        let condition = Some(("attribute_not_exists(process_id)", Item::new()));
        transaction.put_in(&self.audit_table, new, condition, LedgerError::Conflict { key: place.clone() })
    }

    /// Writes a change of `before`, or nothing: the record, its audit event and whatever belongs to them. At its end a
    /// process gives its resource back.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] where somebody wrote the process in between, [`LedgerError::ProcessLockLost`] where it
    /// does not hold its resource any more, [`LedgerError::Paused`] for an act while the kill switch is on.
    pub async fn commit(&self, before: &ProcessRecord, change: Change) -> Result<ProcessRecord, LedgerError> {
        let (from, to) = (before.status, change.after.status);
        if to != from {
            from.to(to, before.mode)?;
        }
        let lock = match before.mode {
            Mode::DryRun => Lock::LetBe,
            Mode::Live if from.is_end() => Lock::LetBe,
            Mode::Live if to.is_end() && !to.keeps_the_lock() => Lock::Release,
            Mode::Live => Lock::Hold,
        };
        self.write(before, change, lock).await
    }

    async fn write(&self, before: &ProcessRecord, change: Change, lock: Lock) -> Result<ProcessRecord, LedgerError> {
        let Change { mut after, event, actor, at, data, items, acts } = change;
        let event = before.audit.next(&before.process_id, event, &actor, at, data)?;
        after.audit = event.head();
        after.version = before.version.saturating_add(1);
        after.updated_at = at;
        let mut transaction = Transaction::new(&self.ledger);
        match lock {
            Lock::Hold => transaction.holds_lock(before)?,
            Lock::Release => transaction.release_lock(before, at)?,
            Lock::LetBe => {}
        }
        if acts {
            transaction.check(key(PAUSE, META), "attribute_not_exists(pk)", Item::new(), LedgerError::Paused)?;
        }
        let pk = pk(&before.process_id);
        let version = AttributeValue::N(before.version.to_string());
        let replaces = ("version = :before", Item::from([(":before".into(), version)]));
        transaction.put(item(&pk, META, &after)?, Some(replaces), &pk)?;
        self.event(&mut transaction, &event)?;
        for (new, put) in items {
            let condition = (put == Put::New).then(|| ("attribute_not_exists(pk)", Item::new()));
            transaction.put(new, condition, &pk)?;
        }
        transaction.write().await?;
        Ok(after)
    }

    /// Writes the intent of a call about `subject`: only what this returns makes a permit.
    ///
    /// # Errors
    /// As [`Processes::commit`].
    pub async fn intend(
        &self,
        before: &ProcessRecord,
        mut change: Change,
        subject: &str,
    ) -> Result<(ProcessRecord, StoredIntent), LedgerError> {
        change.acts = true;
        let after = self.commit(before, change).await?;
        Ok((after, StoredIntent::written(subject)))
    }

    /// Releases the lock that an ended process has kept, on record.
    ///
    /// # Errors
    /// As [`Processes::commit`].
    pub async fn release(&self, before: &ProcessRecord, change: Change) -> Result<ProcessRecord, LedgerError> {
        self.write(before, change, Lock::Release).await
    }

    /// Notes that a step was looked at and is not there yet. Nothing hangs on it but how long the next wait is.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn looked(&self, process_id: &ProcessId, step: &StepRecord) -> Result<(), LedgerError> {
        let values = Item::from([
            (":state".into(), AttributeValue::S(state_name(step)?)),
            (":intended".into(), text(step.intended_at.to_string())),
        ]);
        let names = [("#state".to_owned(), "state".to_owned())].into();
        let condition = "#state = :state AND intended_at = :intended";
        // Whoever took the step further in between has set the count anew.
        self.ledger.put_if(item(&pk(process_id), &step_sk(step), step)?, condition, names, values).await?;
        Ok(())
    }

    /// An assessment.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn assessment(&self, process_id: &ProcessId, number: u32) -> Result<Option<Assessment>, LedgerError> {
        self.document(process_id, &numbered("ASSESSMENT", number)).await
    }

    /// A plan.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn plan(&self, process_id: &ProcessId, number: u32) -> Result<Option<Plan>, LedgerError> {
        self.document(process_id, &numbered("PLAN", number)).await
    }

    async fn document<T: DeserializeOwned>(&self, process_id: &ProcessId, sk: &str) -> Result<Option<T>, LedgerError> {
        let pk = pk(process_id);
        let Some(found) = self.ledger.get::<Document>(&pk, sk).await? else { return Ok(None) };
        serde_json::from_str(&found.document)
            .map(Some)
            .map_err(|cause| LedgerError::Unreadable { key: format!("{pk}/{sk}"), cause: cause.to_string() })
    }

    /// How far every step is.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn steps(&self, process_id: &ProcessId) -> Result<Steps, LedgerError> {
        let records: Vec<StepRecord> = self.ledger.all(&pk(process_id), "STEP#").await?;
        Ok(records.into_iter().map(|record| (record.step.clone(), record)).collect::<BTreeMap<_, _>>())
    }

    /// The votes of a round, in the order of names.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn votes(&self, process_id: &ProcessId, round: u32) -> Result<Vec<Vote>, LedgerError> {
        self.ledger.all(&pk(process_id), &votes_prefix(round)).await
    }

    /// Every vote of every round.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn all_votes(&self, process_id: &ProcessId) -> Result<Vec<Vote>, LedgerError> {
        self.ledger.all(&pk(process_id), "VOTE#").await
    }

    /// The token of a state that waits.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn token(&self, process_id: &ProcessId, wait: Wait) -> Result<Option<String>, LedgerError> {
        Ok(self.ledger.get::<Token>(&pk(process_id), wait.sk()).await?.map(|token| token.task_token))
    }

    /// Notes the token of a state that waits. A token only wakes, so that it needs neither a version nor an event.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn await_under(&self, process_id: &ProcessId, wait: Wait, task_token: &str) -> Result<(), LedgerError> {
        let token = Token { task_token: task_token.to_owned() };
        self.ledger.put(item(&pk(process_id), wait.sk(), &token)?).await
    }

    /// The audit trail, in order.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn audit_events(&self, process_id: &ProcessId) -> Result<Vec<AuditEvent>, LedgerError> {
        let mut events = Vec::new();
        let mut start = None;
        loop {
            let page = self
                .ledger
                .dynamodb
                .query()
                .table_name(&self.audit_table)
                .consistent_read(true)
                .key_condition_expression("process_id = :process")
                .expression_attribute_values(":process", text(process_id.as_str()))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| AwsError::of("Query", &error))?;
            for found in page.items.unwrap_or_default() {
                events.push(record(found)?);
            }
            start = page.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(events);
            }
        }
    }
}

fn state_name(step: &StepRecord) -> Result<String, LedgerError> {
    let unreadable = |cause: String| LedgerError::Unreadable { key: step_sk(step), cause };
    match serde_json::to_value(step.state) {
        Ok(Value::String(name)) => Ok(name),
        Ok(other) => Err(unreadable(format!("its state is {other}"))),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

impl Transaction<'_> {
    /// ami-cleanup has nothing under way with this image: what it disabled it will take further, or a person brings back.
    fn free_of_ami_cleanup(&mut self, image_id: &ImageId) -> Result<(), LedgerError> {
        let name = |status: ImageStatus| match serde_json::to_value(status) {
            Ok(Value::String(name)) => name,
            _ => String::new(),
        };
        let values = Item::from([
            (":restored".into(), text(name(ImageStatus::Restored))),
            (":deregistered".into(), text(name(ImageStatus::Deregistered))),
        ]);
        let meaning = LedgerError::HeldByAmiCleanup { image_id: image_id.to_string() };
        self.check_named(
            key(&image_key(image_id), META),
            "attribute_not_exists(pk) OR #status IN (:restored, :deregistered)",
            [("#status".to_owned(), "status".to_owned())].into(),
            values,
            meaning,
        )
    }
}
