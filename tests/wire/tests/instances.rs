//! Instances: what is described of them, and how they stop, start and come to an end.

mod support;

use sunset_wire::{Account, Address, Ec2, Fault, Instance, NetworkInterface, Peer, SecurityGroup, Volume, When};
use support::{ec2, pages};

const ACCOUNT: &str = "123456789012";
const ONE: (&str, &str) = ("InstanceId.1", "i-1");

fn account() -> Account {
    Account::new(ACCOUNT)
}

/// An instance with a root that goes with it, a second volume that stays, and a public address.
fn web() -> Account {
    account()
        .instance(Instance::new("i-1", "ami-1"))
        .volume(Volume::new("vol-root").root_of("i-1"))
        .volume(Volume::new("vol-data").attached_to("i-1", "/dev/sdf"))
        .security_group(SecurityGroup::new("sg-1", "web"))
        .network_interface(NetworkInterface::primary_of("i-1").member_of("sg-1").public_ip("203.0.113.1"))
}

async fn act(server: &Ec2, action: &str, id: &str) -> String {
    ec2(server, action, &[("InstanceId.1", id)]).await.code().to_owned()
}

/// The states that one describe call after the other shows.
async fn states(server: &Ec2, calls: usize) -> Vec<String> {
    let mut states = Vec::new();
    for _ in 0..calls {
        let answer = ec2(server, "DescribeInstances", &[ONE]).await;
        let state = answer.one("instanceState").and_then(|state| state.split_once("<name>"));
        states.push(state.map_or("none", |(_, name)| name.trim_end_matches("</name>")).to_owned());
    }
    states
}

#[tokio::test]
async fn an_instance_is_described_with_all_that_is_attached_to_it() {
    let instance = Instance::new("i-1", "ami-1")
        .of_type("m7g.large")
        .persistent_spot()
        .tenancy("dedicated")
        .in_zone("us-east-1b")
        .profile("arn:aws:iam::123456789012:instance-profile/web")
        .ebs_optimized()
        .stopped_hours_ago(3)
        .tag("Name", "web");
    let server = Ec2::start(
        account()
            .instance(instance)
            .volume(Volume::new("vol-root").root_of("i-1"))
            .volume(Volume::new("vol-data").attached_to("i-1", "/dev/sdf"))
            .security_group(SecurityGroup::new("sg-1", "web"))
            .network_interface(NetworkInterface::primary_of("i-1").member_of("sg-1").private_ip("10.0.0.7"))
            .network_interface(NetworkInterface::new("eni-2").attached_to("i-1", 1).member_of("sg-2"))
            .address(Address::new("eipalloc-1").ip("203.0.113.9").associated_with("i-1")),
    )
    .await;
    let answer = ec2(&server, "DescribeInstances", &[]).await;
    for (element, text) in [
        ("instanceType", "m7g.large"),
        ("instanceLifecycle", "spot"),
        ("spotInstanceRequestId", "sir-1"),
        ("tenancy", "dedicated"),
        ("availabilityZone", "us-east-1b"),
        ("arn", "arn:aws:iam::123456789012:instance-profile/web"),
        ("ebsOptimized", "true"),
        ("rootDeviceType", "ebs"),
        ("rootDeviceName", "/dev/xvda"),
        ("privateIpAddress", "10.0.0.7"),
        ("ipAddress", "203.0.113.9"),
        ("ipOwnerId", ACCOUNT),
        ("vpcId", "vpc-0123456789abcdef0"),
        ("subnetId", "subnet-0123456789abcdef0"),
        ("value", "web"),
    ] {
        assert_eq!(answer.one(element), Some(text), "{element}");
    }
    assert_eq!(answer.all("deviceName"), ["/dev/sdf", "/dev/xvda"]);
    assert_eq!(answer.all("volumeId"), ["vol-data", "vol-root"]);
    assert_eq!(answer.all("networkInterfaceId"), ["eni-1", "eni-2"]);
    assert_eq!(answer.all("groupId"), ["sg-1", "sg-1", "sg-2"]);
    assert!(answer.one("reason").is_some_and(|reason| reason.starts_with("User initiated (20")));
    assert!(answer.one("stateReason").is_some_and(|reason| reason.contains("Client.UserInitiatedShutdown")));
}

