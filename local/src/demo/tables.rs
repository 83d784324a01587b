//! What the demo shows in columns.

use crate::demo::seen::Seen;
use crate::report::{Listed, Report};
use crate::screen::Look;
use crate::stack::Image;
use crate::table::{Cell, Table};

/// A report as a table: what goes first, and the oldest first.
#[must_use]
pub fn verdicts(report: &Report) -> Table<4> {
    let mut images: Vec<&Listed> = report.images.iter().collect();
    images.sort_by(|a, b| {
        (a.verdict == "keep").cmp(&(b.verdict == "keep")).then_with(|| a.created_at.cmp(&b.created_at))
    });
    let mut table = Table::new(["image", "created", "verdict", "why"]);
    for image in images {
        let look = if image.verdict == "keep" { Look::Green } else { Look::Red };
        let day = image.created_at.chars().take(10).collect::<String>();
        table.row([image.name.clone().into(), day.into(), Cell::new(look, image.verdict.clone()), image.why().into()]);
    }
    table
}

/// Every image, before and now.
pub(super) fn went_and_stayed(before: &Seen, now: &Seen) -> Table<4> {
    let mut table = Table::new(["image", "before", "now", "its snapshots"]);
    let mut rows: Vec<(&String, &Image)> = before.images.iter().collect();
    rows.sort_by_key(|(name, _)| now.state(name).is_some());
    for (name, image) in rows {
        let (look, state) = now.state(name).map_or((Look::Red, "gone"), |state| (Look::Green, state));
        let left = image.snapshot_ids.iter().filter(|id| now.snapshots.contains(*id)).count();
        let snapshots = format!("{left} of {}", image.snapshot_ids.len());
        table.row([name.as_str().into(), image.state.as_str().into(), Cell::new(look, state), snapshots.into()]);
    }
    table
}
