//! The loopback EC2, with the Auto Scaling, Elastic Load Balancing and SSM calls that stand beside it, all on one port.

mod addresses;
mod ask;
mod auto_scaling;
mod error;
mod faults;
mod filters;
mod fleets;
mod image_references;
mod images;
mod instances;
mod journal;
mod launch_templates;
mod load_balancers;
mod network_interfaces;
mod paging;
mod params;
mod recycle_bin;
mod security_groups;
mod server;
mod snapshots;
mod spot;
mod ssm;
mod tag_specifications;
mod tags;
mod template_ref;
mod volumes;
mod xml;

use std::sync::{Arc, MutexGuard};

pub use faults::{Fault, Faults, When};
pub use journal::{Call, Outcome, Service};

use crate::account::Account;
use crate::loopback::Loopback;
use crate::tls;

/// A running loopback AWS of one account.
#[derive(Debug)]
pub struct Ec2 {
    shared: Arc<server::Shared>,
    ca_pem: Option<String>,
    loopback: Loopback,
}

impl Ec2 {
    /// Serves an account over plain HTTP.
    #[expect(clippy::unused_async, reason = "callers await a server's start, whatever it takes")]
    pub async fn start(account: Account) -> Self {
        let shared = Arc::new(server::Shared::new(account));
        let loopback = Loopback::start(&shared, None);
        Self { shared, ca_pem: None, loopback }
    }

    /// Serves an account over TLS, with a certificate for 127.0.0.1 from an authority of its own.
    #[expect(clippy::unused_async, reason = "callers await a server's start, whatever it takes")]
    pub async fn start_tls(account: Account) -> Self {
        let tls = tls::issue();
        let shared = Arc::new(server::Shared::new(account));
        let loopback = Loopback::start(&shared, Some(tls.acceptor));
        Self { shared, ca_pem: Some(tls.ca_pem), loopback }
    }

    /// The endpoint for EC2, Auto Scaling, Elastic Load Balancing and SSM alike.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.ca_pem.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.loopback.address())
    }

    /// The certificate authority to trust, when served over TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The account as it is now, to look at or to change. No call is served while this is held.
    pub fn account(&self) -> MutexGuard<'_, Account> {
        self.shared.account()
    }

    /// What goes wrong, and what changes just before a call is served.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// No page of this action (`*`: of any) holds more than so many items, whatever was asked for.
    pub fn pages_at_most(&self, action: &str, items: usize) {
        self.shared.pages.at_most(action, items);
    }

    /// The first page of this action (`*`: of any) is empty, and yet has a `NextToken`.
    pub fn first_page_empty(&self, action: &str) {
        self.shared.pages.first_empty(action);
    }

    /// Every call so far, in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.journal.calls()
    }

    /// Every call of this action so far.
    #[must_use]
    pub fn calls_of(&self, action: &str) -> Vec<Call> {
        let mut calls = self.calls();
        calls.retain(|call| call.action == action);
        calls
    }

    /// How many calls of this action were made, refused ones too.
    #[must_use]
    pub fn count(&self, action: &str) -> usize {
        self.shared.journal.count(action)
    }

    /// Starts the journal anew, and the counting of faults with it.
    pub fn forget_calls(&self) {
        self.shared.journal.clear();
        self.shared.faults.restart();
    }
}
