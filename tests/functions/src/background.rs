//! One runtime for everything that outlives a test or serves it while it blocks.

use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::Handle;

/// The runtime, on a thread of its own until the process ends.
pub(crate) fn handle() -> &'static Handle {
    static HANDLE: OnceLock<Handle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let handle = runtime.handle().clone();
        std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
        handle
    })
}

/// Does something there, and waits for it here.
pub(crate) async fn there<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    handle().spawn(work).await.expect("no panic in the background")
}
