//! What EC2 says of one resource at one moment.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use crate::error::{Error, Result};
use crate::stack::Stack;
use crate::wire::query::{anywhere, child, items, parsed, tags};

/// An instance as EC2 describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: String,
    /// `running`, `stopped`, `terminated` and so on.
    pub state: String,
    /// Its public address, its own or an Elastic IP.
    pub public_ip: Option<String>,
    /// Its volumes by device.
    pub volume_ids: BTreeMap<String, String>,
    /// Its network interfaces.
    pub network_interface_ids: Vec<String>,
    /// Its security groups.
    pub security_group_ids: BTreeSet<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A volume as EC2 describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its id.
    pub id: String,
    /// `available`, `in-use` and so on.
    pub state: String,
    /// Its size.
    pub size_gib: u64,
    /// What it is attached to: instance and device.
    pub attached_to: Option<(String, String)>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// An Elastic IP address as EC2 describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its id.
    pub id: String,
    /// The address itself.
    pub public_ip: String,
    /// What it is associated with.
    pub network_interface_id: Option<String>,
    /// The private address behind it.
    pub private_ip: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A security group as EC2 describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The network interfaces that stand in it.
    pub member_ids: BTreeSet<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Stack {
    /// The only element that an action lists for an id; none where EC2 does not know the id.
    fn described<T>(
        &self,
        (action, list): (&str, &'static str),
        pairs: &[(&str, &str)],
        read: impl FnOnce(Node<'_, '_>) -> T,
    ) -> Result<Option<T>> {
        let xml = match self.ec2(action, pairs) {
            Ok(xml) => xml,
            Err(Error::Answered { code, .. }) if code.ends_with(".NotFound") => return Ok(None),
            Err(error) => return Err(error),
        };
        let document = parsed(action, &xml)?;
        Ok(items(document.root(), list).next().map(read))
    }

    /// An instance, terminated ones included, as long as EC2 knows it.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn instance(&self, id: &str) -> Result<Option<Instance>> {
        self.described(("DescribeInstances", "instancesSet"), &[("InstanceId.1", id)], |item| {
            let named = |list, name: &'static str| {
                items(item, list).filter_map(move |it| child(it, name)).collect::<Vec<String>>()
            };
            Instance {
                id: child(item, "instanceId").unwrap_or_default(),
                state: item
                    .children()
                    .find(|it| it.tag_name().name() == "instanceState")
                    .and_then(|state| child(state, "name"))
                    .unwrap_or_default(),
                public_ip: child(item, "ipAddress"),
                volume_ids: items(item, "blockDeviceMapping")
                    .filter_map(|it| Some((child(it, "deviceName")?, anywhere(it, "volumeId")?)))
                    .collect(),
                network_interface_ids: named("networkInterfaceSet", "networkInterfaceId"),
                security_group_ids: item
                    .children()
                    .filter(|it| it.tag_name().name() == "groupSet")
                    .flat_map(|set| set.children())
                    .filter_map(|it| child(it, "groupId"))
                    .collect(),
                tags: tags(item),
            }
        })
    }

    /// A volume, if it is there.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn volume(&self, id: &str) -> Result<Option<Volume>> {
        self.described(("DescribeVolumes", "volumeSet"), &[("VolumeId.1", id)], |item| Volume {
            id: child(item, "volumeId").unwrap_or_default(),
            state: child(item, "status").unwrap_or_default(),
            size_gib: child(item, "size").and_then(|it| it.parse().ok()).unwrap_or_default(),
            attached_to: items(item, "attachmentSet")
                .find_map(|it| Some((child(it, "instanceId")?, child(it, "device")?))),
            tags: tags(item),
        })
    }

    /// An Elastic IP address by its allocation id, if it is there.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn address(&self, id: &str) -> Result<Option<Address>> {
        self.described(("DescribeAddresses", "addressesSet"), &[("AllocationId.1", id)], |item| Address {
            id: child(item, "allocationId").unwrap_or_default(),
            public_ip: child(item, "publicIp").unwrap_or_default(),
            network_interface_id: child(item, "networkInterfaceId"),
            private_ip: child(item, "privateIpAddress"),
            tags: tags(item),
        })
    }

    /// A security group by its id, if it is there.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn security_group(&self, id: &str) -> Result<Option<SecurityGroup>> {
        let pairs = [("GroupId.1", id)];
        let found = self.described(("DescribeSecurityGroups", "securityGroupInfo"), &pairs, |item| SecurityGroup {
            id: child(item, "groupId").unwrap_or_default(),
            name: child(item, "groupName").unwrap_or_default(),
            member_ids: BTreeSet::new(),
            tags: tags(item),
        })?;
        found.map_or(Ok(None), |group| Ok(Some(SecurityGroup { member_ids: self.members(id)?, ..group })))
    }

    fn members(&self, group_id: &str) -> Result<BTreeSet<String>> {
        let action = "DescribeNetworkInterfaces";
        let xml = self.ec2(action, &[("Filter.1.Name", "group-id"), ("Filter.1.Value.1", group_id)])?;
        let document = parsed(action, &xml)?;
        Ok(items(document.root(), "networkInterfaceSet").filter_map(|it| child(it, "networkInterfaceId")).collect())
    }
}
