//! Security groups and their members.

mod support;

use sunset_wire::{Account, Address, Ec2, Instance, NetworkInterface, Peer, SecurityGroup};
use support::{ec2, pages};

const ACCOUNT: &str = "123456789012";

fn account() -> Account {
    Account::new(ACCOUNT)
        .security_group(SecurityGroup::new("sg-0", "default"))
        .security_group(
            SecurityGroup::new("sg-1", "web")
                .described("The web")
                .lets_in(443, Peer::cidr("0.0.0.0/0"))
                .lets_in(443, Peer::Ipv6("::/0".to_owned()))
                .lets_in(22, Peer::PrefixList("pl-1".to_owned()))
                .lets_in(80, Peer::group("sg-1")),
        )
        .security_group(SecurityGroup::new("sg-2", "db").lets_in(5432, Peer::group("sg-1")))
        .security_group(SecurityGroup::new("sg-3", "proxy").lets_out(5432, Peer::group("sg-2")))
        .security_group(SecurityGroup::new("sg-4", "nobody").tag("team", "a"))
}

fn filter<'a>(name: &'a str, value: &'a str) -> [(&'a str, &'a str); 2] {
    [("Filter.1.Name", name), ("Filter.1.Value.1", value)]
}

async fn delete(server: &Ec2, id: &str) -> String {
    ec2(server, "DeleteSecurityGroup", &[("GroupId", id)]).await.code().to_owned()
}

#[tokio::test]
async fn a_group_is_described_with_its_permissions() {
    let server = Ec2::start(account()).await;
    let answer = ec2(&server, "DescribeSecurityGroups", &[("GroupId.1", "sg-1")]).await;
    for (element, text) in [
        ("ownerId", ACCOUNT),
        ("groupId", "sg-1"),
        ("groupName", "web"),
        ("groupDescription", "The web"),
        ("vpcId", "vpc-0123456789abcdef0"),
        ("cidrIpv6", "::/0"),
        ("prefixListId", "pl-1"),
        ("userId", ACCOUNT),
    ] {
        assert_eq!(answer.one(element), Some(text), "{element}");
    }
    assert_eq!(answer.all("fromPort"), ["443", "22", "80"]);
    assert_eq!(answer.all("cidrIp"), ["0.0.0.0/0", "0.0.0.0/0"]);
    assert_eq!(answer.all("ipProtocol"), ["tcp", "tcp", "tcp", "-1"]);
    assert_eq!(answer.all("groups").iter().filter(|groups| groups.contains("sg-1")).count(), 1);
}

#[tokio::test]
async fn groups_are_found_by_who_they_name_and_read_in_pages() {
    let server = Ec2::start(account().security_group(SecurityGroup::new("sg-5", "far").in_vpc("vpc-2"))).await;
    let names = async |name: &str, value: &str| -> String {
        ec2(&server, "DescribeSecurityGroups", &filter(name, value)).await.all("groupName").join(" ")
    };
    assert_eq!(names("ip-permission.group-id", "sg-1").await, "web db");
    assert_eq!(names("egress.ip-permission.group-id", "sg-2").await, "proxy");
    assert_eq!(names("ip-permission.cidr", "0.0.0.0/0").await, "web");
    assert_eq!(names("vpc-id", "vpc-2").await, "far");
    assert_eq!(names("group-name", "d*").await, "default db");
    assert_eq!(names("group-id", "sg-4").await, "nobody");
    assert_eq!(names("tag:team", "a").await, "nobody");
    let pages = pages(&server, "DescribeSecurityGroups", &[("MaxResults", "5")]).await;
    assert_eq!(pages.iter().map(|page| page.all("groupName").len()).collect::<Vec<_>>(), [5, 1]);
    let unknown = ec2(&server, "DescribeSecurityGroups", &[("GroupId.1", "sg-9")]).await;
    assert_eq!(unknown.code(), "InvalidGroup.NotFound");
    assert_eq!(unknown.one("Message"), Some("The security group 'sg-9' does not exist"));
}

