//! `validate`: proves that a resource is gone, reports, and holds audit trails against their heads.

mod audit;
mod check;
mod handler;
mod report;

/// Who the audit trail says it was.
const ACTOR: &str = "function:validate";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    sunset_function::run::run_process(std::convert::identity, |context, call| async move {
        handler::handle(&context, call.event).await
    })
    .await
}
