//! Elastic IP addresses: what they are associated with, and how they come and go.

mod support;

use sunset_wire::{Account, Address, Ec2, Instance, NetworkInterface};
use support::{Answer, ec2};

const ACCOUNT: &str = "123456789012";
const FIRST: (&str, &str) = ("AllocationId", "eipalloc-1");

fn account() -> Account {
    Account::new(ACCOUNT)
        .instance(Instance::new("i-1", "ami-1"))
        .network_interface(NetworkInterface::primary_of("i-1").private_ip("10.0.0.7").public_ip("203.0.113.100"))
        .network_interface(NetworkInterface::new("eni-free"))
        .network_interface(NetworkInterface::new("eni-nat").managed_by("amazon-nat", "nat_gateway"))
        .address(Address::new("eipalloc-1").ip("203.0.113.1").tag("Name", "web"))
        .address(Address::new("eipalloc-2").ip("203.0.113.2").associated_with("i-1"))
        .address(Address::new("eipalloc-nat").associated_with("eni-nat"))
}

async fn associate(server: &Ec2, params: &[(&str, &str)]) -> Answer {
    ec2(server, "AssociateAddress", params).await
}

async fn release(server: &Ec2, id: &str) -> String {
    ec2(server, "ReleaseAddress", &[("AllocationId", id)]).await.code().to_owned()
}

#[tokio::test]
async fn an_address_is_described_with_what_it_is_associated_with() {
    let server = Ec2::start(account().address(Address::new("eipalloc-alb").service_managed("alb"))).await;
    let answer = ec2(&server, "DescribeAddresses", &[("AllocationId.1", "eipalloc-2")]).await;
    for (element, text) in [
        ("publicIp", "203.0.113.2"),
        ("associationId", "eipassoc-2"),
        ("instanceId", "i-1"),
        ("networkInterfaceId", "eni-1"),
        ("networkInterfaceOwnerId", ACCOUNT),
        ("privateIpAddress", "10.0.0.7"),
        ("domain", "vpc"),
        ("networkBorderGroup", "us-east-1"),
        ("publicIpv4Pool", "amazon"),
    ] {
        assert_eq!(answer.one(element), Some(text), "{element}");
    }
    let free = ec2(&server, "DescribeAddresses", &[("PublicIp.1", "203.0.113.1")]).await;
    assert_eq!((free.one("associationId"), free.one("value")), (None, Some("web")));
    let managed = ec2(&server, "DescribeAddresses", &[("AllocationId.1", "eipalloc-alb")]).await;
    assert_eq!(managed.one("serviceManaged"), Some("alb"));
}

#[tokio::test]
async fn addresses_are_found_by_instance_interface_and_tag() {
    let server = Ec2::start(account()).await;
    let ids = async |name: &str, value: &str| -> String {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        ec2(&server, "DescribeAddresses", &filter).await.all("allocationId").join(" ")
    };
    assert_eq!(ids("instance-id", "i-1").await, "eipalloc-2");
    assert_eq!(ids("network-interface-id", "eni-nat").await, "eipalloc-nat");
    assert_eq!(ids("association-id", "eipassoc-2").await, "eipalloc-2");
    assert_eq!(ids("public-ip", "203.0.113.1").await, "eipalloc-1");
    assert_eq!(ids("tag:Name", "web").await, "eipalloc-1");
    assert_eq!(
        ec2(&server, "DescribeAddresses", &[("AllocationId.1", "eipalloc-9")]).await.code(),
        "InvalidAllocationID.NotFound"
    );
    assert_eq!(
        ec2(&server, "DescribeAddresses", &[("PublicIp.1", "203.0.113.9")]).await.code(),
        "InvalidAddress.NotFound"
    );
}

#[tokio::test]
async fn an_address_goes_to_an_interface_and_comes_back() {
    let server = Ec2::start(account()).await;
    let answer = associate(&server, &[FIRST, ("NetworkInterfaceId", "eni-free")]).await;
    let id = answer.one("associationId").expect("an id").to_owned();
    assert_eq!(server.account().address_association("eipalloc-1"), Some("eni-free"));
    let again = associate(&server, &[FIRST, ("NetworkInterfaceId", "eni-free"), ("AllowReassociation", "false")]).await;
    assert_eq!(again.one("associationId"), Some(id.as_str()));

    assert_eq!(release(&server, "eipalloc-1").await, "InvalidIPAddress.InUse");
    let disassociate = [("AssociationId", id.as_str())];
    assert_eq!(ec2(&server, "DisassociateAddress", &disassociate).await.one("return"), Some("true"));
    assert_eq!(server.account().address_association("eipalloc-1"), None);
    assert_eq!(ec2(&server, "DisassociateAddress", &disassociate).await.code(), "InvalidAssociationID.NotFound");
    let by_ip = [("PublicIp", "203.0.113.2")];
    assert_eq!(ec2(&server, "DisassociateAddress", &by_ip).await.code(), "InvalidParameterValue");
}

