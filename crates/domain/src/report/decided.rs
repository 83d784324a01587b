//! The report of `list`: every image, its verdict and all its reasons.

use std::fmt::Write as _;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::coverage::{Coverages, Source};
use crate::ids::{RunId, SnapshotId};
use crate::image::Image;
use crate::policy::{Mode, Policy};
use crate::reason::Reason;
use crate::run::{ListCounts, RunVerdict};
use crate::time::Timestamp;
use crate::verdict::{Action, Verdict};

/// Where an image may be used and no AWS API of this account shows it.
pub const BLIND_SPOTS: [&str; 5] = [
    "other accounts that the image is shared with",
    "AWS Batch compute environments",
    "EMR clusters",
    "Terraform and CloudFormation files that are not applied now",
    "scripts and people that name the image",
];

/// One image and its verdict.
#[derive(Debug, Clone)]
pub struct Decided<'a> {
    /// The image.
    pub image: &'a Image,
    /// What is to be done with it, and why.
    pub verdict: Verdict,
    /// What deleting its snapshots would save a month at most, where they were read.
    pub saves_at_most_micro_dollars_a_month: Option<u64>,
}

impl Serialize for Decided<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let snapshot_ids: Vec<SnapshotId> = self.image.snapshot_ids();
        let mut fields = serializer.serialize_struct("Decided", 9)?;
        fields.serialize_field("image_id", &self.image.id)?;
        fields.serialize_field("name", &self.image.name)?;
        fields.serialize_field("created_at", &self.image.created_at)?;
        fields.serialize_field("state", self.image.state.as_str())?;
        fields.serialize_field("verdict", &self.verdict.action)?;
        fields.serialize_field("reasons", &self.verdict.reasons)?;
        fields.serialize_field("snapshot_ids", &snapshot_ids)?;
        fields.serialize_field("size_gib", &self.image.size_gib())?;
        fields.serialize_field("saves_at_most_micro_dollars_a_month", &self.saves_at_most_micro_dollars_a_month)?;
        fields.end()
    }
}

/// How one source was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceReport {
    /// Which.
    pub source: Source,
    /// `complete`, or what is wrong.
    pub coverage: &'static str,
    /// How many things it held.
    pub items: u64,
    /// In a sentence.
    pub detail: String,
}

impl SourceReport {
    /// All sources that were to be read.
    #[must_use]
    pub fn of(coverages: &Coverages) -> Vec<Self> {
        use crate::coverage::Coverage::{Complete, Denied, Failed, Implausible, Truncated};
        let mut sources: Vec<Source> = Source::REQUIRED.to_vec();
        sources.extend(coverages.keys().filter(|source| !Source::REQUIRED.contains(source)));
        sources
            .into_iter()
            .map(|source| match coverages.get(&source) {
                None => Self { source, coverage: "unread", items: 0, detail: "not read".into() },
                Some(coverage) => Self {
                    source,
                    coverage: match coverage {
                        Complete { .. } => "complete",
                        Denied { .. } => "denied",
                        Failed { .. } => "failed",
                        Truncated { .. } => "truncated",
                        Implausible { .. } => "implausible",
                    },
                    items: coverage.items(),
                    detail: coverage.to_string(),
                },
            })
            .collect()
    }
}

/// The whole report.
#[derive(Debug, Serialize)]
pub struct ListReport<'a> {
    /// The version of this document.
    pub schema: u32,
    /// The run.
    pub run_id: &'a RunId,
    /// Whether it may change anything.
    pub mode: Mode,
    /// What it decided.
    pub verdict: RunVerdict,
    /// Why.
    pub reason: &'a str,
    /// When it decided.
    pub decided_at: Timestamp,
    /// Under which policy.
    pub policy: &'a Policy,
    /// How each source was read.
    pub sources: Vec<SourceReport>,
    /// Where nobody looks.
    pub blind_spots: [&'static str; 5],
    /// How many images of each kind there are.
    pub counts: &'a ListCounts,
    /// Every image.
    pub images: &'a [Decided<'a>],
}

