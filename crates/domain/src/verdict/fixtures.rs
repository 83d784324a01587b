//! Images and evidence for tests: by default an image that nothing holds, and evidence that was read completely.

use std::collections::BTreeSet;

use crate::coverage::{Coverage, Source};
use crate::evidence::Evidence;
use crate::family::places;
use crate::ids::{AccountId, ImageId, SnapshotId};
use crate::image::{BlockDevice, Image, ImageState};
use crate::time::Timestamp;

pub const ACCOUNT: &str = "123456789012";

pub fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T09:00:00Z").unwrap()
}

#[derive(Clone)]
pub struct ImageBuilder(Image);

/// An old image that nothing holds.
pub fn image(id: &str) -> ImageBuilder {
    ImageBuilder(Image {
        id: ImageId::parse(id).unwrap(),
        name: format!("name-of-{id}x"),
        owner_id: Some(AccountId::parse(ACCOUNT).unwrap()),
        created_at: Some(Timestamp::parse("2020-01-01T00:00:00Z").unwrap()),
        state: ImageState::Available,
        public: false,
        last_launched_at: None,
        deregistration_protection: None,
        instance_store: false,
        product_codes: false,
        tags: Default::default(),
        block_devices: vec![BlockDevice {
            device_name: "/dev/xvda".into(),
            snapshot_id: Some(SnapshotId::parse(&id.replace("ami-", "snap-")).unwrap()),
            size_gib: Some(8),
        }],
    })
}

impl ImageBuilder {
    pub fn named(mut self, name: &str) -> Self {
        self.0.name = name.into();
        self
    }

    pub fn aged_hours(mut self, hours: i64) -> Self {
        self.0.created_at = Some(Timestamp::from_unix_seconds(now().unix_seconds() - hours * 3600));
        self
    }

    pub fn aged_seconds(mut self, seconds: i64) -> Self {
        self.0.created_at = Some(Timestamp::from_unix_seconds(now().unix_seconds() - seconds));
        self
    }

    pub fn launched_days_ago(mut self, days: i64) -> Self {
        self.0.last_launched_at = Some(Timestamp::from_unix_seconds(now().unix_seconds() - days * 86_400));
        self
    }

    pub fn in_state(mut self, state: &str) -> Self {
        self.0.state = state.into();
        self
    }

    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.0.tags.insert(key, value);
        self
    }

    pub fn image(self) -> Image {
        self.0
    }
}

/// Evidence that was read completely and names nothing.
pub fn complete_evidence(images: &[Image]) -> Evidence {
    Evidence {
        coverages: Source::REQUIRED.into_iter().map(|source| (source, Coverage::Complete { items: 1 })).collect(),
        places: places(images),
        quarantines: images.iter().map(|image| (image.id.clone(), None)).collect(),
        launch_permissions: images.iter().map(|image| (image.id.clone(), Vec::new())).collect(),
        second_opinions: images.iter().map(|image| image.id.clone()).collect::<BTreeSet<_>>(),
        ..Evidence::none(AccountId::parse(ACCOUNT).unwrap())
    }
}
