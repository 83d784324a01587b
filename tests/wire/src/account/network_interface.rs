use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::Account;

/// A network interface, by default in the default subnet, of no security group and attached to nothing.
#[derive(Debug, Clone)]
pub struct NetworkInterface {
    /// The `eni-…` id.
    pub id: String,
    /// The description.
    pub description: String,
    /// `interface`, `nat_gateway`, `network_load_balancer`, `lambda`, …
    pub kind: String,
    /// The service that it belongs to, if that manages it.
    pub requester_id: Option<String>,
    /// The security groups it is a member of.
    pub group_ids: Vec<String>,
    /// What it is attached to.
    pub attachment: Option<InterfaceAttachment>,
    /// The public address that EC2 gave it; an Elastic IP address stands in its place.
    pub public_ip: Option<String>,
    /// Whether EC2 gives it a public address whenever its instance starts.
    pub assigns_public_ip: bool,
    /// Its first private address.
    pub private_ip: String,
    /// The subnet.
    pub subnet_id: String,
    /// The VPC.
    pub vpc_id: String,
    /// The availability zone; the region's first when not said.
    pub zone: Option<String>,
    /// Whether it checks sources and destinations.
    pub source_dest_check: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// What a network interface is attached to.
#[derive(Debug, Clone)]
pub struct InterfaceAttachment {
    /// The `eni-attach-…` or `ela-attach-…` id.
    pub id: String,
    /// The instance; a service's own has none.
    pub instance_id: Option<String>,
    /// The account that owns what it is attached to, or a service such as `amazon-elb`; this account when not said.
    pub owner_id: Option<String>,
    /// 0 for the instance's primary interface.
    pub device_index: u32,
    /// When it was attached.
    pub attached: OffsetDateTime,
    /// Whether it goes with the instance.
    pub delete_on_termination: bool,
}

impl NetworkInterface {
    /// A network interface with every default.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            description: String::new(),
            kind: "interface".to_owned(),
            requester_id: None,
            group_ids: Vec::new(),
            attachment: None,
            public_ip: None,
            assigns_public_ip: false,
            private_ip: "10.0.0.1".to_owned(),
            subnet_id: "subnet-0123456789abcdef0".to_owned(),
            vpc_id: "vpc-0123456789abcdef0".to_owned(),
            zone: None,
            source_dest_check: true,
            tags: BTreeMap::new(),
        }
    }

    /// The primary interface of an instance, with an id of the same digits, that goes with the instance.
    #[must_use]
    pub fn primary_of(instance_id: impl Into<String>) -> Self {
        let instance_id = instance_id.into();
        let mut interface = Self::new(instance_id.replacen("i-", "eni-", 1)).attached_to(instance_id, 0);
        interface.attachment.iter_mut().for_each(|attachment| attachment.delete_on_termination = true);
        interface
    }

    /// Attached to an instance, which it outlives.
    #[must_use]
    pub fn attached_to(mut self, instance_id: impl Into<String>, device_index: u32) -> Self {
        self.attachment = Some(InterfaceAttachment {
            id: self.id.replacen("eni-", "eni-attach-", 1),
            instance_id: Some(instance_id.into()),
            owner_id: None,
            device_index,
            attached: OffsetDateTime::now_utc() - Duration::hours(100),
            delete_on_termination: false,
        });
        self
    }

    /// Deleted with the instance it is attached to.
    #[must_use]
    pub fn delete_on_termination(mut self) -> Self {
        self.attachment.iter_mut().for_each(|attachment| attachment.delete_on_termination = true);
        self
    }

    /// Of a service, such as `amazon-elb`, that manages it and what it is attached to.
    #[must_use]
    pub fn managed_by(mut self, requester_id: impl Into<String>, kind: &str) -> Self {
        let requester_id = requester_id.into();
        kind.clone_into(&mut self.kind);
        self.attachment = Some(InterfaceAttachment {
            id: self.id.replacen("eni-", "ela-attach-", 1),
            instance_id: None,
            owner_id: Some(requester_id.clone()),
            device_index: 1,
            attached: OffsetDateTime::now_utc() - Duration::hours(100),
            delete_on_termination: false,
        });
        self.requester_id = Some(requester_id);
        self
    }

    /// Described so.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// A member of this security group too.
    #[must_use]
    pub fn member_of(mut self, group_id: impl Into<String>) -> Self {
        self.group_ids.push(group_id.into());
        self
    }

    /// With a public address from EC2, and another one each time its instance starts.
    #[must_use]
    pub fn public_ip(mut self, public_ip: impl Into<String>) -> Self {
        self.public_ip = Some(public_ip.into());
        self.assigns_public_ip = true;
        self
    }

    /// With this private address.
    #[must_use]
    pub fn private_ip(mut self, private_ip: impl Into<String>) -> Self {
        self.private_ip = private_ip.into();
        self
    }

    /// In this VPC and subnet.
    #[must_use]
    pub fn in_subnet(mut self, vpc_id: impl Into<String>, subnet_id: impl Into<String>) -> Self {
        self.vpc_id = vpc_id.into();
        self.subnet_id = subnet_id.into();
        self
    }

    /// In this availability zone.
    #[must_use]
    pub fn in_zone(mut self, zone: &str) -> Self {
        self.zone = Some(zone.to_owned());
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// `in-use` or `available`.
    #[must_use]
    pub fn status(&self) -> &str {
        if self.attachment.is_some() { "in-use" } else { "available" }
    }

    /// The instance it is attached to.
    #[must_use]
    pub fn instance_id(&self) -> Option<&str> {
        self.attachment.as_ref()?.instance_id.as_deref()
    }

    fn device_index(&self) -> u32 {
        self.attachment.as_ref().map_or(0, |attachment| attachment.device_index)
    }
}

