use time::{Duration, OffsetDateTime};

use super::Account;

/// A target group, by default of instances, at HTTP port 80, with no target and behind no load balancer.
#[derive(Debug, Clone)]
pub struct TargetGroup {
    /// The name.
    pub name: String,
    /// `instance`, `ip`, `lambda` or `alb`.
    pub target_type: String,
    /// `HTTP`, `TCP`, …
    pub protocol: String,
    /// The port, unless a target says another one.
    pub port: u16,
    /// The VPC.
    pub vpc_id: String,
    /// The load balancers that send to it, by name.
    pub load_balancers: Vec<String>,
    /// Its registered targets.
    pub targets: Vec<Target>,
}

/// A registered target.
#[derive(Debug, Clone)]
pub struct Target {
    /// An instance, an IP address, a function or a load balancer.
    pub id: String,
    /// Its port, where that is not the group's.
    pub port: Option<u16>,
    /// `healthy`, `unhealthy`, `initial`, `draining`, `unavailable` or `unused`.
    pub state: String,
}

/// A load balancer, by default an active internet-facing application load balancer.
#[derive(Debug, Clone)]
pub struct LoadBalancer {
    /// The name.
    pub name: String,
    /// `application`, `network` or `gateway`.
    pub kind: String,
    /// The VPC.
    pub vpc_id: String,
    /// Its security groups.
    pub group_ids: Vec<String>,
    /// When it was created.
    pub created: OffsetDateTime,
}

impl TargetGroup {
    /// A target group with every default.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            target_type: "instance".to_owned(),
            protocol: "HTTP".to_owned(),
            port: 80,
            vpc_id: "vpc-0123456789abcdef0".to_owned(),
            load_balancers: Vec::new(),
            targets: Vec::new(),
        }
    }

    /// Of targets of this type, such as `ip`.
    #[must_use]
    pub fn of_type(mut self, target_type: &str) -> Self {
        target_type.clone_into(&mut self.target_type);
        self
    }

    /// Behind the load balancer of this name.
    #[must_use]
    pub fn behind(mut self, load_balancer: impl Into<String>) -> Self {
        self.load_balancers.push(load_balancer.into());
        self
    }

    /// With this target, healthy.
    #[must_use]
    pub fn target(self, id: impl Into<String>) -> Self {
        self.target_in_state(id, "healthy")
    }

    /// With this target, in this state.
    #[must_use]
    pub fn target_in_state(mut self, id: impl Into<String>, state: &str) -> Self {
        self.targets.push(Target { id: id.into(), port: None, state: state.to_owned() });
        self
    }
}

impl LoadBalancer {
    /// A load balancer with every default.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: "application".to_owned(),
            vpc_id: "vpc-0123456789abcdef0".to_owned(),
            group_ids: Vec::new(),
            created: OffsetDateTime::now_utc() - Duration::hours(1000),
        }
    }

    /// A network load balancer.
    #[must_use]
    pub fn network(mut self) -> Self {
        "network".clone_into(&mut self.kind);
        self
    }

    /// A member of this security group too.
    #[must_use]
    pub fn member_of(mut self, group_id: impl Into<String>) -> Self {
        self.group_ids.push(group_id.into());
        self
    }
}

impl Account {
    /// Adds a target group.
    #[must_use]
    pub fn target_group(mut self, group: TargetGroup) -> Self {
        self.target_groups.insert(group.name.clone(), group);
        self
    }

    /// Adds a load balancer.
    #[must_use]
    pub fn load_balancer(mut self, load_balancer: LoadBalancer) -> Self {
        self.load_balancers.insert(load_balancer.name.clone(), load_balancer);
        self
    }

    /// The ARN of the target group of this name.
    #[must_use]
    pub fn target_group_arn(&self, name: &str) -> String {
        format!("arn:aws:elasticloadbalancing:{}:{}:targetgroup/{name}/0123456789abcdef", self.region, self.id)
    }

    /// The ARN of the load balancer of this name.
    #[must_use]
    pub fn load_balancer_arn(&self, name: &str) -> String {
        let kind = match self.load_balancers.get(name).map(|found| found.kind.as_str()) {
            Some("network") => "net",
            Some("gateway") => "gwy",
            _ => "app",
        };
        format!("arn:aws:elasticloadbalancing:{}:{}:loadbalancer/{kind}/{name}/0123456789abcdef", self.region, self.id)
    }
}
