//! What people ask for through the Function URL. Who they are is what AWS says.

use serde_json::Value;
use sunset_domain::approval::answer::refused as refusal;
use sunset_domain::approval::identity::Identity;
use sunset_domain::approval::request::PersonRequest;
use sunset_function::{FunctionError, ProcessContext};

use crate::{intervention, opt_out, vote};

/// A person, by the policy file's name and as AWS named them.
pub struct Person {
    /// The policy file's name.
    pub name: String,
    /// Who AWS says it is.
    pub identity: Identity,
}

/// Answers a request. Whatever is wrong with it is an answer, never an error of the function; only what AWS or the
/// ledger fails at is an error, so that the caller tries again.
pub async fn answer(context: &ProcessContext, event: &Value) -> Result<Value, FunctionError> {
    match try_answer(context, event).await {
        Err(error) if error.is_retried() => Ok(refused(503, &format!("try again: {error}"))),
        Err(FunctionError::Unknown(what)) => Ok(refused(404, &what)),
        other => other,
    }
}

async fn try_answer(context: &ProcessContext, event: &Value) -> Result<Value, FunctionError> {
    let identity = match Identity::from_request(event, &context.account_id) {
        Ok(identity) => identity,
        Err(nobody) => {
            tracing::warn!(%nobody, "refused");
            return Ok(nobody.answer());
        }
    };
    let approvers = match context.approvers() {
        Ok(approvers) => approvers,
        Err(broken) => {
            tracing::error!(%broken, "nobody can be recognised");
            return Ok(refused(500, &broken.to_string()));
        }
    };
    let Some(name) = approvers.person_of(&identity).map(str::to_owned) else {
        return Ok(refused(403, &format!("{identity} is nobody in policy/approvers.yaml")));
    };
    let person = Person { name, identity };
    let request = match PersonRequest::parse(event) {
        Ok(request) => request,
        Err(bad) => {
            tracing::warn!(status = bad.status, %bad, "refused");
            return Ok(bad.answer());
        }
    };
    match request {
        PersonRequest::Status { process_id } => intervention::status(context, &process_id).await,
        PersonRequest::Vote { process_id, plan_hash, answer, reason } => {
            vote::vote(context, approvers, &person, &process_id, &plan_hash, answer, reason).await
        }
        PersonRequest::OptOut { process_id, reason } => opt_out::opt_out(context, &person, &process_id, reason).await,
        PersonRequest::EndSoak { process_id, reason } => {
            intervention::end_soak(context, &person, &process_id, reason).await
        }
        PersonRequest::Resolve { process_id, choice, reason } => {
            intervention::resolve(context, approvers, &person, &process_id, choice, reason).await
        }
        PersonRequest::Release { process_id, confirm, reason } => {
            intervention::release(context, approvers, &person, &process_id, &confirm, reason).await
        }
    }
}

/// A refusal, logged: who is refused often is worth a look.
pub fn refused(status: u16, message: &str) -> Value {
    tracing::warn!(status, message, "refused");
    refusal(status, message)
}
