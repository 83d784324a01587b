//! The only calls that change EC2.
//!
//! Each asks for a permit, which neither a dry run nor an act without a stored intent can make, and refuses one that
//! is for something else before anything is sent. None is repeated here, whatever it is answered: after a timeout the
//! call may have been carried out, so the caller looks first. Beside each stands its `would_…`, which asks EC2 by its
//! own dry run whether the call would be allowed, and needs no permit.

mod address;
mod image;
mod instance;
mod security_group;
mod snapshot;
mod tags;
mod volume;

pub use address::{
    associate_address, disassociate_address, release_address, would_associate_address, would_disassociate_address,
    would_release_address,
};
pub use image::{
    add_launch_permissions, deregister_image, disable_image, enable_image, restore_image_from_recycle_bin,
    would_add_launch_permissions, would_deregister, would_disable, would_enable,
};
pub use instance::{
    create_image, start_instance, stop_instance, terminate_instance, would_create_image, would_start_instance,
    would_stop_instance, would_terminate_instance,
};
pub use security_group::{
    delete_security_group, set_security_groups, would_delete_security_group, would_set_security_groups,
};
pub use snapshot::{
    SnapshotDeletion, SnapshotRefusal, create_snapshot, delete_snapshot, restore_snapshot_from_recycle_bin,
    would_create_snapshot, would_delete_snapshot,
};
pub use tags::{create_tags, delete_tags, delete_tags_of_value, would_create_tags, would_delete_tags_of_value};
pub use volume::{
    attach_volume, delete_volume, detach_volume, would_attach_volume, would_delete_volume, would_detach_volume,
};

use sunset_domain::permit::NotPermitted;

use crate::error::{AwsError, AwsErrorKind};

/// Why a change was not made, or is not known to have been made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// Nothing was sent: the permit is for something else.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// What AWS answered. [`AwsErrorKind::Transient`]: it may have been done all the same.
    #[error(transparent)]
    Aws(#[from] AwsError),
}

/// When what was asked for was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// By this call.
    Now,
    /// Before it: what was to go is gone.
    Before,
}

fn done(operation: &'static str, returned: Option<bool>) -> Result<Done, ActError> {
    match returned {
        Some(false) => Err(AwsError::refused(operation, "answered false").into()),
        _ => Ok(Done::Now),
    }
}

/// What was to go: it is no error that it went before.
fn gone<T>(answer: Result<T, AwsError>) -> Result<Done, ActError> {
    match answer {
        Ok(_) => Ok(Done::Now),
        Err(error) if error.is_not_found() => Ok(Done::Before),
        Err(error) => Err(error.into()),
    }
}

/// What EC2 says of a call that it was asked not to carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// It would be allowed.
    Granted,
    /// It would not be allowed.
    Denied,
    /// EC2 did not say, and why.
    Unknown(String),
}

impl Permission {
    /// The name in results.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Unknown(_) => "unknown",
        }
    }

    fn of<T>(answer: Result<T, AwsError>) -> Self {
        match answer {
            Ok(_) => Self::Unknown("EC2 answered a dry run as if it were none".into()),
            Err(error) if error.has_code("DryRunOperation") => Self::Granted,
            Err(error) if error.kind == AwsErrorKind::Denied => Self::Denied,
            Err(error) => Self::Unknown(error.to_string()),
        }
    }
}
