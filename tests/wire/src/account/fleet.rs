use time::{Duration, OffsetDateTime};

use super::TemplateRef;

/// An EC2 fleet, by default active and of type `maintain`.
#[derive(Debug, Clone)]
pub struct Fleet {
    /// The `fleet-…` id.
    pub id: String,
    /// `submitted`, `active`, `deleted`, `failed`, `deleted_running`, `deleted_terminating` or `modifying`.
    pub state: String,
    /// `request`, `maintain` or `instant`; an instant one shows only when asked for by id.
    pub kind: String,
    /// The template of its one configuration.
    pub template: Option<TemplateRef>,
    /// Images that its overrides name.
    pub override_images: Vec<String>,
    /// When it was created.
    pub created: OffsetDateTime,
}

impl Fleet {
    /// An active fleet.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            state: "active".to_owned(),
            kind: "maintain".to_owned(),
            template: None,
            override_images: Vec::new(),
            created: OffsetDateTime::now_utc() - Duration::hours(1000),
        }
    }

    /// In this state.
    #[must_use]
    pub fn in_state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.state);
        self
    }

    /// Of this type.
    #[must_use]
    pub fn of_type(mut self, kind: &str) -> Self {
        kind.clone_into(&mut self.kind);
        self
    }

    /// Launches from this template.
    #[must_use]
    pub fn template(mut self, template: TemplateRef) -> Self {
        self.template = Some(template);
        self
    }

    /// Has an override with an image of its own (or `resolve:ssm:`).
    #[must_use]
    pub fn override_image(mut self, image_id: impl Into<String>) -> Self {
        self.override_images.push(image_id.into());
        self
    }
}
