//! `deregister`: takes one image one step out, after a fresh look and a record of how to undo it.

mod fresh_look;
mod handler;
mod index;
mod out;
mod terms;

use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let index = Arc::new(index::Index::default());
    sunset_function::run::run(move |context, call| {
        let index = Arc::clone(&index);
        async move { handler::handle(&context, &index, call.event).await }
    })
    .await
}
