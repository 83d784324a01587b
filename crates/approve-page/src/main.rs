//! `approve-page`: shows people what they are asked and takes their answers, by links that are theirs alone. It reads
//! processes and adds votes, and can do nothing else: what wakes a process is the vote in the ledger.

mod answer;
mod handler;
mod keys;
mod read;
mod refusal;
mod settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    sunset_function::run::serve(settings::PageContext::from_environment, |context, call| async move {
        Ok(handler::handle(&context, &call.event).await)
    })
    .await
}
