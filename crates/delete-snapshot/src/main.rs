//! `delete-snapshot`: deletes the snapshots of an image that is gone, those that nothing else needs.

mod candidates;
mod deletion;
mod handler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    sunset_function::run::run(|context, call| async move { handler::handle(&context, call.event).await }).await
}
