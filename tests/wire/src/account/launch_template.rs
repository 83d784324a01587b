use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

/// A launch template. Its versions are numbered from 1 as they are added; the first is the default.
#[derive(Debug, Clone)]
pub struct LaunchTemplate {
    /// The `lt-…` id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The versions, oldest first.
    pub versions: Vec<TemplateVersion>,
    /// The number of the default version.
    pub default_version: u64,
    /// When it was created.
    pub created: OffsetDateTime,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// One version of a launch template.
#[derive(Debug, Clone)]
pub struct TemplateVersion {
    /// Its number.
    pub number: u64,
    /// `ami-…`, `resolve:ssm:…`, or none.
    pub image_id: Option<String>,
    /// Snapshots that its block devices name.
    pub snapshot_ids: Vec<String>,
}

/// How a group or fleet names a launch template and version.
#[derive(Debug, Clone)]
pub struct TemplateRef {
    /// By id.
    pub id: Option<String>,
    /// By name.
    pub name: Option<String>,
    /// `$Latest`, `$Default`, a number, or unsaid (which means the default).
    pub version: Option<String>,
}

impl LaunchTemplate {
    /// A template with no version yet.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            versions: Vec::new(),
            default_version: 1,
            created: OffsetDateTime::now_utc() - Duration::hours(1000),
            tags: BTreeMap::new(),
        }
    }

    /// Adds the next version: an image id or a `resolve:ssm:` string.
    #[must_use]
    pub fn version(mut self, image_id: impl Into<String>) -> Self {
        self.push(Some(image_id.into()));
        self
    }

    /// Adds the next version, which names no image.
    #[must_use]
    pub fn version_without_image(mut self) -> Self {
        self.push(None);
        self
    }

    /// Makes this version the default.
    #[must_use]
    pub fn default_version(mut self, number: u64) -> Self {
        self.default_version = number;
        self
    }

    /// Takes a version away, as `DeleteLaunchTemplateVersions` does.
    #[must_use]
    pub fn without_version(mut self, number: u64) -> Self {
        self.versions.retain(|version| version.number != number);
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// The number of the newest version.
    #[must_use]
    pub fn latest_version(&self) -> u64 {
        self.versions.last().map_or(0, |version| version.number)
    }

    /// The version that `$Latest`, `$Default` or a number means.
    #[must_use]
    pub fn find(&self, version: &str) -> Option<&TemplateVersion> {
        let number = match version {
            "$Latest" => self.latest_version(),
            "$Default" => self.default_version,
            number => number.parse().ok()?,
        };
        self.versions.iter().find(|version| version.number == number)
    }

    fn push(&mut self, image_id: Option<String>) {
        let number = self.latest_version() + 1;
        self.versions.push(TemplateVersion { number, image_id, snapshot_ids: Vec::new() });
    }
}

impl TemplateRef {
    /// By id.
    #[must_use]
    pub fn id(id: impl Into<String>, version: impl Into<String>) -> Self {
        Self { id: Some(id.into()), name: None, version: Some(version.into()) }
    }

    /// By name.
    #[must_use]
    pub fn named(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { id: None, name: Some(name.into()), version: Some(version.into()) }
    }

    /// With no version said.
    #[must_use]
    pub fn unversioned(mut self) -> Self {
        self.version = None;
        self
    }
}