#[tokio::test]
async fn instances_are_found_by_group_interface_volume_and_tag() {
    let server = Ec2::start(
        web()
            .instance(Instance::new("i-2", "ami-1").tag("team", "a"))
            .network_interface(NetworkInterface::primary_of("i-2").member_of("sg-2")),
    )
    .await;
    let ids = async |name: &str, value: &str| -> String {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        ec2(&server, "DescribeInstances", &filter).await.all("instanceId").join(" ")
    };
    assert_eq!(ids("instance.group-id", "sg-1").await, "i-1");
    assert_eq!(ids("instance.group-name", "web").await, "i-1");
    assert_eq!(ids("network-interface.group-id", "sg-2").await, "i-2");
    assert_eq!(ids("network-interface.network-interface-id", "eni-2").await, "i-2");
    assert_eq!(ids("block-device-mapping.volume-id", "vol-data").await, "i-1");
    assert_eq!(ids("ip-address", "203.0.113.1").await, "i-1");
    assert_eq!(ids("tag:team", "a").await, "i-2");
    assert_eq!(ids("instance-state-name", "running").await, "i-1 i-2");
}

#[tokio::test]
async fn unknown_instances_are_named_all_together() {
    let server = Ec2::start(account().instance(Instance::new("i-1", "ami-1"))).await;
    let unknown = [ONE, ("InstanceId.2", "i-8"), ("InstanceId.3", "i-9")];
    for action in ["DescribeInstances", "StopInstances", "StartInstances", "TerminateInstances"] {
        let answer = ec2(&server, action, &unknown).await;
        assert_eq!(answer.code(), "InvalidInstanceID.NotFound");
        assert_eq!(answer.one("Message"), Some("The instance IDs 'i-8, i-9' do not exist"));
        assert_eq!(act(&server, action, "web").await, "InvalidInstanceID.Malformed");
    }
    assert_eq!(server.account().instance_state("i-1"), Some("running"));
}

#[tokio::test]
async fn attributes_are_described_one_at_a_time() {
    let instance =
        Instance::new("i-1", "ami-1").termination_protected().terminates_on_shutdown().user_data("IyEvYmluL3No");
    let server = Ec2::start(account().instance(instance)).await;
    let value = async |attribute: &str| -> String {
        let params = [("InstanceId", "i-1"), ("Attribute", attribute)];
        let answer = ec2(&server, "DescribeInstanceAttribute", &params).await;
        answer.one(attribute).unwrap_or(answer.code()).to_owned()
    };
    assert_eq!(value("disableApiTermination").await, "<value>true</value>");
    assert_eq!(value("disableApiStop").await, "<value>false</value>");
    assert_eq!(value("instanceInitiatedShutdownBehavior").await, "<value>terminate</value>");
    assert_eq!(value("userData").await, "<value>IyEvYmluL3No</value>");
    assert_eq!(value("kernel").await, "");
    assert_eq!(value("colour").await, "InvalidParameterValue");
}

#[tokio::test]
async fn a_stopping_instance_shows_so_for_as_many_calls_as_it_is_told() {
    let server = Ec2::start(web().instances_stop_after(2).instances_start_after(1)).await;
    let stopped = ec2(&server, "StopInstances", &[ONE]).await;
    assert!(stopped.one("currentState").is_some_and(|state| state.contains("<code>64</code><name>stopping</name>")));
    assert!(stopped.one("previousState").is_some_and(|state| state.contains("<name>running</name>")));
    assert_eq!(act(&server, "StartInstances", "i-1").await, "IncorrectInstanceState");
    assert_eq!(states(&server, 3).await, ["stopping", "stopping", "stopped"]);
    assert_eq!(act(&server, "StopInstances", "i-1").await, "no error");

    assert_eq!(act(&server, "StartInstances", "i-1").await, "no error");
    assert_eq!(act(&server, "StopInstances", "i-1").await, "IncorrectInstanceState");
    assert_eq!(states(&server, 2).await, ["pending", "running"]);
}

#[tokio::test]
async fn only_calls_that_look_at_an_instance_bring_it_on() {
    let server = Ec2::start(web().instance(Instance::new("i-2", "ami-1")).instances_stop_after(1)).await;
    act(&server, "StopInstances", "i-1").await;
    for _ in 0..3 {
        ec2(&server, "DescribeInstances", &[("InstanceId.1", "i-2")]).await;
    }
    assert_eq!(server.account().instance_state("i-1"), Some("stopping"));
    let stopped = [("Filter.1.Name", "instance-state-name"), ("Filter.1.Value.1", "stopped")];
    let shown: Vec<usize> = [
        ec2(&server, "DescribeInstances", &stopped).await.all("instanceId").len(),
        ec2(&server, "DescribeInstances", &stopped).await.all("instanceId").len(),
    ]
    .into();
    assert_eq!(shown, [0, 1]);
}

