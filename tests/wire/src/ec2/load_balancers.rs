//! Elastic Load Balancing: target groups, the health of their targets, and load balancers.

use super::ask::Ask;
use super::error::ApiError;
use super::paging::Limits;
use super::xml::Xml;
use crate::account::{Account, LoadBalancer, Target, TargetGroup};

const LIMITS: Limits =
    Limits::ec2(1, 400).strict().or(400).named("PageSize").token("Marker").refusing_with("ValidationError");

pub(super) fn describe_target_groups(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = ask.page(LIMITS)?;
    let (arns, names) = (ask.params.list("TargetGroupArns.member"), ask.params.list("Names.member"));
    let behind = ask.params.get("LoadBalancerArn");
    let arn_of = |group: &TargetGroup| account.target_group_arn(&group.name);
    let groups = || account.target_groups.values();
    if arns.iter().any(|arn| !groups().any(|group| arn_of(group) == **arn))
        || names.iter().any(|name| !account.target_groups.contains_key(*name))
    {
        return Err(ApiError::client("TargetGroupNotFound", "One or more target groups not found"));
    }
    if let Some(arn) = behind
        && !account.load_balancers.keys().any(|name| account.load_balancer_arn(name) == arn)
    {
        return Err(ApiError::client("LoadBalancerNotFound", format!("Load balancer '{arn}' not found")));
    }
    let everything = arns.is_empty() && names.is_empty();
    let (found, next) = page.take(page.rest(&account.target_groups).filter(|(name, group)| {
        let served = |arn: &str| group.load_balancers.iter().any(|name| account.load_balancer_arn(name) == arn);
        (everything || names.contains(name) || arns.contains(&arn_of(group).as_str())) && behind.is_none_or(served)
    }));
    xml.members("TargetGroups", found, |xml, group| write_group(xml, account, group));
    xml.optional("NextMarker", next.as_deref());
    Ok(())
}

fn write_group(xml: &mut Xml, account: &Account, group: &TargetGroup) {
    xml.text("TargetGroupArn", &account.target_group_arn(&group.name));
    xml.text("TargetGroupName", &group.name);
    if group.target_type != "lambda" {
        xml.text("Protocol", &group.protocol);
        xml.show("Port", group.port);
        xml.text("VpcId", &group.vpc_id);
    }
    xml.text("HealthCheckEnabled", "true");
    xml.text("HealthCheckProtocol", &group.protocol);
    xml.text("HealthCheckPort", "traffic-port");
    xml.members("LoadBalancerArns", &group.load_balancers, |xml, name| {
        xml.escaped(&account.load_balancer_arn(name));
    });
    xml.text("TargetType", &group.target_type);
    xml.text("IpAddressType", "ipv4");
}

/// The registered targets, or those that are named: one that is not registered is `unused`.
pub(super) fn describe_target_health(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let arn = ask.params.required("TargetGroupArn")?;
    let of_arn = |group: &&TargetGroup| account.target_group_arn(&group.name) == arn;
    let Some(group) = account.target_groups.values().find(of_arn) else {
        return Err(ApiError::client("TargetGroupNotFound", "One or more target groups not found"));
    };
    let ids = ask.params.structures("Targets.member").map(|prefix| ask.params.required(&format!("{prefix}Id")));
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    let registered = group.targets.iter().filter(|target| ids.is_empty() || ids.contains(&target.id.as_str()));
    let known = |id: &&str| group.targets.iter().any(|target| target.id == **id);
    let strangers = ids.iter().copied().filter(|id| !known(id));
    let all = registered
        .map(|target| (target.id.as_str(), target.port, health(account, group, target)))
        .chain(strangers.map(|id| (id, None, Health::unused("Target.NotRegistered"))));
    xml.members("TargetHealthDescriptions", all, |xml, (id, port, health)| {
        xml.within("Target", |xml| {
            xml.text("Id", id);
            if group.target_type != "lambda" {
                xml.show("Port", port.unwrap_or(group.port));
            }
        });
        xml.text("HealthCheckPort", &port.unwrap_or(group.port).to_string());
        xml.within("TargetHealth", |xml| {
            xml.text("State", health.state);
            xml.optional("Reason", health.reason);
            xml.optional("Description", health.reason.map(description));
        });
    });
    Ok(())
}

