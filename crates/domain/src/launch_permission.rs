//! Who may launch an image, or make volumes from a snapshot, beside its owner.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who beside the owner may launch an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum LaunchPermission {
    /// Another account.
    Account(String),
    /// Everybody.
    Everybody,
    /// An organization's ARN.
    Organization(String),
    /// An organizational unit's ARN.
    OrganizationalUnit(String),
}

impl fmt::Display for LaunchPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account {id}"),
            Self::Everybody => f.write_str("everybody"),
            Self::Organization(arn) | Self::OrganizationalUnit(arn) => f.write_str(arn),
        }
    }
}
