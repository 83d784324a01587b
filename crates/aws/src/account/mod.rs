//! Reading an account: its images, and everything that uses them.
//!
//! Nothing here decides. A reader gives what it read together with how the reading went, so that "could not read" is
//! never taken for "none"; the rules stand on both. Whole sources are read in pages ([`read_images`], [`read_uses`]);
//! what is about to be acted on is looked at once more by itself ([`look_at`], [`uses_of`], [`launch_permissions`]).
//!
//! Nobody looks at what no API of the account shows: other accounts, Batch, EMR, Terraform, scripts, the desired
//! configuration of an instance refresh that is under way, and SSM parameters that are `SecureString`.

mod auto_scaling;
mod compact;
mod fleets;
mod found;
mod images;
mod instances;
mod launch_permissions;
mod named_image;
pub(crate) mod pages;
mod parameters;
mod reading;
mod references;
pub(crate) mod side_by_side;
mod spot;
mod template_ref;
mod templates;
mod uses;

pub(crate) use compact::tags;
pub use images::{family_of, look_at, read_images};
pub(crate) use images::{named, on_snapshots};
pub use launch_permissions::launch_permissions;
pub(crate) use launch_permissions::of_group as group_permission;
pub use pages::failure;
pub use reading::Reading;
pub(crate) use reading::add_coverage;
pub use references::references;
pub use uses::{read_unfilterable, read_uses, uses_of};
