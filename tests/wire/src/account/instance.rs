use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

/// An instance, by default running.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The `i-…` id.
    pub id: String,
    /// The image it runs.
    pub image_id: String,
    /// `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
    pub state: String,
    /// `t3.micro`.
    pub instance_type: String,
    /// `spot`, `scheduled` or `capacity-block`; none for on-demand.
    pub lifecycle: Option<String>,
    /// When it was launched.
    pub launched: OffsetDateTime,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Instance {
    /// A running instance of an image.
    #[must_use]
    pub fn new(id: impl Into<String>, image_id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            image_id: image_id.into(),
            state: "running".to_owned(),
            instance_type: "t3.micro".to_owned(),
            lifecycle: None,
            launched: OffsetDateTime::now_utc() - Duration::hours(100),
            tags: BTreeMap::new(),
        }
    }

    /// In this state.
    #[must_use]
    pub fn in_state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.state);
        self
    }

    /// Stopped.
    #[must_use]
    pub fn stopped(self) -> Self {
        self.in_state("stopped")
    }

    /// Terminated, yet still listed.
    #[must_use]
    pub fn terminated(self) -> Self {
        self.in_state("terminated")
    }

    /// A Spot instance.
    #[must_use]
    pub fn spot(mut self) -> Self {
        self.lifecycle = Some("spot".to_owned());
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    pub(crate) fn state_code(&self) -> u32 {
        match self.state.as_str() {
            "pending" => 0,
            "running" => 16,
            "shutting-down" => 32,
            "terminated" => 48,
            "stopping" => 64,
            _ => 80,
        }
    }
}
