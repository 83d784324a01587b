//! The account of the scenarios on moto.

use sunset_local::{SeedImage, Use};
use sunset_workflows::{Stage, moto_stack};

/// The account of all scenarios on moto, each with its own images. The newest of a family stays: without it all would go.
fn images() -> Vec<SeedImage> {
    let family = |family: &'static str| {
        ["1", "2"]
            .map(|name| SeedImage::new(&format!("{family}-{name}"), 200).tag("sunset:family", family))
            .into_iter()
            .chain([SeedImage::new(&format!("{family}-newest"), 100).tag("sunset:family", family)])
    };
    let in_use = SeedImage::new("dry-in-use", 300).tag("sunset:family", "dry").used_by(Use::StoppedInstance);
    let kept = SeedImage::new("at-once-kept", 300).tag("sunset:family", "at-once").tag("sunset:keep", "for the audit");
    family("dry").chain(family("grace")).chain(family("at-once")).chain([in_use, kept]).collect()
}

pub fn moto() -> Stage {
    moto_stack(images)
}