#[tokio::test]
async fn rules_are_described_one_by_one() {
    let server = Ec2::start(account()).await;
    let answer = ec2(&server, "DescribeSecurityGroupRules", &filter("group-id", "sg-2")).await;
    assert_eq!(answer.all("securityGroupRuleId"), ["sgr-200", "sgr-201"]);
    assert_eq!(answer.all("isEgress"), ["true", "false"]);
    assert_eq!(answer.all("fromPort"), ["-1", "5432"]);
    assert!(answer.one("referencedGroupInfo").is_some_and(|group| group.contains("<groupId>sg-1</groupId>")));
    let unknown = [("SecurityGroupRuleId.1", "sgr-9")];
    assert_eq!(
        ec2(&server, "DescribeSecurityGroupRules", &unknown).await.code(),
        "InvalidSecurityGroupRuleId.NotFound"
    );
}

#[tokio::test]
async fn references_from_peered_vpcs_are_described() {
    let peered = SecurityGroup::new("sg-5", "peered").referenced_from("vpc-9", "pcx-1");
    let server = Ec2::start(account().security_group(peered)).await;
    let params = [("GroupId.1", "sg-1"), ("GroupId.2", "sg-5")];
    let answer = ec2(&server, "DescribeSecurityGroupReferences", &params).await;
    assert_eq!(answer.all("groupId"), ["sg-5"]);
    assert_eq!(answer.one("referencingVpcId"), Some("vpc-9"));
    assert_eq!(answer.one("vpcPeeringConnectionId"), Some("pcx-1"));
    let unknown = ec2(&server, "DescribeSecurityGroupReferences", &[("GroupId.1", "sg-9")]).await;
    assert_eq!(unknown.code(), "InvalidGroup.NotFound");
}

#[tokio::test]
async fn a_group_is_deleted_once_nobody_needs_it() {
    let server = Ec2::start(account().network_interface(NetworkInterface::new("eni-1").member_of("sg-4"))).await;
    let violation = ec2(&server, "DeleteSecurityGroup", &[("GroupId", "sg-4")]).await;
    assert_eq!(violation.code(), "DependencyViolation");
    assert_eq!(violation.one("Message"), Some("resource sg-4 has a dependent object"));
    assert_eq!(delete(&server, "sg-1").await, "DependencyViolation");
    assert_eq!(delete(&server, "sg-2").await, "DependencyViolation");
    assert_eq!(delete(&server, "sg-3").await, "no error");
    assert_eq!(delete(&server, "sg-3").await, "InvalidGroup.NotFound");
    assert_eq!(delete(&server, "sg-2").await, "no error");
    // Naming itself does not hold it.
    assert_eq!(delete(&server, "sg-1").await, "no error");
    assert!(server.account().has_security_group("sg-4"));
    let default = ec2(&server, "DeleteSecurityGroup", &[("GroupId", "sg-0")]).await;
    assert_eq!(default.code(), "CannotDelete");
    assert!(default.body.contains("the specified group: \"sg-0\" name: \"default\" cannot be deleted by a user"));
}

#[tokio::test]
async fn interfaces_are_described_with_who_they_belong_to() {
    let server = Ec2::start(
        account()
            .instance(Instance::new("i-1", "ami-1"))
            .network_interface(NetworkInterface::primary_of("i-1").member_of("sg-1"))
            .network_interface(
                NetworkInterface::new("eni-elb")
                    .managed_by("amazon-elb", "network_load_balancer")
                    .described("ELB net/web/1")
                    .member_of("sg-2"),
            )
            .address(Address::new("eipalloc-1").ip("203.0.113.1").associated_with("i-1")),
    )
    .await;
    let answer = ec2(&server, "DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", "eni-elb")]).await;
    for (element, text) in [
        ("interfaceType", "network_load_balancer"),
        ("requesterId", "amazon-elb"),
        ("requesterManaged", "true"),
        ("description", "ELB net/web/1"),
        ("ownerId", ACCOUNT),
        ("status", "in-use"),
        ("groupName", "db"),
        ("attachmentId", "ela-attach-elb"),
        ("instanceOwnerId", "amazon-elb"),
    ] {
        assert_eq!(answer.one(element), Some(text), "{element}");
    }
    let ids = async |name: &str, value: &str| -> String {
        ec2(&server, "DescribeNetworkInterfaces", &filter(name, value)).await.all("networkInterfaceId").join(" ")
    };
    assert_eq!(ids("group-id", "sg-1").await, "eni-1");
    assert_eq!(ids("network-interface-id", "eni-*").await, "eni-1 eni-elb");
    assert_eq!(ids("attachment.instance-id", "i-1").await, "eni-1");
    assert_eq!(ids("addresses.association.allocation-id", "eipalloc-1").await, "eni-1");
    assert_eq!(ids("requester-managed", "true").await, "eni-elb");
    let primary = ec2(&server, "DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", "eni-1")]).await;
    assert_eq!((primary.one("allocationId"), primary.one("publicIp")), (Some("eipalloc-1"), Some("203.0.113.1")));
    let unknown = ec2(&server, "DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", "eni-9")]).await;
    assert_eq!(unknown.code(), "InvalidNetworkInterfaceID.NotFound");
}

