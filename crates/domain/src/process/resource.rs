//! What a process retires: one resource of a closed set of types.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::{AllocationId, ImageId, InstanceId, InvalidId, SecurityGroupId, SnapshotId, VolumeId};

/// The types that have a driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResourceType {
    /// An EC2 instance.
    #[serde(rename = "EC2Instance")]
    Instance,
    /// An EBS volume.
    #[serde(rename = "EBSVolume")]
    Volume,
    /// An EBS snapshot.
    #[serde(rename = "EBSSnapshot")]
    Snapshot,
    /// A machine image.
    #[serde(rename = "AMI")]
    Image,
    /// An Elastic IP address.
    #[serde(rename = "ElasticIP")]
    Address,
    /// A security group.
    #[serde(rename = "SecurityGroup")]
    SecurityGroup,
}

impl ResourceType {
    /// Every type.
    pub const ALL: [Self; 6] =
        [Self::Instance, Self::Volume, Self::Snapshot, Self::Image, Self::Address, Self::SecurityGroup];

    /// The name in inputs, records and the tables `ResourceTracking` and `ResourceDependencies`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "EC2Instance",
            Self::Volume => "EBSVolume",
            Self::Snapshot => "EBSSnapshot",
            Self::Image => "AMI",
            Self::Address => "ElasticIP",
            Self::SecurityGroup => "SecurityGroup",
        }
    }

    /// Takes a name as inputs write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }

    /// What an id of this type looks like.
    #[must_use]
    pub fn id_example(self) -> &'static str {
        match self {
            Self::Instance => "i-0123456789abcdef0",
            Self::Volume => "vol-0123456789abcdef0",
            Self::Snapshot => "snap-0123456789abcdef0",
            Self::Image => "ami-0123456789abcdef0",
            Self::Address => "eipalloc-0123456789abcdef0",
            Self::SecurityGroup => "sg-0123456789abcdef0",
        }
    }

    fn has_form(self, text: &str) -> bool {
        match self {
            Self::Instance => InstanceId::parse(text).is_ok(),
            Self::Volume => VolumeId::parse(text).is_ok(),
            Self::Snapshot => SnapshotId::parse(text).is_ok(),
            Self::Image => ImageId::parse(text).is_ok(),
            Self::Address => AllocationId::parse(text).is_ok(),
            Self::SecurityGroup => SecurityGroupId::parse(text).is_ok(),
        }
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A resource: its type, and an id of that type's form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Resource {
    resource_type: ResourceType,
    resource_id: Box<str>,
}

impl Resource {
    /// Takes an id that has the form of its type.
    ///
    /// # Errors
    /// [`InvalidId`].
    pub fn new(resource_type: ResourceType, resource_id: &str) -> Result<Self, InvalidId> {
        if resource_type.has_form(resource_id) {
            Ok(Self { resource_type, resource_id: resource_id.into() })
        } else {
            Err(InvalidId { found: resource_id.to_owned(), expected: resource_type.id_example() })
        }
    }

    /// Its type.
    #[must_use]
    pub fn resource_type(&self) -> ResourceType {
        self.resource_type
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.resource_id
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.resource_type, self.resource_id)
    }
}

impl<'de> Deserialize<'de> for Resource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            resource_type: ResourceType,
            resource_id: String,
        }
        let written = Written::deserialize(deserializer)?;
        Self::new(written.resource_type, &written.resource_id).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_must_have_the_form_of_its_type() {
        for resource_type in ResourceType::ALL {
            assert!(Resource::new(resource_type, resource_type.id_example()).is_ok());
            assert!(Resource::new(resource_type, "arn:aws:ec2:us-east-1:123456789012:instance/i-1").is_err());
            assert_eq!(ResourceType::parse(resource_type.as_str()), Some(resource_type));
            assert_eq!(serde_json::to_value(resource_type).unwrap(), resource_type.as_str());
        }
        assert!(Resource::new(ResourceType::Volume, "i-0123456789abcdef0").is_err());
    }
}
