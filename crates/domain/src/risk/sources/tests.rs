use super::*;
use crate::coverage::Coverage;
use crate::risk::fixtures::*;

#[test]
fn the_resource_and_both_tables_are_required_of_every_type_and_nothing_twice() {
    for resource_type in ResourceType::ALL {
        let required = required_sources(resource_type);
        for source in [Source::Resource, Source::ResourceTracking, Source::ResourceDependencies] {
            assert_eq!(required.iter().filter(|known| **known == source).count(), 1, "{resource_type} {source}");
        }
        let mut distinct = required.to_vec();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), required.len(), "{resource_type}");
    }
}

#[test]
fn an_image_needs_all_that_ami_cleanup_needs() {
    for source in Source::REQUIRED.into_iter().filter(|source| *source != Source::Images) {
        assert!(required_sources(ResourceType::Image).contains(&source), "{source}");
    }
}

#[test]
fn a_required_source_that_was_not_read_completely_blocks_by_name_and_with_what_happened() {
    for resource_type in ResourceType::ALL {
        for source in required_sources(resource_type) {
            let mut seen = observation(resource_type);
            seen.coverages.remove(source);
            assert_eq!(
                blocking(&seen).first().unwrap().detail,
                format!(
                    "{source} could not be relied on (not read), so nobody knows who uses the resource; assess again once \
                     it can be read"
                )
            );
            for coverage in [
                Coverage::Denied { detail: "no".into() },
                Coverage::Truncated { items: 9, detail: "page 2".into() },
                Coverage::Implausible { items: 0, last_complete_items: 90 },
            ] {
                seen.coverages.insert(*source, coverage.clone());
                assert_eq!(blocking(&seen).len(), 1, "{resource_type} {source} {coverage}");
                assert!(!evidence_complete(&seen));
            }
        }
        assert_eq!(
            (blocking(&observation(resource_type)), evidence_complete(&observation(resource_type))),
            (vec![], true)
        );
    }
}

#[test]
fn another_source_that_failed_leaves_the_evidence_incomplete_without_blocking() {
    let seen = observation(ResourceType::Snapshot).failing(Source::Attributes);
    assert_eq!((blocking(&seen), evidence_complete(&seen)), (vec![], false));
}