#[tokio::test]
async fn a_stop_loses_the_public_address_and_a_start_brings_another_one() {
    let server = Ec2::start(web()).await;
    let public_ip = async || ec2(&server, "DescribeInstances", &[ONE]).await.one("ipAddress").map(str::to_owned);
    assert_eq!(public_ip().await.as_deref(), Some("203.0.113.1"));
    act(&server, "StopInstances", "i-1").await;
    assert_eq!(public_ip().await, None);
    act(&server, "StartInstances", "i-1").await;
    assert!(public_ip().await.is_some_and(|ip| ip != "203.0.113.1"));
}

#[tokio::test]
async fn some_instances_are_not_to_be_stopped() {
    let server = Ec2::start(
        account()
            .instance(Instance::new("i-1", "ami-1").stop_protected())
            .instance(Instance::new("i-2", "ami-1").instance_store())
            .instance(Instance::new("i-3", "ami-1").spot())
            .instance(Instance::new("i-4", "ami-1").terminated())
            .instance(Instance::new("i-5", "ami-1").persistent_spot()),
    )
    .await;
    let protected = ec2(&server, "StopInstances", &[ONE]).await;
    assert_eq!(protected.code(), "OperationNotPermitted");
    assert_eq!(
        protected.one("Message"),
        Some("The instance 'i-1' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.")
    );
    assert_eq!(act(&server, "StopInstances", "i-2").await, "UnsupportedOperation");
    assert_eq!(act(&server, "StopInstances", "i-3").await, "UnsupportedOperation");
    assert_eq!(act(&server, "StopInstances", "i-4").await, "IncorrectInstanceState");
    assert_eq!(act(&server, "StartInstances", "i-4").await, "IncorrectInstanceState");
    assert_eq!(act(&server, "StopInstances", "i-5").await, "no error");
}

#[tokio::test]
async fn several_instances_are_stopped_together_or_not_at_all() {
    let server = Ec2::start(web().instance(Instance::new("i-2", "ami-1").stop_protected())).await;
    let both = [ONE, ("InstanceId.2", "i-2")];
    assert_eq!(ec2(&server, "StopInstances", &both).await.code(), "OperationNotPermitted");
    assert_eq!(server.account().instance_state("i-1"), Some("running"));
}

#[tokio::test]
async fn a_start_may_find_no_capacity() {
    let server = Ec2::start(account().instance(Instance::new("i-1", "ami-1").stopped())).await;
    let full = Fault::error(500, "InsufficientInstanceCapacity", "Insufficient capacity.");
    server.faults().add("StartInstances", When::First(1), full);
    assert_eq!(act(&server, "StartInstances", "i-1").await, "InsufficientInstanceCapacity");
    assert_eq!(act(&server, "StartInstances", "i-1").await, "no error");
    assert_eq!(server.account().instance_state("i-1"), Some("running"));
}

#[tokio::test]
async fn an_instance_without_its_root_does_not_start() {
    let server = Ec2::start(web()).await;
    act(&server, "StopInstances", "i-1").await;
    ec2(&server, "DetachVolume", &[("VolumeId", "vol-root")]).await;
    let rootless = ec2(&server, "StartInstances", &[ONE]).await;
    assert_eq!(rootless.code(), "InvalidParameterValue");
    assert!(rootless.body.contains("does not have a volume attached at root (/dev/xvda)"));
    let back = [("VolumeId", "vol-root"), ("InstanceId", "i-1"), ("Device", "/dev/xvda")];
    ec2(&server, "AttachVolume", &back).await;
    assert_eq!(act(&server, "StartInstances", "i-1").await, "no error");
}

#[tokio::test]
async fn a_termination_takes_what_goes_with_the_instance_and_frees_the_rest() {
    let server = Ec2::start(
        web()
            .network_interface(NetworkInterface::new("eni-2").attached_to("i-1", 1))
            .address(Address::new("eipalloc-1").associated_with("i-1"))
            .address(Address::new("eipalloc-2").associated_with("eni-2"))
            .instances_terminate_after(1),
    )
    .await;
    let terminated = ec2(&server, "TerminateInstances", &[ONE]).await;
    assert!(terminated.one("currentState").is_some_and(|state| state.contains("shutting-down")));
    assert_eq!(states(&server, 1).await, ["shutting-down"]);
    assert!(server.account().has_volume("vol-root"));
    assert_eq!(server.account().address_association("eipalloc-1"), Some("eni-1"));

    assert_eq!(states(&server, 1).await, ["terminated"]);
    assert_eq!(act(&server, "TerminateInstances", "i-1").await, "no error");
    let gone = ec2(&server, "DescribeInstances", &[ONE]).await;
    assert_eq!((gone.one("vpcId"), gone.one("volumeId"), gone.one("networkInterfaceId")), (None, None, None));
    let account = server.account();
    assert!(!account.has_volume("vol-root"));
    assert_eq!(account.volume_state("vol-data"), Some("available"));
    assert!(!account.has_network_interface("eni-1"));
    assert!(account.has_network_interface("eni-2"));
    assert_eq!(account.address_association("eipalloc-1"), None);
    assert_eq!(account.address_association("eipalloc-2"), Some("eni-2"));
    assert_eq!(account.members_of("sg-1").len(), 0);
}

