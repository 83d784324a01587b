//! `execute`: a cursor over the ledger that carries out a plan, forward or back, as far as one call's time allows.

mod approved;
mod back;
mod forward;
mod handler;
mod irreversible;
mod rehearsal;
mod step_call;
mod window;
mod work;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    sunset_function::run::run_process(sunset_function::ProcessContext::reading_windows, |context, call| async move {
        handler::handle(&context, call.event).await
    })
    .await
}