impl ListReport<'_> {
    /// The due and the blocked images, for people.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# ami-cleanup {}\n\n{} ({}): {}\n\n{} images, {} due ({} to disable, {} to deregister), {} kept, of them {} \
             blocked by a source that could not be relied on; {} gone images whose snapshots still wait.\n",
            self.run_id,
            match self.verdict {
                RunVerdict::Proceed => "Proceed",
                RunVerdict::Nothing => "Nothing to do",
                RunVerdict::Halted => "HALTED",
                RunVerdict::Skipped => "Skipped",
            },
            self.mode,
            self.reason,
            self.counts.images,
            self.counts.due,
            self.counts.disable,
            self.counts.deregister,
            self.counts.kept,
            self.counts.blocked,
            self.counts.drain
        );
        text.push_str("\n## Sources\n\n| source | coverage |\n|---|---|\n");
        for source in &self.sources {
            row(&mut text, &[&source.source.to_string(), &source.detail]);
        }
        let section = |text: &mut String, title: &str, chosen: &dyn Fn(&&Decided<'_>) -> bool| {
            let mut rows = self.images.iter().filter(chosen).peekable();
            if rows.peek().is_none() {
                return;
            }
            text.push_str("\n## ");
            text.push_str(title);
            text.push_str("\n\n| image | name | created | reasons |\n|---|---|---|---|\n");
            for decided in rows {
                let created_at = decided.image.created_at.map(|at| at.to_string()).unwrap_or_default();
                let reasons: Vec<String> = decided.verdict.reasons.iter().map(Reason::to_string).collect();
                row(text, &[decided.image.id.as_str(), &decided.image.name, &created_at, &reasons.join("; ")]);
            }
        };
        section(&mut text, "To deregister", &|decided| decided.verdict.action == Action::Deregister);
        section(&mut text, "To disable", &|decided| decided.verdict.action == Action::Disable);
        section(&mut text, "Blocked", &|decided| decided.verdict.is_blocked());
        text.push_str("\n## Where nobody looks\n\n");
        for spot in self.blind_spots {
            text.push_str("- ");
            text.push_str(spot);
            text.push('\n');
        }
        text
    }
}

/// Writes a table's row. Names and tags are other people's text: they must not break out of their cell.
fn row(text: &mut String, cells: &[&str]) {
    for cell in cells {
        let cell: String = cell
            .chars()
            .map(|c| match c {
                '\n' | '\r' => ' ',
                c => c,
            })
            .collect();
        // Writing into a String cannot fail.
        if write!(text, "| {} ", cell.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;")).is_err() {
            return;
        }
    }
    text.push_str("|\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Coverage;
    use crate::verdict::fixtures::{complete_evidence, image, now};
    use crate::verdict::verdict;

    #[test]
    fn the_report_gives_every_image_with_all_its_reasons_and_the_due_and_blocked_to_people() {
        let images =
            [image("ami-1").named("a|b<c").image(), image("ami-2").aged_hours(1).tag("sunset:keep", "").image()];
        let mut evidence = complete_evidence(&images);
        evidence.coverages.insert(Source::Fleets, Coverage::Denied { detail: "UnauthorizedOperation".into() });
        let policy = Policy { keep_newest: 0, ..Policy::default() };
        let decided: Vec<Decided<'_>> = images
            .iter()
            .map(|image| Decided {
                image,
                verdict: verdict(image, &evidence, &policy, now()),
                saves_at_most_micro_dollars_a_month: None,
            })
            .collect();
        let run_id = RunId::parse("r").unwrap();
        let counts = ListCounts::default();
        let report = ListReport {
            schema: 1,
            run_id: &run_id,
            mode: Mode::DryRun,
            verdict: RunVerdict::Nothing,
            reason: "nothing is due",
            decided_at: now(),
            policy: &policy,
            sources: SourceReport::of(&evidence.coverages),
            blind_spots: BLIND_SPOTS,
            counts: &counts,
            images: &decided,
        };
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["images"][0]["reasons"][0]["code"], "unread");
        let codes: Vec<_> =
            json["images"][1]["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].clone()).collect();
        assert_eq!(codes, ["opted_out", "unread", "too_young"]);
        let markdown = report.markdown();
        assert!(markdown.contains(r"a\|b&lt;c"), "{markdown}");
        assert!(markdown.contains("denied: UnauthorizedOperation"));
        assert!(!markdown.contains("To disable"));
    }
}
