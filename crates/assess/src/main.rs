//! `assess`: begins a process, looks at its resource and counts what its loss would mean.

mod admit;
mod handler;
mod look;
mod reassess;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    sunset_function::run::run_process(
        |context| context.reading_approvers().reading_windows(),
        |context, call| async move { handler::handle(&context, call.event).await },
    )
    .await
}
