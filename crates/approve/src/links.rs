//! Personal links to the approval page.

use sunset_aws::link_keys::{self, LinkKeysError};
use sunset_domain::approval::link::{self, Link, LinkKeys};
use sunset_domain::time::Timestamp;
use sunset_function::metrics::emit;
use sunset_function::{FunctionError, ProcessContext};

/// How long a list of what waits for somebody can be read.
const WAITING_DAYS: u32 = 7;

/// What makes links.
pub struct Links {
    page_url: String,
    keys: LinkKeys,
}

impl Links {
    /// What makes links, if anything does: without a page or its keys people are told all the same, and answer by the
    /// Function URL that asks AWS who they are.
    ///
    /// # Errors
    /// What SSM may do the next time.
    pub async fn of(context: &ProcessContext) -> Result<Option<Self>, FunctionError> {
        let Some(settings) = &context.links else { return Ok(None) };
        match link_keys::read(&context.clients, &settings.keys_parameter).await {
            Ok(keys) => Ok(Some(Self { page_url: settings.page_url.clone(), keys })),
            Err(LinkKeysError::Aws { cause, .. }) if !cause.is_final() => Err(cause.into()),
            Err(missing @ LinkKeysError::Missing { .. }) => {
                tracing::warn!(%missing, "people are told without links");
                Ok(None)
            }
            Err(broken) => {
                tracing::error!(%broken, "people are told without links");
                emit(context, &[("NoticesFailed", 1)]);
                Ok(None)
            }
        }
    }

    /// The address of a link; nothing where it cannot be signed.
    pub fn address(&self, link: &Link, now: Timestamp) -> Option<String> {
        match self.keys.sign(link, now) {
            Ok(token) => Some(link::url(&self.page_url, &token)),
            Err(error) => {
                tracing::error!(person = link.person, %error, "a link cannot be signed");
                None
            }
        }
    }

    /// The address of the list of what waits for somebody.
    pub fn waiting(&self, person: &str, now: Timestamp) -> Option<String> {
        self.address(&Link::waiting(person, now.plus_days(WAITING_DAYS)), now)
    }
}
