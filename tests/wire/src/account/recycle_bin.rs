use time::{Duration, OffsetDateTime};

use super::{Image, Snapshot};

/// A thing in the Recycle Bin, and when it leaves for good.
#[derive(Debug, Clone)]
pub struct Binned<T> {
    /// The thing as it was.
    pub item: T,
    /// When it came in.
    pub entered: OffsetDateTime,
    /// When it goes for good.
    pub exits: OffsetDateTime,
}

/// An image in the Recycle Bin.
pub type BinnedImage = Binned<Image>;

/// A snapshot in the Recycle Bin.
pub type BinnedSnapshot = Binned<Snapshot>;

impl<T> Binned<T> {
    /// In the bin from now on, for so many days.
    #[must_use]
    pub fn for_days(item: T, days: i64) -> Self {
        let entered = OffsetDateTime::now_utc();
        Self { item, entered, exits: entered + Duration::days(days) }
    }
}