#[tokio::test]
async fn an_address_moves_unless_that_is_refused() {
    let server = Ec2::start(account()).await;
    let second = ("AllocationId", "eipalloc-2");
    let elsewhere = [second, ("NetworkInterfaceId", "eni-free"), ("AllowReassociation", "false")];
    let refused = associate(&server, &elsewhere).await;
    assert_eq!(refused.code(), "Resource.AlreadyAssociated");
    assert_eq!(refused.one("Message"), Some("resource eipalloc-2 is already associated with associate-id eipassoc-2"));
    let taken = associate(&server, &[FIRST, ("InstanceId", "i-1"), ("AllowReassociation", "false")]).await;
    assert_eq!(taken.one("Message"), Some("resource eni-1 is already associated with associate-id eipassoc-2"));

    assert_eq!(associate(&server, &[FIRST, ("InstanceId", "i-1")]).await.code(), "no error");
    assert_eq!(server.account().address_association("eipalloc-1"), Some("eni-1"));
    assert_eq!(server.account().address_association("eipalloc-2"), None);
    let instance = ec2(&server, "DescribeInstances", &[]).await;
    assert_eq!((instance.one("ipAddress"), instance.one("ipOwnerId")), (Some("203.0.113.1"), Some(ACCOUNT)));
}

#[tokio::test]
async fn an_address_goes_only_where_it_can() {
    let server = Ec2::start(account().instance(Instance::new("i-2", "ami-1").terminated())).await;
    let code = async |params: &[(&str, &str)]| associate(&server, params).await.code().to_owned();
    assert_eq!(code(&[("AllocationId", "eipalloc-9"), ("InstanceId", "i-1")]).await, "InvalidAllocationID.NotFound");
    assert_eq!(code(&[FIRST, ("InstanceId", "i-9")]).await, "InvalidInstanceID.NotFound");
    assert_eq!(code(&[FIRST, ("InstanceId", "i-2")]).await, "InvalidInstanceID");
    assert_eq!(code(&[FIRST, ("NetworkInterfaceId", "eni-9")]).await, "InvalidNetworkInterfaceID.NotFound");
    assert_eq!(code(&[FIRST]).await, "MissingParameter");
}

#[tokio::test]
async fn what_a_service_manages_is_left_alone() {
    let server = Ec2::start(account().address(Address::new("eipalloc-alb").service_managed("alb"))).await;
    let disassociate = [("AssociationId", "eipassoc-nat")];
    assert_eq!(ec2(&server, "DisassociateAddress", &disassociate).await.code(), "AuthFailure");
    assert_eq!(release(&server, "eipalloc-nat").await, "AuthFailure");
    assert_eq!(release(&server, "eipalloc-alb").await, "AuthFailure");
    assert_eq!(associate(&server, &[FIRST, ("NetworkInterfaceId", "eni-nat")]).await.code(), "AuthFailure");
}

#[tokio::test]
async fn an_address_is_released_once_and_not_while_something_holds_it() {
    let server = Ec2::start(
        account()
            .address(Address::new("eipalloc-ptr").ip("203.0.113.3").ptr_record("mail.example.com."))
            .address(Address::new("eipalloc-locked").locked()),
    )
    .await;
    assert_eq!(release(&server, "eipalloc-1").await, "no error");
    assert!(!server.account().has_address("eipalloc-1"));
    assert_eq!(release(&server, "eipalloc-1").await, "InvalidAllocationID.NotFound");
    assert_eq!(release(&server, "eipalloc-2").await, "InvalidIPAddress.InUse");
    assert_eq!(release(&server, "eipalloc-ptr").await, "InvalidAddress.PtrSet");
    assert_eq!(release(&server, "eipalloc-locked").await, "InvalidAddress.Locked");
    let by_ip = ec2(&server, "ReleaseAddress", &[("PublicIp", "203.0.113.3")]).await;
    assert_eq!(by_ip.code(), "InvalidParameterValue");
    let elsewhere = [("AllocationId", "eipalloc-locked"), ("NetworkBorderGroup", "us-east-1-bos-1")];
    assert_eq!(ec2(&server, "ReleaseAddress", &elsewhere).await.code(), "InvalidAddress.NotFound");
    let names = ec2(&server, "DescribeAddressesAttribute", &[("Attribute", "domain-name")]).await;
    assert_eq!((names.one("allocationId"), names.one("ptrRecord")), (Some("eipalloc-ptr"), Some("mail.example.com.")));
}

#[tokio::test]
async fn a_released_address_is_recovered_unless_somebody_else_has_it() {
    let server = Ec2::start(account()).await;
    let recover = [
        ("Domain", "vpc"),
        ("Address", "203.0.113.1"),
        ("TagSpecification.1.ResourceType", "elastic-ip"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "web"),
    ];
    assert_eq!(ec2(&server, "AllocateAddress", &recover).await.code(), "InvalidAddress.NotFound");
    release(&server, "eipalloc-1").await;
    let answer = ec2(&server, "AllocateAddress", &recover).await;
    let id = answer.one("allocationId").expect("an id").to_owned();
    assert_eq!((answer.one("publicIp"), id == "eipalloc-1"), (Some("203.0.113.1"), false));
    assert_eq!(server.account().address_with_ip("203.0.113.1").map(|found| found.tags.len()), Some(1));

    release(&server, &id).await;
    server.account().taken_ips.insert("203.0.113.1".to_owned());
    assert_eq!(ec2(&server, "AllocateAddress", &recover).await.code(), "InvalidAddress.NotFound");
    let any = ec2(&server, "AllocateAddress", &[("Domain", "vpc")]).await;
    assert!(any.one("publicIp").is_some_and(|ip| ip != "203.0.113.1"));
}
