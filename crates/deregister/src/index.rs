//! What a fresh look cannot ask about one image: read whole, and kept while it is young enough in a warm sandbox.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sunset_aws::account::{Reading, read_unfilterable};
use sunset_aws::clients::Clients;
use sunset_domain::coverage::Coverage;
use tokio::sync::Mutex;

/// An older index decides nothing.
const MAX_AGE: Duration = Duration::from_secs(300);

/// The index of a sandbox.
#[derive(Debug, Default)]
pub struct Index(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    since: Instant,
    all_template_versions: bool,
    reading: Arc<Reading>,
}

impl Kept {
    fn serves(&self, all_template_versions: bool) -> bool {
        self.since.elapsed() <= MAX_AGE
            && self.all_template_versions == all_template_versions
            && self.reading.coverages.values().all(Coverage::is_complete)
    }
}

impl Index {
    /// The index, read again if it is older than 300 s or was not complete. Its age counts from before its first call.
    pub async fn fresh(&self, clients: &Clients, all_template_versions: bool) -> Arc<Reading> {
        let mut kept = self.0.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.serves(all_template_versions)) {
            return Arc::clone(&kept.reading);
        }
        let since = Instant::now();
        let reading = Arc::new(read_unfilterable(clients, all_template_versions).await);
        *kept = Some(Kept { since, all_template_versions, reading: Arc::clone(&reading) });
        reading
    }
}
