//! The accounts that functions are measured on, and which of their images are due.
//!
//! `Account::big` makes families of 25 images a week apart and spreads the references over them so that the oldest
//! image of every other family is in use by nothing. Nothing is due until it is said to be.

use sunset_wire::{Account, Size};
use time::{Duration, OffsetDateTime};

use crate::stage::ACCOUNT_ID;

/// The policy under which nothing of a fresh account is due: its oldest images are an hour younger.
pub const NOTHING_DUE: (&str, &str) = ("SUNSET_VALID_HOURS", "4202");
/// Hours past that.
const EXPIRED_HOURS: i64 = 4300;
/// Images of a family.
const FAMILY: usize = 25;

/// An account of this size, of which nothing is due.
#[must_use]
pub fn account(size: Size) -> Account {
    Account::big(ACCOUNT_ID, size)
}

/// The nth of the images that nothing uses and that are the oldest of their family.
#[must_use]
pub fn unused(n: usize) -> String {
    format!("ami-{:017x}", (2 * n + 1) * FAMILY)
}

/// Makes images old enough to be due.
pub fn expire(account: &mut Account, ids: impl IntoIterator<Item = String>) {
    for id in ids {
        if let Some(image) = account.images.get_mut(&id) {
            image.created = OffsetDateTime::now_utc() - Duration::hours(EXPIRED_HOURS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_images_said_to_be_unused_are_named_by_nothing() {
        for images in [100, 5_000] {
            let account = account(Size {
                images,
                instances: images / 10,
                launch_templates: images / 20,
                groups: images / 100,
                parameters: images / 25,
            });
            for image_id in (0..images / (2 * FAMILY)).map(unused) {
                assert!(account.images.contains_key(&image_id));
                assert!(account.instances.values().all(|instance| instance.image_id != image_id));
                assert!(account.parameters.values().all(|parameter| parameter.value != image_id));
            }
        }
    }
}
