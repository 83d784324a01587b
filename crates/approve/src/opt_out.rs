//! An objection to what the rule approved.

use serde_json::{Value, json};
use sunset_aws::ledger::{LedgerError, Wait};
use sunset_domain::approval::answer;
use sunset_domain::approval::opt_out::may_opt_out;
use sunset_domain::approval::vote::{Answer, NOTICE_ROUND, Vote};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::record::Cast;
use sunset_function::{FunctionError, ProcessContext};

use crate::people::{Person, refused};
use crate::vote::TRIES;
use crate::wake::wake_up;

/// Takes an objection, and wakes the state machine.
pub async fn opt_out(
    context: &ProcessContext,
    person: &Person,
    process_id: &ProcessId,
    reason: String,
) -> Result<Value, FunctionError> {
    for _ in 0..TRIES {
        match once(context, person, process_id, reason.clone()).await {
            Err(FunctionError::Ledger(LedgerError::Conflict { .. })) => {}
            result => return result,
        }
    }
    Ok(refused(503, "others answer at the same moment: try again"))
}

async fn once(
    context: &ProcessContext,
    person: &Person,
    process_id: &ProcessId,
    reason: String,
) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let votes = context.processes.votes(process_id, NOTICE_ROUND).await?;
    let now = context.now();
    let cast = match may_opt_out(&before, &votes, &person.name, None, now) {
        Ok(cast) => cast,
        Err(refusal) => return Ok(refused(refusal.status, &refusal.to_string())),
    };
    let mut record = before.clone();
    if cast == Cast::Counted {
        let plan_hash = before.approved_plan_hash.clone();
        let plan_hash =
            plan_hash.ok_or_else(|| FunctionError::Stale(format!("process {process_id} has no approved plan")))?;
        let vote = Vote {
            round: NOTICE_ROUND,
            person: person.name.clone(),
            identity: person.identity.to_string(),
            answer: Answer::Reject,
            reason: Some(reason),
            plan_hash,
            at: now,
        };
        let actor = format!("person:{}", person.name);
        record = context.processes.cast(&before, &vote, &actor, now, json!({"vote": vote})).await?;
    }
    // Also for a repeated one: whoever asks again may do so because the waking failed.
    wake_up(context, process_id, Wait::Notice).await?;
    tracing::info!(%process_id, person = person.name, ?cast, "objected");
    Ok(answer::done(&record, None, cast == Cast::Repeated))
}
