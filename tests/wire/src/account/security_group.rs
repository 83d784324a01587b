use std::collections::BTreeMap;

use super::{Account, NetworkInterface};

/// A security group, by default in the default VPC, letting nothing in and everything out.
#[derive(Debug, Clone)]
pub struct SecurityGroup {
    /// The `sg-…` id.
    pub id: String,
    /// The name; `default` is the one that cannot be deleted.
    pub name: String,
    /// The description.
    pub description: String,
    /// The VPC.
    pub vpc_id: String,
    /// The owner; the account itself when not said.
    pub owner_id: Option<String>,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// The VPCs across a peering connection whose groups refer to it, each with the connection.
    pub referencing_vpcs: Vec<(String, String)>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// One rule of a security group.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The `sgr-…` id.
    pub id: String,
    /// Whether it is about what goes out.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, a number, or `-1` for all.
    pub protocol: String,
    /// The first and the last port; none for all.
    pub ports: Option<(i32, i32)>,
    /// The other end.
    pub peer: Peer,
    /// The description.
    pub description: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// The other end of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// A range of IPv4 addresses.
    Ipv4(String),
    /// A range of IPv6 addresses.
    Ipv6(String),
    /// A prefix list.
    PrefixList(String),
    /// A security group, perhaps of another account.
    Group {
        /// The group.
        id: String,
        /// Its owner; the account itself when not said.
        owner_id: Option<String>,
    },
}

impl SecurityGroup {
    /// A security group with every default.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        let (id, name) = (id.into(), name.into());
        let out = Rule {
            id: id.replacen("sg-", "sgr-", 1) + "00",
            egress: true,
            protocol: "-1".to_owned(),
            ports: None,
            peer: Peer::Ipv4("0.0.0.0/0".to_owned()),
            description: None,
            tags: BTreeMap::new(),
        };
        Self {
            description: format!("The group {name}"),
            id,
            name,
            vpc_id: "vpc-0123456789abcdef0".to_owned(),
            owner_id: None,
            rules: vec![out],
            referencing_vpcs: Vec::new(),
            tags: BTreeMap::new(),
        }
    }

    /// Described so.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// In this VPC.
    #[must_use]
    pub fn in_vpc(mut self, vpc_id: impl Into<String>) -> Self {
        self.vpc_id = vpc_id.into();
        self
    }

    /// Owned by this account.
    #[must_use]
    pub fn owned_by(mut self, account_id: impl Into<String>) -> Self {
        self.owner_id = Some(account_id.into());
        self
    }

    /// Lets TCP in at a port, from there.
    #[must_use]
    pub fn lets_in(self, port: i32, from: Peer) -> Self {
        self.rule(false, "tcp", Some((port, port)), from)
    }

    /// Lets TCP out to a port, there.
    #[must_use]
    pub fn lets_out(self, port: i32, to: Peer) -> Self {
        self.rule(true, "tcp", Some((port, port)), to)
    }

    /// With another rule.
    #[must_use]
    pub fn rule(mut self, egress: bool, protocol: &str, ports: Option<(i32, i32)>, peer: Peer) -> Self {
        let id = format!("{}{:02}", self.id.replacen("sg-", "sgr-", 1), self.rules.len());
        let protocol = protocol.to_owned();
        self.rules.push(Rule { id, egress, protocol, ports, peer, description: None, tags: BTreeMap::new() });
        self
    }

    /// With no rule at all.
    #[must_use]
    pub fn without_rules(mut self) -> Self {
        self.rules.clear();
        self
    }

    /// A group in this VPC refers to it across this peering connection.
    #[must_use]
    pub fn referenced_from(mut self, vpc_id: impl Into<String>, peering_id: impl Into<String>) -> Self {
        self.referencing_vpcs.push((vpc_id.into(), peering_id.into()));
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// The groups that its rules of one direction name.
    pub(crate) fn peers(&self, egress: bool) -> impl Iterator<Item = &str> {
        self.rules.iter().filter(move |rule| rule.egress == egress).filter_map(|rule| match &rule.peer {
            Peer::Group { id, .. } => Some(id.as_str()),
            _ => None,
        })
    }

    /// Whether one of its rules names this group.
    pub(crate) fn refers_to(&self, id: &str) -> bool {
        self.peers(false).chain(self.peers(true)).any(|peer| peer == id)
    }
}

impl Peer {
    /// A range of IPv4 addresses.
    #[must_use]
    pub fn cidr(range: impl Into<String>) -> Self {
        Self::Ipv4(range.into())
    }

    /// A security group of this account.
    #[must_use]
    pub fn group(id: impl Into<String>) -> Self {
        Self::Group { id: id.into(), owner_id: None }
    }
}

impl Account {
    /// Adds a security group.
    #[must_use]
    pub fn security_group(mut self, group: SecurityGroup) -> Self {
        self.add_security_group(group);
        self
    }

    /// Adds a security group in place, for use while the account is served.
    pub fn add_security_group(&mut self, mut group: SecurityGroup) {
        group.owner_id.get_or_insert_with(|| self.id.clone());
        self.security_groups.insert(group.id.clone(), group);
    }

    /// Whether the security group exists.
    #[must_use]
    pub fn has_security_group(&self, id: &str) -> bool {
        self.security_groups.contains_key(id)
    }

    /// The network interfaces that are members of a security group.
    #[must_use]
    pub fn members_of(&self, group_id: &str) -> Vec<&NetworkInterface> {
        let member = |interface: &&NetworkInterface| interface.group_ids.iter().any(|id| id == group_id);
        self.network_interfaces.values().filter(member).collect()
    }

    /// The other security groups whose rules name this one.
    #[must_use]
    pub fn groups_referring_to(&self, group_id: &str) -> Vec<&SecurityGroup> {
        self.security_groups.values().filter(|group| group.id != group_id && group.refers_to(group_id)).collect()
    }

    /// A group's name, or its id where the account does not hold it.
    pub(crate) fn group_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.security_groups.get(id).map_or(id, |group| &group.name)
    }
}