#[tokio::test]
async fn an_interface_changes_its_groups_and_keeps_at_least_one() {
    let server = Ec2::start(
        account()
            .security_group(SecurityGroup::new("sg-5", "far").in_vpc("vpc-2"))
            .network_interface(NetworkInterface::new("eni-1").member_of("sg-4").member_of("sg-1"))
            .network_interface(
                NetworkInterface::new("eni-elb").managed_by("amazon-elb", "interface").member_of("sg-4"),
            ),
    )
    .await;
    let modify = async |id: &str, params: &[(&str, &str)]| -> String {
        let params = [&[("NetworkInterfaceId", id)], params].concat();
        ec2(&server, "ModifyNetworkInterfaceAttribute", &params).await.code().to_owned()
    };
    assert_eq!(modify("eni-1", &[]).await, "InvalidParameterCombination");
    assert_eq!(modify("eni-1", &[("SecurityGroupId.1", "sg-9")]).await, "InvalidGroup.NotFound");
    assert_eq!(modify("eni-1", &[("SecurityGroupId.1", "sg-5")]).await, "InvalidParameter");
    assert_eq!(modify("eni-9", &[("SecurityGroupId.1", "sg-1")]).await, "InvalidNetworkInterfaceID.NotFound");
    assert_eq!(modify("eni-elb", &[("SecurityGroupId.1", "sg-1")]).await, "AuthFailure");
    let both = [("SecurityGroupId.1", "sg-1"), ("Description.Value", "x")];
    assert_eq!(modify("eni-1", &both).await, "InvalidParameterCombination");
    assert_eq!(modify("eni-1", &[("SecurityGroupId.1", "sg-1"), ("SecurityGroupId.2", "sg-2")]).await, "no error");
    let account = server.account();
    assert_eq!(account.network_interfaces["eni-1"].group_ids, ["sg-1", "sg-2"]);
    let members: Vec<&str> = account.members_of("sg-4").iter().map(|interface| interface.id.as_str()).collect();
    assert_eq!(members, ["eni-elb"]);
}

#[tokio::test]
async fn a_group_is_made_anew_with_its_rules() {
    let server = Ec2::start(account()).await;
    let create = [
        ("GroupName", "again"),
        ("GroupDescription", "Once more"),
        ("VpcId", "vpc-2"),
        ("TagSpecification.1.ResourceType", "security-group"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "b"),
    ];
    let answer = ec2(&server, "CreateSecurityGroup", &create).await;
    let id = answer.one("groupId").expect("an id").to_owned();
    assert_eq!(ec2(&server, "CreateSecurityGroup", &create).await.code(), "InvalidGroup.Duplicate");
    let ingress = [
        ("GroupId", id.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8"),
        ("IpPermissions.1.IpRanges.1.Description", "inside"),
        ("IpPermissions.1.Groups.1.GroupId", "sg-1"),
    ];
    let authorized = ec2(&server, "AuthorizeSecurityGroupIngress", &ingress).await;
    assert_eq!(authorized.all("securityGroupRuleId").len(), 2);
    let twice = ec2(&server, "AuthorizeSecurityGroupIngress", &ingress).await;
    assert_eq!(twice.code(), "InvalidPermission.Duplicate");
    let egress = [
        ("GroupId", id.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.PrefixListIds.1.PrefixListId", "pl-2"),
    ];
    assert_eq!(ec2(&server, "AuthorizeSecurityGroupEgress", &egress).await.one("isEgress"), Some("true"));
    let account = server.account();
    let referring: Vec<&str> = account.groups_referring_to("sg-1").iter().map(|group| group.name.as_str()).collect();
    assert_eq!(referring, ["again", "db"]);
    assert_eq!(account.security_groups[&id].rules.len(), 4);
}
