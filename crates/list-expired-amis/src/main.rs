//! `list-expired-amis`: reads the account, decides every image, writes the report and the manifest; afterwards counts
//! what became of the run.

mod documents;
mod handler;
mod list;
mod reading;
mod report;
mod turn;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    sunset_function::run::run(|context, call| async move { handler::handle(&context, call).await }).await
}