struct Health<'a> {
    state: &'a str,
    reason: Option<&'static str>,
}

impl Health<'_> {
    fn unused(reason: &'static str) -> Self {
        Self { state: "unused", reason: Some(reason) }
    }
}

/// A target is unused where nothing sends to its group, or where its instance does not run.
fn health<'a>(account: &Account, group: &TargetGroup, target: &'a Target) -> Health<'a> {
    if group.load_balancers.is_empty() {
        return Health::unused("Target.NotInUse");
    }
    if group.target_type == "instance" && account.instance_state(&target.id).is_some_and(|state| state != "running") {
        return Health::unused("Target.InvalidState");
    }
    let reason = match target.state.as_str() {
        "initial" => Some("Elb.RegistrationInProgress"),
        "unhealthy" => Some("Target.FailedHealthChecks"),
        "draining" => Some("Target.DeregistrationInProgress"),
        "unavailable" => Some("Target.HealthCheckDisabled"),
        "unused" => Some("Target.NotInUse"),
        _ => None,
    };
    Health { state: &target.state, reason }
}

fn description(reason: &str) -> &'static str {
    match reason {
        "Elb.RegistrationInProgress" => "Target registration is in progress",
        "Target.FailedHealthChecks" => "Health checks failed",
        "Target.DeregistrationInProgress" => "Target deregistration is in progress",
        "Target.HealthCheckDisabled" => "Health checks are not enabled for this target",
        "Target.InvalidState" => "Target is in the stopped state",
        "Target.NotRegistered" => "Target is not registered to the target group",
        _ => "Target group is not configured to receive traffic from the load balancer",
    }
}

pub(super) fn describe_load_balancers(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = ask.page(LIMITS)?;
    let (arns, names) = (ask.params.list("LoadBalancerArns.member"), ask.params.list("Names.member"));
    let arn_of = |name: &str| account.load_balancer_arn(name);
    if let Some(unknown) = arns
        .iter()
        .find(|arn| !account.load_balancers.keys().any(|name| arn_of(name) == ***arn))
        .or_else(|| names.iter().find(|name| !account.load_balancers.contains_key(**name)))
    {
        return Err(ApiError::client("LoadBalancerNotFound", format!("Load balancers '[{unknown}]' not found")));
    }
    let everything = arns.is_empty() && names.is_empty();
    let (found, next) = page.take(
        page.rest(&account.load_balancers)
            .filter(|(name, _)| everything || names.contains(name) || arns.contains(&arn_of(name).as_str())),
    );
    xml.members("LoadBalancers", found, |xml, load_balancer| write_load_balancer(xml, account, load_balancer));
    xml.optional("NextMarker", next.as_deref());
    Ok(())
}

fn write_load_balancer(xml: &mut Xml, account: &Account, load_balancer: &LoadBalancer) {
    let name = &load_balancer.name;
    xml.text("LoadBalancerArn", &account.load_balancer_arn(name));
    xml.text("DNSName", &format!("{name}-0123456789.{}.elb.amazonaws.com", account.region));
    xml.text("CanonicalHostedZoneId", "Z0123456789EXAMPLE");
    xml.time("CreatedTime", load_balancer.created);
    xml.text("LoadBalancerName", name);
    xml.text("Scheme", "internet-facing");
    xml.text("VpcId", &load_balancer.vpc_id);
    xml.within("State", |xml| xml.text("Code", "active"));
    xml.text("Type", &load_balancer.kind);
    xml.members("AvailabilityZones", [account.zone(None)], |xml, zone| {
        xml.text("ZoneName", &zone);
        xml.text("SubnetId", "subnet-0123456789abcdef0");
    });
    xml.members("SecurityGroups", &load_balancer.group_ids, |xml, id| xml.escaped(id));
    xml.text("IpAddressType", "ipv4");
}
