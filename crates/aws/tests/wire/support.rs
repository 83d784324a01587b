use std::collections::BTreeSet;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ec2::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use sunset_aws::account::Reading;
use sunset_aws::clients::Clients;
use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::ids::{ImageId, SnapshotId};
use sunset_domain::permit::{Permit, StoredIntent};
use sunset_domain::policy::Mode;
use sunset_domain::process::observation::{Dependent, Observation};
use sunset_wire::{Account, Ec2};

pub const ACCOUNT: &str = "123456789012";

pub fn account() -> Account {
    Account::new(ACCOUNT)
}

/// A running account, and clients for it that repeat as often as they always do, but sooner.
pub async fn serve(account: Account) -> (Ec2, Clients) {
    let ec2 = Ec2::start(account).await;
    let clients = clients_at(&ec2.url());
    (ec2, clients)
}

fn clients_at(url: &str) -> Clients {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKIDEXAMPLE",
            "secret",
            None,
            None,
            "test",
        )))
        .retry_config(RetryConfig::standard().with_max_attempts(5).with_initial_backoff(Duration::from_millis(1)))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Clients::at(url, config)
}

pub fn image_id(id: &str) -> ImageId {
    ImageId::parse(id).unwrap()
}

pub fn snapshot_id(id: &str) -> SnapshotId {
    SnapshotId::parse(id).unwrap()
}

pub fn permit(subject: &str) -> Permit {
    Permit::new(Mode::Live, StoredIntent::written(subject)).unwrap()
}

/// Who uses an image, as the report says it.
pub fn users(reading: &Reading, id: &str) -> Vec<String> {
    let uses = reading.uses.get(&image_id(id));
    uses.into_iter().flatten().map(ToString::to_string).collect()
}

/// The images that anything uses.
pub fn used(reading: &Reading) -> Vec<&str> {
    reading.uses.keys().map(ImageId::as_str).collect()
}

/// The sources that were not read completely.
pub fn incomplete(reading: &Reading) -> BTreeSet<Source> {
    reading.coverages.iter().filter(|(_, coverage)| !coverage.is_complete()).map(|(source, _)| *source).collect()
}

pub fn complete(items: u64) -> Coverage {
    Coverage::Complete { items }
}

/// Who depends on a resource, each in a line.
pub fn dependents(observation: &Observation) -> Vec<String> {
    let line = |Dependent { kind, id, relation, dependency, .. }: &Dependent| {
        format!("{kind} {id} {relation}: {}", format!("{dependency:?}").to_lowercase())
    };
    observation.dependents.iter().map(line).collect()
}

/// The codes of what protects a resource.
pub fn protections(observation: &Observation) -> Vec<&str> {
    observation.protections.iter().map(|protection| protection.code.as_str()).collect()
}

/// The sources that were not read completely.
pub fn unread(observation: &Observation) -> BTreeSet<Source> {
    observation.coverages.iter().filter(|(_, coverage)| !coverage.is_complete()).map(|(source, _)| *source).collect()
}