impl Account {
    /// Adds a network interface.
    #[must_use]
    pub fn network_interface(mut self, interface: NetworkInterface) -> Self {
        self.add_network_interface(interface);
        self
    }

    /// Adds a network interface in place, for use while the account is served.
    pub fn add_network_interface(&mut self, interface: NetworkInterface) {
        self.network_interfaces.insert(interface.id.clone(), interface);
    }

    /// Whether the network interface exists.
    #[must_use]
    pub fn has_network_interface(&self, id: &str) -> bool {
        self.network_interfaces.contains_key(id)
    }

    /// The network interfaces of an instance, the primary one first.
    #[must_use]
    pub fn interfaces_of(&self, instance_id: &str) -> Vec<&NetworkInterface> {
        let mut interfaces: Vec<_> =
            self.network_interfaces.values().filter(|interface| interface.instance_id() == Some(instance_id)).collect();
        interfaces.sort_by_key(|interface| interface.device_index());
        interfaces
    }

    pub(super) fn interfaces_lose_public_ips(&mut self, instance_id: &str) {
        for interface in self.network_interfaces.values_mut() {
            if interface.instance_id() == Some(instance_id) {
                interface.public_ip = None;
            }
        }
    }

    /// An interface with an Elastic IP address gets no other one.
    pub(super) fn interfaces_gain_public_ips(&mut self, instance_id: &str) {
        let gains = self.interfaces_of(instance_id).into_iter().filter(|interface| {
            interface.assigns_public_ip && interface.public_ip.is_none() && self.addresses_of(&interface.id).is_empty()
        });
        for id in gains.map(|interface| interface.id.clone()).collect::<Vec<_>>() {
            let public_ip = self.fresh_ip();
            if let Some(interface) = self.network_interfaces.get_mut(&id) {
                interface.public_ip = Some(public_ip);
            }
        }
    }

    /// An instance is gone: its interfaces go with it, or are free.
    pub(super) fn interfaces_outlive(&mut self, instance_id: &str) {
        let (mut gone, mut free) = (Vec::new(), Vec::new());
        for interface in self.interfaces_of(instance_id) {
            let goes = interface.attachment.as_ref().is_some_and(|attachment| attachment.delete_on_termination);
            if goes { gone.push(interface.id.clone()) } else { free.push(interface.id.clone()) }
        }
        for id in gone {
            self.interface_frees_addresses(&id);
            self.network_interfaces.remove(&id);
        }
        for id in free {
            if let Some(interface) = self.network_interfaces.get_mut(&id) {
                interface.attachment = None;
                interface.public_ip = None;
            }
        }
    }
}
