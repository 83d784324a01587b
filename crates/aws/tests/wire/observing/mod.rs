//! What a look at a resource of each type gives.

mod address;
mod image;
mod instance;
mod security_group;
mod snapshot;
mod teams;
mod volume;

use sunset_aws::clients::Clients;
use sunset_aws::observe::observe;
use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::process::observation::Observation;
use sunset_domain::process::resource::{Resource, ResourceType};
use sunset_domain::time::Timestamp;
use sunset_wire::{Account, Ec2, Instance, SecurityGroup, Snapshot, Volume};

use crate::support::{account, complete, serve, unread};
use crate::tables::{Answer, tables, teams};

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T09:00:00Z").unwrap()
}

/// An account whose team says nothing of anything.
async fn serve_alone(account: Account) -> (Ec2, Clients) {
    let (ec2, mut clients) = serve(account).await;
    clients.dynamodb = tables(Answer::Nothing, Answer::Nothing).0;
    (ec2, clients)
}

async fn seen(clients: &Clients, kind: ResourceType, id: &str) -> Observation {
    observe(clients, &Resource::new(kind, id).unwrap(), &teams(), now()).await
}

const SIX: [(ResourceType, &str); 6] = [
    (ResourceType::Instance, "i-1"),
    (ResourceType::Volume, "vol-1"),
    (ResourceType::Snapshot, "snap-1"),
    (ResourceType::Image, "ami-1"),
    (ResourceType::Address, "eipalloc-1"),
    (ResourceType::SecurityGroup, "sg-1"),
];

#[tokio::test]
async fn what_does_not_exist_was_looked_for_and_not_found() {
    let (_ec2, clients) = serve_alone(account()).await;
    for (kind, id) in SIX {
        let observation = seen(&clients, kind, id).await;
        assert_eq!(observation.found, None);
        assert_eq!(observation.coverages[&Source::Resource], complete(0), "{kind}");
        assert_eq!(observation.observed_at, now());
        assert!(observation.dependents.is_empty() && unread(&observation).is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn an_answer_about_something_else_does_not_say_that_it_is_gone() {
    for (action, kind, id) in [
        ("DescribeInstances", ResourceType::Instance, "i-1"),
        ("DescribeVolumes", ResourceType::Volume, "vol-1"),
        ("DescribeSnapshots", ResourceType::Snapshot, "snap-1"),
        ("DescribeSecurityGroups", ResourceType::SecurityGroup, "sg-1"),
    ] {
        let account = account()
            .instance(Instance::new("i-1", "ami-1"))
            .volume(Volume::new("vol-1"))
            .snapshot(Snapshot::new("snap-1"))
            .security_group(SecurityGroup::new("sg-1", "web"));
        let (ec2, clients) = serve_alone(account).await;
        ec2.first_page_empty(action);
        assert!(seen(&clients, kind, id).await.found.is_some(), "it may be on the next page");
        ec2.pages_at_most(action, 0);
        let observation = seen(&clients, kind, id).await;
        assert_eq!(observation.found, None);
        assert!(matches!(observation.coverages[&Source::Resource], Coverage::Failed { .. }), "{kind}");
    }
}

#[tokio::test]
async fn what_could_not_be_read_is_not_gone() {
    let (ec2, clients) = serve_alone(account()).await;
    for action in [
        "DescribeInstances",
        "DescribeVolumes",
        "DescribeSnapshots",
        "DescribeImages",
        "DescribeAddresses",
        "DescribeSecurityGroups",
    ] {
        ec2.account().denied.insert(action.to_owned());
    }
    for (kind, id) in SIX {
        let observation = seen(&clients, kind, id).await;
        assert_eq!(observation.found, None);
        assert!(matches!(observation.coverages[&Source::Resource], Coverage::Denied { .. }), "{kind}");
    }
}
