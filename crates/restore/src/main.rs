//! `restore`: brings an image back, with its launch permissions and tags.

mod back;
mod handler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    sunset_function::run::run(|context, call| async move { handler::handle(&context, call.event).await }).await
}
