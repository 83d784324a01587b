//! The loopback AWS that functions are measured against: set to a scene before every call, and asked afterwards what was called.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use sunset_wire::{Account, Ec2};

use crate::aws::{Aws, Items, Journal, Key, Notice, Scheme, State, Table};
use crate::error::BenchError;

/// The account whose images are cleaned.
pub const ACCOUNT_ID: &str = "123456789012";
/// A team's table of what is whose.
pub const TRACKING: &str = "ResourceTracking";
/// A team's table of what depends on what.
pub const DEPENDENCIES: &str = "ResourceDependencies";
const TABLE: &str = "ledger";
const AUDIT: &str = "audit";
/// Every table and its key.
const TABLES: [(&str, Key); 4] = [
    (TABLE, Key::Two("pk", "sk")),
    (AUDIT, Key::Numbered("process_id", "seq")),
    (TRACKING, Key::Two("ResourceId", "ResourceType")),
    (DEPENDENCIES, Key::One("ResourceId")),
];
const BUCKET: &str = "bucket";
/// The parameter that holds the keys of personal links.
pub const LINK_KEYS: &str = "/bench/approval-link-keys";
/// Where people answer by personal links.
pub const PAGE_URL: &str = "https://zyxwvutsrqponmlkjihgfedcba543210.lambda-url.us-east-1.on.aws/";

/// A running loopback AWS.
#[derive(Debug)]
pub struct Stage {
    ec2: Ec2,
    aws: Aws,
    authorities: Option<Authorities>,
}

/// A moment of the account, the ledger and the bucket, to go back to.
#[derive(Debug, Clone)]
pub struct Scene {
    account: Account,
    state: State,
}

impl Scene {
    /// An account with empty tables and an empty bucket.
    #[must_use]
    pub fn new(account: Account) -> Self {
        let tables = TABLES.map(|(name, key)| (name.to_owned(), Table::new(key))).into();
        Self { account, state: State { tables, ..State::default() } }
    }

    /// Puts an item into a table.
    ///
    /// # Errors
    /// There is no such table, or the item has not its key.
    pub fn put(&mut self, table: &str, item: serde_json::Value) -> Result<(), BenchError> {
        let refused = |why: &str| BenchError::unexpected(format!("table {table} does not take {item}: {why}"));
        let items = self.state.tables.get_mut(table).ok_or_else(|| refused("there is none"))?;
        let fields = item.as_object().cloned().unwrap_or_default();
        items.put(fields).map_err(|why| refused(&why))
    }

    /// The lines of the one manifest in the bucket.
    ///
    /// # Errors
    /// There is none, or it is no JSONL.
    pub fn manifest(&self) -> Result<Vec<serde_json::Value>, BenchError> {
        let objects = &self.state.objects;
        let manifest = objects.iter().find_map(|(path, body)| path.ends_with("/manifest.jsonl").then_some(body));
        let manifest = manifest.ok_or_else(|| BenchError::unexpected("the run wrote no manifest"))?;
        let lines = manifest.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let lines = lines.map(serde_json::from_slice).collect::<Result<_, _>>();
        lines.map_err(|error| BenchError::unexpected(format!("the manifest is no JSONL: {error}")))
    }

    /// The names of all items and objects.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        let items =
            self.state.tables.iter().flat_map(|(table, held)| {
                held.items.keys().map(move |(hash, range)| format!("{table}/{hash}/{range}"))
            });
        items.chain(self.state.objects.keys().cloned()).collect()
    }

    /// What was last told on a topic of this name.
    ///
    /// # Errors
    /// Nothing was.
    pub fn last_notice(&self, topic: &str) -> Result<&str, BenchError> {
        let of_topic = |notice: &&Notice| notice.topic_arn.rsplit(':').next() == Some(topic);
        let notice = self.state.notices.iter().rev().find(of_topic);
        notice.map(|notice| &*notice.message).ok_or_else(|| BenchError::unexpected(format!("{topic} was told nothing")))
    }

    /// How often a state that waits was woken.
    #[must_use]
    pub fn wakes(&self) -> usize {
        self.state.wakes
    }

    /// Makes images old enough to be due.
    pub fn expire(&mut self, ids: impl IntoIterator<Item = String>) {
        crate::inventory::expire(&mut self.account, ids);
    }

    /// The same scene with an empty bucket.
    #[must_use]
    pub fn without_objects(mut self) -> Self {
        self.state.objects.clear();
        self
    }

    /// The same scene with another ledger.
    #[must_use]
    pub fn with_ledger(mut self, change: impl FnOnce(&mut Items)) -> Self {
        if let Some(ledger) = self.state.tables.get_mut(TABLE) {
            change(&mut ledger.items);
        }
        self
    }

    /// The same scene with another account.
    #[must_use]
    pub fn with_account(mut self, change: impl FnOnce(&mut Account)) -> Self {
        change(&mut self.account);
        self
    }
}

