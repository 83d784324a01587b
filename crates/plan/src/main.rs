//! `plan`: makes the runbook that people approve, and makes it again before it is carried out.

mod confirm;
mod draft;
mod handler;
mod made;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    sunset_function::run::run_process(std::convert::identity, |context, call| async move {
        handler::handle(&context, call.event).await
    })
    .await
}
