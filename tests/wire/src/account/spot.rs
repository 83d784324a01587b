use time::{Duration, OffsetDateTime};

use super::TemplateRef;

/// A Spot instance request, by default open.
#[derive(Debug, Clone)]
pub struct SpotRequest {
    /// The `sir-…` id.
    pub id: String,
    /// The image it would launch.
    pub image_id: String,
    /// `open`, `active`, `closed`, `cancelled`, `failed` or `disabled`.
    pub state: String,
    /// The instance that fulfils it.
    pub instance_id: Option<String>,
    /// When it was created.
    pub created: OffsetDateTime,
}

/// A Spot fleet request, by default active.
#[derive(Debug, Clone)]
pub struct SpotFleet {
    /// The `sfr-…` id.
    pub id: String,
    /// `submitted`, `active`, `cancelled`, `failed`, `cancelled_running`, `cancelled_terminating` or `modifying`.
    pub state: String,
    /// Images that its launch specifications name.
    pub images: Vec<String>,
    /// Templates that its configurations name.
    pub templates: Vec<TemplateRef>,
    /// When it was created.
    pub created: OffsetDateTime,
}

impl SpotRequest {
    /// An open request for an image.
    #[must_use]
    pub fn new(id: impl Into<String>, image_id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            image_id: image_id.into(),
            state: "open".to_owned(),
            instance_id: None,
            created: OffsetDateTime::now_utc() - Duration::hours(10),
        }
    }

    /// In this state.
    #[must_use]
    pub fn in_state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.state);
        self
    }
}

impl SpotFleet {
    /// An active request that names nothing yet.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            state: "active".to_owned(),
            images: Vec::new(),
            templates: Vec::new(),
            created: OffsetDateTime::now_utc() - Duration::hours(10),
        }
    }

    /// In this state.
    #[must_use]
    pub fn in_state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.state);
        self
    }

    /// Has a launch specification with this image.
    #[must_use]
    pub fn image(mut self, image_id: impl Into<String>) -> Self {
        self.images.push(image_id.into());
        self
    }

    /// Has a configuration with this template.
    #[must_use]
    pub fn template(mut self, template: TemplateRef) -> Self {
        self.templates.push(template);
        self
    }
}
