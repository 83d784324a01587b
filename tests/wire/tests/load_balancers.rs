//! Elastic Load Balancing: target groups, the health of their targets, and load balancers.

mod support;

use sunset_wire::{Account, Ec2, Fault, Instance, LoadBalancer, Service, TargetGroup, When};
use support::load_balancing;

fn account() -> Account {
    Account::new("123456789012")
        .instance(Instance::new("i-1", "ami-1"))
        .instance(Instance::new("i-2", "ami-1").stopped())
        .load_balancer(LoadBalancer::new("front").member_of("sg-1"))
        .target_group(TargetGroup::new("api").of_type("ip").target("10.0.0.7"))
        .target_group(TargetGroup::new("web").behind("front").target("i-1").target("i-2"))
}

async fn health(server: &Ec2, group: &str, ids: &[&str]) -> Vec<(String, String, String)> {
    let arn = server.account().target_group_arn(group);
    let names: Vec<String> = (1..=ids.len()).map(|n| format!("Targets.member.{n}.Id")).collect();
    let mut params = vec![("TargetGroupArn", arn.as_str())];
    params.extend(names.iter().map(String::as_str).zip(ids.iter().copied()));
    let answer = load_balancing(server, "DescribeTargetHealth", &params).await;
    let of_target = |target: &&str| {
        let text = |element: &str| {
            let rest = target.split_once(&format!("<{element}>")).map_or("", |(_, rest)| rest);
            rest.split_once('<').map_or("", |(text, _)| text).to_owned()
        };
        (text("Id"), text("State"), text("Reason"))
    };
    answer.all("member").iter().map(of_target).collect()
}

fn told(id: &str, state: &str, reason: &str) -> (String, String, String) {
    (id.to_owned(), state.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn target_groups_are_described_and_found() {
    let server = Ec2::start(account()).await;
    let all = load_balancing(&server, "DescribeTargetGroups", &[]).await;
    assert_eq!(all.all("TargetGroupName"), ["api", "web"]);
    assert_eq!(all.all("TargetType"), ["ip", "instance"]);
    assert!(all.body.contains("xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\""));
    let arn = server.account().load_balancer_arn("front");
    let behind = load_balancing(&server, "DescribeTargetGroups", &[("LoadBalancerArn", &arn)]).await;
    assert_eq!(behind.all("TargetGroupName"), ["web"]);
    assert_eq!(behind.one("LoadBalancerArns"), Some(format!("<member>{arn}</member>").as_str()));
    let named = load_balancing(&server, "DescribeTargetGroups", &[("Names.member.1", "api")]).await;
    assert_eq!(named.all("TargetGroupName"), ["api"]);
    let unknown = load_balancing(&server, "DescribeTargetGroups", &[("Names.member.1", "nix")]).await;
    assert_eq!((unknown.status, unknown.code()), (400, "TargetGroupNotFound"));
    let unknown = load_balancing(&server, "DescribeTargetGroups", &[("LoadBalancerArn", "arn")]).await;
    assert_eq!(unknown.code(), "LoadBalancerNotFound");
}

#[tokio::test]
async fn target_groups_are_read_in_pages_by_marker() {
    let server = Ec2::start(account().target_group(TargetGroup::new("zzz"))).await;
    let first = load_balancing(&server, "DescribeTargetGroups", &[("PageSize", "2")]).await;
    let marker = first.one("NextMarker").expect("a second page");
    let second = load_balancing(&server, "DescribeTargetGroups", &[("PageSize", "2"), ("Marker", marker)]).await;
    assert_eq!((second.all("TargetGroupName"), second.one("NextMarker")), (vec!["zzz"], None));
    let too_many = load_balancing(&server, "DescribeTargetGroups", &[("PageSize", "401")]).await;
    assert_eq!(too_many.code(), "ValidationError");
}

#[tokio::test]
async fn a_target_is_healthy_or_unused_for_a_reason() {
    let server = Ec2::start(account()).await;
    assert_eq!(
        health(&server, "web", &[]).await,
        [told("i-1", "healthy", ""), told("i-2", "unused", "Target.InvalidState")]
    );
    assert_eq!(health(&server, "api", &[]).await, [told("10.0.0.7", "unused", "Target.NotInUse")]);
    assert_eq!(
        health(&server, "web", &["i-1", "i-9"]).await,
        [told("i-1", "healthy", ""), told("i-9", "unused", "Target.NotRegistered")]
    );
    let unknown = load_balancing(&server, "DescribeTargetHealth", &[("TargetGroupArn", "arn")]).await;
    assert_eq!(unknown.code(), "TargetGroupNotFound");
}

#[tokio::test]
async fn load_balancers_are_described() {
    let server = Ec2::start(account().load_balancer(LoadBalancer::new("wire").network())).await;
    let all = load_balancing(&server, "DescribeLoadBalancers", &[]).await;
    assert_eq!(all.all("LoadBalancerName"), ["front", "wire"]);
    assert_eq!(all.all("Type"), ["application", "network"]);
    assert_eq!(all.one("SecurityGroups"), Some("<member>sg-1</member>"));
    let unknown = load_balancing(&server, "DescribeLoadBalancers", &[("Names.member.1", "nix")]).await;
    assert_eq!(unknown.code(), "LoadBalancerNotFound");
}

#[tokio::test]
async fn its_errors_and_its_journal_are_its_own() {
    let server = Ec2::start(account().denies("elasticloadbalancing:DescribeLoadBalancers")).await;
    let denied = load_balancing(&server, "DescribeLoadBalancers", &[]).await;
    assert_eq!((denied.status, denied.code()), (403, "AccessDenied"));
    assert!(denied.body.contains("<ErrorResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/"));
    server.faults().add("DescribeTargetGroups", When::Every, Fault::Throttled);
    assert_eq!(load_balancing(&server, "DescribeTargetGroups", &[]).await.code(), "Throttling");
    assert_eq!(load_balancing(&server, "DescribeInstances", &[]).await.code(), "InvalidAction");
    assert!(server.calls().iter().all(|call| call.service == Service::LoadBalancing && !call.is_mutation()));
}
