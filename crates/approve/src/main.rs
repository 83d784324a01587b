//! `approve`: asks people, takes their answers, and wakes what waits for them. What decides is always the ledger.

mod answer;
mod asking;
mod auto;
mod escalate;
mod handler;
mod hold;
mod intervention;
mod links;
mod notice_over;
mod opt_out;
mod people;
mod personal;
mod remind;
mod request;
mod soak;
mod stream;
mod tally;
mod vote;
mod waits;
mod wake;

/// Who the audit trail says it was, where no person was.
const ACTOR: &str = "function:approve";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    sunset_function::run::run_process(sunset_function::ProcessContext::reading_approvers, |context, call| async move {
        handler::handle(&context, call.event).await
    })
    .await
}
