//! `approve`: asks people, takes their answers, and wakes what waits for them. What decides is always the ledger.

mod auto;
mod handler;
mod hold;
mod intervention;
mod people;
mod request;
mod soak;
mod tally;
mod vote;
mod wake;

/// Who the audit trail says it was, where no person was.
const ACTOR: &str = "function:approve";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    sunset_function::run::run_process(|context, call| async move { handler::handle(&context, call.event).await }).await
}
