//! The images and snapshots of the account, as EC2 answers.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::stack::{Image, Stack};

/// What EC2 holds at one moment.
pub(super) struct Seen {
    pub(super) images: BTreeMap<String, Image>,
    pub(super) snapshots: BTreeSet<String>,
}

impl Seen {
    pub(super) fn now(stack: &Stack) -> Result<Self> {
        Ok(Self {
            images: stack.images()?.into_iter().map(|image| (image.name.clone(), image)).collect(),
            snapshots: stack.snapshots()?.into_iter().map(|snapshot| snapshot.id).collect(),
        })
    }

    pub(super) fn state(&self, name: &str) -> Option<&str> {
        self.images.get(name).map(|image| image.state.as_str())
    }
}
