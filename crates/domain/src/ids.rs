//! Identifiers, each a type of its own, so that a wrong one does not compile.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// Why a text is not the identifier that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {expected}")]
pub struct InvalidId {
    /// What was found.
    pub found: String,
    /// What would be right.
    pub expected: &'static str,
}

fn is_resource_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| (1..=32).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_run_id(text: &str) -> bool {
    (1..=80).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes `text` if it has the identifier's form.
            ///
            /// # Errors
            /// [`InvalidId`] says what was found and what would be right.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.into())) } else { Err(InvalidId { found: text.to_owned(), expected: $expected }) }
            }

            /// Takes a text that this crate has built in the identifier's form.
            #[allow(dead_code, reason = "not every kind of id is built here")]
            pub(crate) fn built(text: String) -> Self {
                debug_assert!({ let valid: fn(&str) -> bool = $valid; valid(&text) });
                Self(text.into_boxed_str())
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// An AMI's id.
    ImageId,
    "an image id such as ami-0123456789abcdef0",
    |text| is_resource_id(text, "ami-")
);
id!(
    /// An EBS snapshot's id.
    SnapshotId,
    "a snapshot id such as snap-0123456789abcdef0",
    |text| is_resource_id(text, "snap-")
);
id!(
    /// An EC2 instance's id.
    InstanceId,
    "an instance id such as i-0123456789abcdef0",
    |text| is_resource_id(text, "i-")
);
id!(
    /// An EBS volume's id.
    VolumeId,
    "a volume id such as vol-0123456789abcdef0",
    |text| is_resource_id(text, "vol-")
);
id!(
    /// An Elastic IP address's allocation id.
    AllocationId,
    "an allocation id such as eipalloc-0123456789abcdef0",
    |text| is_resource_id(text, "eipalloc-")
);
id!(
    /// A security group's id.
    SecurityGroupId,
    "a security group id such as sg-0123456789abcdef0",
    |text| is_resource_id(text, "sg-")
);
id!(
    /// A network interface's id.
    NetworkInterfaceId,
    "a network interface id such as eni-0123456789abcdef0",
    |text| is_resource_id(text, "eni-")
);
id!(
    /// A decommission process, named by [`crate::process::start::process_id`]: a ULID, so that ids sort by time (C13, C56).
    ProcessId,
    "a process id of 26 characters such as 01KAG3V7Q4M2ZD9X5T8R6W0B1C",
    |text| ulid::Ulid::from_string(text).is_ok_and(|id| id.to_string() == text)
);
id!(
    /// The SHA-256 of a runbook's canonical JSON, in hexadecimal: what approvers approve.
    PlanHash,
    "a plan hash of 64 hexadecimal digits",
    |text| text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
);
id!(
    /// An AWS account's id.
    AccountId,
    "an account id of 12 digits",
    is_account_id
);
id!(
    /// One execution of ami-cleanup, named by [`crate::run::run_id`].
    RunId,
    "a run id of letters, digits and hyphens, at most 80",
    is_run_id
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_refused_with_what_would_be_right() {
        let error = ImageId::parse("snap-0123").unwrap_err();
        assert_eq!(error.to_string(), r#""snap-0123" is not an image id such as ami-0123456789abcdef0"#);
        assert!(SnapshotId::parse("snap-0123").is_ok());
        assert!(ImageId::parse("ami-").is_err());
        assert!(ImageId::parse("ami-12/..").is_err());
        assert!(AccountId::parse("12345678901").is_err());
    }
}
