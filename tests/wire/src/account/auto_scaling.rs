use time::{Duration, OffsetDateTime};

use super::TemplateRef;

/// An Auto Scaling group, by default of one instance.
#[derive(Debug, Clone)]
pub struct Group {
    /// The name.
    pub name: String,
    /// The instances wanted.
    pub desired: u32,
    /// Its launch configuration.
    pub launch_configuration: Option<String>,
    /// Its launch template.
    pub launch_template: Option<TemplateRef>,
    /// The base of its mixed-instances policy.
    pub mixed: Option<TemplateRef>,
    /// The overrides of its mixed-instances policy.
    pub overrides: Vec<GroupOverride>,
    /// The instances its warm pool keeps.
    pub warm_pool: Option<u32>,
    /// The instances it runs, with the image each was launched from.
    pub instances: Vec<(String, String)>,
    /// When it was created.
    pub created: OffsetDateTime,
}

/// One override of a mixed-instances policy.
#[derive(Debug, Clone)]
pub struct GroupOverride {
    /// The instance type.
    pub instance_type: String,
    /// A template of its own.
    pub template: Option<TemplateRef>,
    /// An image of its own.
    pub image_id: Option<String>,
}

/// A launch configuration.
#[derive(Debug, Clone)]
pub struct LaunchConfiguration {
    /// The name.
    pub name: String,
    /// The image.
    pub image_id: String,
    /// Snapshots that its block devices name.
    pub snapshot_ids: Vec<String>,
    /// When it was created.
    pub created: OffsetDateTime,
}

impl Group {
    /// A group that launches nothing yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            desired: 1,
            launch_configuration: None,
            launch_template: None,
            mixed: None,
            overrides: Vec::new(),
            warm_pool: None,
            instances: Vec::new(),
            created: OffsetDateTime::now_utc() - Duration::hours(1000),
        }
    }

    /// Launches from this configuration.
    #[must_use]
    pub fn launch_configuration(mut self, name: impl Into<String>) -> Self {
        self.launch_configuration = Some(name.into());
        self
    }

    /// Launches from this template.
    #[must_use]
    pub fn launch_template(mut self, template: TemplateRef) -> Self {
        self.launch_template = Some(template);
        self
    }

    /// Has a mixed-instances policy on this template.
    #[must_use]
    pub fn mixed(mut self, template: TemplateRef) -> Self {
        self.mixed = Some(template);
        self
    }

    /// Its policy has an override with a template of its own.
    #[must_use]
    pub fn override_template(mut self, template: TemplateRef) -> Self {
        self.overrides.push(GroupOverride {
            instance_type: "c7g.large".to_owned(),
            template: Some(template),
            image_id: None,
        });
        self
    }

    /// Its policy has an override with an image of its own.
    #[must_use]
    pub fn override_image(mut self, image_id: impl Into<String>) -> Self {
        self.overrides.push(GroupOverride {
            instance_type: "c7g.large".to_owned(),
            template: None,
            image_id: Some(image_id.into()),
        });
        self
    }

    /// Wants so many instances.
    #[must_use]
    pub fn desired(mut self, desired: u32) -> Self {
        self.desired = desired;
        self
    }

    /// Keeps so many instances warm.
    #[must_use]
    pub fn warm_pool(mut self, size: u32) -> Self {
        self.warm_pool = Some(size);
        self
    }

    /// Runs this instance of this image.
    #[must_use]
    pub fn running(mut self, instance_id: impl Into<String>, image_id: impl Into<String>) -> Self {
        self.instances.push((instance_id.into(), image_id.into()));
        self
    }
}

impl LaunchConfiguration {
    /// A launch configuration of an image.
    #[must_use]
    pub fn new(name: impl Into<String>, image_id: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            image_id: image_id.into(),
            snapshot_ids: Vec::new(),
            created: OffsetDateTime::now_utc() - Duration::hours(1000),
        }
    }
}
