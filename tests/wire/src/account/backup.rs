use super::{Account, Image, Settling, Snapshot};

/// How backups come out wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoilt {
    /// A snapshot ends in `error`, an image as `failed`.
    Error,
    /// A snapshot is not encrypted, whatever the volume is.
    Unencrypted,
    /// A snapshot is of this size, whatever the volume's.
    Size(u32),
}

impl Account {
    /// Snapshots of this volume, or images of this instance (`*`: of any), come out wrong.
    #[must_use]
    pub fn spoils_backups_of(mut self, id: impl Into<String>, how: Spoilt) -> Self {
        self.spoilt.insert(id.into(), how);
        self
    }

    /// A snapshot that is taken is `pending` in this many `DescribeSnapshots` calls.
    #[must_use]
    pub fn snapshots_complete_after(mut self, calls: usize) -> Self {
        self.paces.snapshots = calls;
        self
    }

    /// An image that is made is `pending` in this many `DescribeImages` calls.
    #[must_use]
    pub fn images_complete_after(mut self, calls: usize) -> Self {
        self.paces.images = calls;
        self
    }

    /// The state of a snapshot, `completed` for most; nothing when it is gone.
    #[must_use]
    pub fn snapshot_state(&self, id: &str) -> Option<&str> {
        self.snapshots.get(id).map(|snapshot| snapshot.state.as_str())
    }

    /// The snapshots with this tag.
    pub fn snapshots_tagged<'a>(&'a self, key: &'a str, value: &'a str) -> impl Iterator<Item = &'a Snapshot> {
        self.snapshots.values().filter(move |snapshot| snapshot.tags.get(key).is_some_and(|held| held == value))
    }

    /// The registered images with this tag.
    pub fn images_tagged<'a>(&'a self, key: &'a str, value: &'a str) -> impl Iterator<Item = &'a Image> {
        self.images.values().filter(move |image| image.tags.get(key).is_some_and(|held| held == value))
    }

    pub(crate) fn spoils(&self, id: &str) -> Option<Spoilt> {
        self.spoilt.get(id).or_else(|| self.spoilt.get("*")).copied()
    }

    /// Counts a describe call for the snapshots it looks at.
    pub(crate) fn settle_snapshots(&mut self, looks_at: impl Fn(&str) -> bool) {
        for snapshot in self.snapshots.values_mut().filter(|snapshot| looks_at(&snapshot.id)) {
            if let Some(Settling { to, .. }) = snapshot.settling.take_if(Settling::is_over) {
                snapshot.state = to;
            }
        }
    }

    /// Counts a describe call for the images it looks at. The snapshots of an image are done before it is.
    pub(crate) fn settle_images(&mut self, looks_at: impl Fn(&str) -> bool) {
        let mut done = Vec::new();
        for image in self.images.values_mut().filter(|image| looks_at(&image.id)) {
            if let Some(Settling { to, .. }) = image.settling.take_if(Settling::is_over) {
                image.state = to;
                done.extend(image.snapshot_ids().map(str::to_owned));
            }
        }
        for id in done {
            if let Some(snapshot) = self.snapshots.get_mut(&id)
                && let Some(Settling { to, .. }) = snapshot.settling.take()
            {
                snapshot.state = to;
            }
        }
    }
}
