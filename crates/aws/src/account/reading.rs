//! What was read of an account: who uses which image, and how each source was read.

use std::collections::{BTreeMap, BTreeSet};

use sunset_domain::coverage::{Coverage, Coverages, Source};
use sunset_domain::evidence::{Evidence, Use};
use sunset_domain::ids::ImageId;

/// Who uses which image, and how each source of that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// How each source was read.
    pub coverages: Coverages,
    /// Who uses which image.
    pub uses: BTreeMap<ImageId, BTreeSet<Use>>,
}

impl Reading {
    /// Adds a use of an image.
    pub fn add_use(&mut self, image_id: ImageId, by: Use) {
        self.uses.entry(image_id).or_default().insert(by);
    }

    /// Adds another reading of the same account. Where both read a source it is complete only if both were.
    pub fn merge(&mut self, other: Self) {
        for (source, coverage) in other.coverages {
            add_coverage(&mut self.coverages, source, coverage);
        }
        for (image_id, by) in other.uses {
            self.uses.entry(image_id).or_default().extend(by);
        }
    }

    /// Only what concerns one image; how the sources were read concerns them all.
    #[must_use]
    pub fn about(&self, image_id: &ImageId) -> Self {
        let uses = self.uses.get_key_value(image_id).map(|(id, by)| (id.clone(), by.clone()));
        Self { coverages: self.coverages.clone(), uses: uses.into_iter().collect() }
    }

    /// Gives everything to the evidence.
    pub fn add_to(self, evidence: &mut Evidence) {
        let known =
            Self { coverages: std::mem::take(&mut evidence.coverages), uses: std::mem::take(&mut evidence.uses) };
        let mut together = known;
        together.merge(self);
        evidence.coverages = together.coverages;
        evidence.uses = together.uses;
    }
}

/// Notes how a source was read. One that was read in several parts is complete only if every part was.
pub(crate) fn add_coverage(coverages: &mut Coverages, source: Source, coverage: Coverage) {
    let together = match coverages.remove(&source) {
        None => coverage,
        Some(known) => worse(known, coverage),
    };
    coverages.insert(source, together);
}

fn worse(one: Coverage, other: Coverage) -> Coverage {
    match (one, other) {
        (Coverage::Complete { items: a }, Coverage::Complete { items: b }) => Coverage::Complete { items: a + b },
        (Coverage::Complete { .. }, incomplete) | (incomplete, _) => incomplete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(coverage: Coverage) -> Reading {
        Reading { coverages: Coverages::from([(Source::LaunchTemplates, coverage)]), uses: BTreeMap::new() }
    }

    #[test]
    fn a_source_that_two_readings_share_is_complete_only_if_both_read_it_so() {
        let complete = |items| reading(Coverage::Complete { items });
        let denied = || reading(Coverage::Denied { detail: "no".into() });
        for (mut one, other) in [(complete(1), denied()), (denied(), complete(1))] {
            one.merge(other);
            assert_eq!(one, denied());
        }
        let mut both = complete(1);
        both.merge(complete(2));
        assert_eq!(both, complete(3));
    }
}
