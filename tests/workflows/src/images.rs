//! Images of a scenario.

use sunset_local::image_id;
use sunset_wire::Image;

/// An image that nobody uses, 200 days old, with one snapshot. Its id and its snapshot's follow from its name.
#[must_use]
pub fn unused(name: &str) -> Image {
    Image::new(image_id(name)).named(name).aged_hours(200 * 24).snapshots([snapshot_of(name)])
}

/// The snapshot of the [`unused`] image of this name.
#[must_use]
pub fn snapshot_of(name: &str) -> String {
    image_id(name).replacen("ami-", "snap-", 1)
}