#[tokio::test]
async fn protected_instances_are_not_terminated() {
    let server = Ec2::start(
        account()
            .instance(Instance::new("i-1", "ami-1").termination_protected())
            .instance(Instance::new("i-2", "ami-1").stop_protected()),
    )
    .await;
    for (id, attribute) in [("i-1", "disableApiTermination"), ("i-2", "disableApiStop")] {
        let answer = ec2(&server, "TerminateInstances", &[("InstanceId.1", id)]).await;
        assert_eq!(answer.code(), "OperationNotPermitted");
        assert!(answer.one("Message").is_some_and(|message| message.contains(attribute)));
    }
}

#[tokio::test]
async fn a_terminated_instance_may_be_forgotten_at_once() {
    let server = Ec2::start(web().forgets_terminated_instances()).await;
    assert_eq!(act(&server, "TerminateInstances", "i-1").await, "no error");
    assert_eq!(server.account().instance_state("i-1"), None);
    assert_eq!(act(&server, "DescribeInstances", "i-1").await, "InvalidInstanceID.NotFound");
    assert_eq!(act(&server, "TerminateInstances", "i-1").await, "InvalidInstanceID.NotFound");
}

#[tokio::test]
async fn a_dry_run_of_a_stop_stops_nothing() {
    let server = Ec2::start(web().denies("TerminateInstances")).await;
    let dry = [ONE, ("DryRun", "true")];
    assert_eq!(ec2(&server, "StopInstances", &dry).await.code(), "DryRunOperation");
    assert_eq!(ec2(&server, "TerminateInstances", &dry).await.code(), "UnauthorizedOperation");
    assert_eq!(server.account().instance_state("i-1"), Some("running"));
}

#[tokio::test]
async fn instances_are_read_in_pages() {
    let many = (0..12).fold(account(), |all, n| all.instance(Instance::new(format!("i-{n:02}"), "ami-1")));
    let server = Ec2::start(many).await;
    let pages = pages(&server, "DescribeInstances", &[("MaxResults", "5")]).await;
    assert_eq!(pages.iter().map(|page| page.all("instanceId").len()).collect::<Vec<_>>(), [5, 5, 2]);
}

#[tokio::test]
async fn everything_with_an_id_can_be_tagged() {
    let group = SecurityGroup::new("sg-2", "db").lets_in(5432, Peer::group("sg-1"));
    let server = Ec2::start(web().security_group(group).address(Address::new("eipalloc-1"))).await;
    let ids = ["i-1", "vol-data", "eni-1", "sg-1", "sgr-201", "eipalloc-1"];
    let names: Vec<String> = (1..=ids.len()).map(|n| format!("ResourceId.{n}")).collect();
    let mut params: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(ids).collect();
    params.extend([("Tag.1.Key", "sunset:condemned"), ("Tag.1.Value", "yes")]);
    assert_eq!(ec2(&server, "CreateTags", &params).await.code(), "no error");
    let filter = [("Filter.1.Name", "tag:sunset:condemned"), ("Filter.1.Value.1", "yes")];
    for (action, element) in [
        ("DescribeInstances", "instanceId"),
        ("DescribeVolumes", "multiAttachEnabled"),
        ("DescribeNetworkInterfaces", "networkInterfaceId"),
        ("DescribeSecurityGroups", "groupName"),
        ("DescribeSecurityGroupRules", "securityGroupRuleId"),
        ("DescribeAddresses", "allocationId"),
    ] {
        let answer = ec2(&server, action, &filter).await;
        assert_eq!(answer.all(element).len(), 1, "{action}");
        assert_eq!(answer.one("key"), Some("sunset:condemned"), "{action}");
    }
    ec2(&server, "DeleteTags", &params).await;
    assert_eq!(ec2(&server, "DescribeVolumes", &filter).await.all("volumeId").len(), 0);
    for (id, code) in [
        ("i-9", "InvalidInstanceID.NotFound"),
        ("vol-9", "InvalidVolume.NotFound"),
        ("eni-9", "InvalidNetworkInterfaceID.NotFound"),
        ("sg-9", "InvalidGroup.NotFound"),
        ("eipalloc-9", "InvalidElasticIpID.NotFound"),
    ] {
        let create = [("ResourceId.1", id), ("Tag.1.Key", "k"), ("Tag.1.Value", "v")];
        assert_eq!(ec2(&server, "CreateTags", &create).await.code(), code);
    }
}