impl Stage {
    /// Starts a stage over TLS, trusted beside `well_known`, the authorities that a function trusts on AWS, so that
    /// their reading is measured too.
    ///
    /// # Errors
    /// A server that cannot be started, or a file that cannot be written.
    pub async fn over_tls(scene: &Scene, well_known: &Path, directory: &Path) -> Result<Self, BenchError> {
        let ec2 = Ec2::start_tls(scene.account.clone()).await;
        let aws = Aws::start(Scheme::Https, &ec2.url())?;
        let mut pem = std::fs::read_to_string(well_known).map_err(BenchError::file(well_known))?;
        for authority in [ec2.ca_pem(), aws.ca_pem()].into_iter().flatten() {
            pem.push('\n');
            pem.push_str(authority);
        }
        let authorities = Authorities::write(directory, &pem)?;
        let stage = Self { ec2, aws, authorities: Some(authorities) };
        stage.set(scene);
        Ok(stage)
    }

    /// Starts a stage over plain HTTP.
    ///
    /// # Errors
    /// A server that cannot be started.
    pub async fn over_http(scene: &Scene) -> Result<Self, BenchError> {
        let ec2 = Ec2::start(scene.account.clone()).await;
        let aws = Aws::start(Scheme::Http, &ec2.url())?;
        let stage = Self { ec2, aws, authorities: None };
        stage.set(scene);
        Ok(stage)
    }

    /// What a function needs in its environment to play on this stage, as the template would set it.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut variables = self.aws.environment();
        let mut set = |name: &str, value: &str| variables.push((name.to_owned(), value.to_owned()));
        set("SUNSET_TABLE", TABLE);
        set("SUNSET_BUCKET", BUCKET);
        set("SUNSET_TOPIC_ARN", &format!("arn:aws:sns:us-east-1:{ACCOUNT_ID}:notices"));
        set("SUNSET_ACCOUNT_ID", ACCOUNT_ID);
        set("SUNSET_ALLOW_LIVE", "true");
        set("SUNSET_STACK", "bench");
        set("SUNSET_AUDIT_TABLE", AUDIT);
        set("SUNSET_TRACKING_TABLE", TRACKING);
        set("SUNSET_DEPENDENCIES_TABLE", DEPENDENCIES);
        set("SUNSET_APPROVE_URL", "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws/");
        set("SUNSET_PAGE_URL", PAGE_URL);
        set("SUNSET_LINK_KEYS_PARAMETER", LINK_KEYS);
        if let Some(Authorities(path)) = &self.authorities {
            // The first is rustls's, the second boto3's.
            set("SSL_CERT_FILE", &path.display().to_string());
            set("AWS_CA_BUNDLE", &path.display().to_string());
        }
        variables
    }

    /// Goes back to a scene, and forgets what was called.
    pub fn set(&self, scene: &Scene) {
        self.ec2.account().clone_from(&scene.account);
        self.aws.state().clone_from(&scene.state);
        drop(self.take_calls());
    }

    /// The scene as it is now.
    #[must_use]
    pub fn scene(&self) -> Scene {
        Scene { account: self.ec2.account().clone(), state: self.aws.state().clone() }
    }

    /// How much the ledger holds.
    #[must_use]
    pub fn ledger_bytes(&self) -> usize {
        crate::aws::bytes(&self.aws.state().tables)
    }

    /// What was called since the scene was set, or since this was last asked.
    #[must_use]
    pub fn take_calls(&self) -> Calls {
        let journal = self.aws.take_journal();
        let ec2 = self.ec2.calls().iter().map(|call| format!("{}:{}", call.service.prefix(), call.action)).collect();
        self.ec2.forget_calls();
        Calls { ec2, journal }
    }
}

/// What a function called.
#[derive(Debug, Clone)]
pub struct Calls {
    /// EC2, Auto Scaling, Elastic Load Balancing and Systems Manager, in order of arrival.
    ec2: Vec<String>,
    /// The other services.
    pub journal: Journal,
}

impl Calls {
    fn names(&self) -> impl Iterator<Item = String> {
        let others = self.journal.calls.iter().map(|call| format!("{}:{}", call.service, call.action));
        self.ec2.iter().cloned().chain(others)
    }

    /// How often each action was called.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for name in self.names() {
            *counts.entry(name).or_default() += 1;
        }
        counts
    }

    /// How many calls were made in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.names().count()
    }

    /// How many calls were made of actions with this prefix, such as `s3:Put`.
    #[must_use]
    pub fn of(&self, prefix: &str) -> usize {
        self.names().filter(|name| name.starts_with(prefix)).count()
    }
}

impl fmt::Display for Calls {
    /// The actions in the order in which each was first called, with how often.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts();
        let mut shown = Vec::new();
        for name in self.names() {
            if !shown.contains(&name) {
                f.write_str(if shown.is_empty() { "" } else { ", " })?;
                match counts.get(&name) {
                    Some(count @ 2..) => write!(f, "{name} × {count}")?,
                    _ => f.write_str(&name)?,
                }
                shown.push(name);
            }
        }
        Ok(())
    }
}

/// A file of authorities, gone when dropped.
#[derive(Debug)]
struct Authorities(PathBuf);

impl Authorities {
    fn write(directory: &Path, pem: &str) -> Result<Self, BenchError> {
        std::fs::create_dir_all(directory).map_err(BenchError::file(directory))?;
        let path = directory.join(format!("authorities-{}.pem", std::process::id()));
        std::fs::write(&path, pem).map_err(BenchError::file(&path))?;
        Ok(Self(path))
    }
}

impl Drop for Authorities {
    fn drop(&mut self) {
        // One that stays behind does no harm, and is under target/.
        std::fs::remove_file(&self.0).ok();
    }
}
