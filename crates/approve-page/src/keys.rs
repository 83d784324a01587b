//! The keys of links, kept for a while: a page that asked SSM every time would be slow, and one that never asked again
//! would not see them rotate.

use std::time::{Duration, Instant};

use sunset_aws::clients::Clients;
use sunset_aws::link_keys::{self, LinkKeysError};
use sunset_domain::approval::link::{BadLink, Link, LinkKeys};
use sunset_domain::time::Timestamp;
use tokio::sync::Mutex;

/// How long keys are used without a look at SSM.
const KEPT: Duration = Duration::from_secs(300);

/// How soon a link of an unknown key makes the page look again, at the earliest: anybody can make up a key.
const AGAIN: Duration = Duration::from_secs(60);

/// The keys of links.
#[derive(Debug)]
pub struct Keys {
    clients: Clients,
    parameter: String,
    read: Mutex<Option<(Instant, LinkKeys)>>,
}

impl Keys {
    /// Keys in the parameter of this name.
    pub fn new(clients: Clients, parameter: String) -> Self {
        Self { clients, parameter, read: Mutex::new(None) }
    }

    /// The keys, at most `oldest` old.
    async fn at_most(&self, oldest: Duration) -> Result<LinkKeys, LinkKeysError> {
        let mut read = self.read.lock().await;
        if let Some((at, keys)) = read.as_ref()
            && at.elapsed() < oldest
        {
            return Ok(keys.clone());
        }
        let keys = link_keys::read(&self.clients, &self.parameter).await?;
        *read = Some((Instant::now(), keys.clone()));
        Ok(keys)
    }

    /// The keys.
    pub async fn get(&self) -> Result<LinkKeys, LinkKeysError> {
        self.at_most(KEPT).await
    }

    /// What a token stands for. A key that is not known may be newer than the keys at hand.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Result<Link, BadLink>, LinkKeysError> {
        let verified = self.get().await?.verify(token, now);
        if matches!(verified, Err(BadLink::UnknownKey)) {
            return Ok(self.at_most(AGAIN).await?.verify(token, now));
        }
        Ok(verified)
    }
}
