//! One vote.

use serde_json::{Value, json};
use sunset_aws::ledger::{LedgerError, Wait};
use sunset_domain::approval::answer;
use sunset_domain::approval::approvers::Approvers;
use sunset_domain::approval::tally::{Voter, may_vote, tally};
use sunset_domain::approval::vote::{Answer, Decision, Vote};
use sunset_domain::ids::{PlanHash, ProcessId};
use sunset_domain::process::record::Cast;
use sunset_function::{FunctionError, ProcessContext};

use crate::people::{Person, refused};
use crate::wake::wake_up;

/// How often a vote is written anew because somebody else wrote the process at the same moment.
pub const TRIES: u32 = 5;

/// Takes a vote, and wakes the state machine where it decides.
pub async fn vote(
    context: &ProcessContext,
    approvers: &Approvers,
    person: &Person,
    process_id: &ProcessId,
    plan_hash: &PlanHash,
    says: Answer,
    reason: Option<String>,
) -> Result<Value, FunctionError> {
    for _ in 0..TRIES {
        match once(context, approvers, person, process_id, plan_hash, says, reason.clone()).await {
            Err(FunctionError::Ledger(LedgerError::Conflict { .. })) => {}
            result => return result,
        }
    }
    Ok(refused(503, "others answer at the same moment: try again"))
}

async fn once(
    context: &ProcessContext,
    approvers: &Approvers,
    person: &Person,
    process_id: &ProcessId,
    plan_hash: &PlanHash,
    says: Answer,
    reason: Option<String>,
) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let number = before.round.as_ref().map_or(0, |round| round.number);
    let mut votes = context.processes.votes(process_id, number).await?;
    let now = context.now();
    let voter = Voter { person: &person.name, identities: approvers.identities(&person.name) };
    let cast = match may_vote(&before, &votes, voter, plan_hash, says, now) {
        Ok(cast) => cast,
        Err(refusal) => return Ok(refused(refusal.status, &refusal.to_string())),
    };
    let mut record = before.clone();
    if cast == Cast::Counted {
        let vote = Vote {
            round: number,
            person: person.name.clone(),
            identity: person.identity.to_string(),
            answer: says,
            reason,
            plan_hash: plan_hash.clone(),
            at: now,
        };
        let actor = format!("person:{}", person.name);
        record = context.processes.cast(&before, &vote, &actor, now, json!({"vote": vote})).await?;
        votes.push(vote);
    }
    let decision = before.round.as_ref().map(|round| tally(round, &votes, now));
    // Also for a repeated vote: whoever asks again may do so because the waking failed.
    if matches!(decision, Some(Decision::Approved { .. } | Decision::Rejected { .. })) {
        wake_up(context, process_id, Wait::Approval).await?;
    }
    tracing::info!(%process_id, person = person.name, ?says, ?cast, "voted");
    Ok(answer::done(&record, decision.as_ref(), cast == Cast::Repeated))
}
