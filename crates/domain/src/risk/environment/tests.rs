use super::*;
use crate::process::resource::ResourceType;
use crate::risk::fixtures::*;

/// C44.
#[rstest::rstest]
#[case::production(&["production", "Production", " PROD ", "prd", "live", "production-eu", "PROD EU", "eu_prod_2", "prod1", "prod/dev", "dev-prod-mirror", "prod-like"], Criticality::High)]
#[case::staging(&["pre-prod", "PreProd", "pre production", "preprod", "staging", "stage", "stg", "uat2", "stage-eu", "test-pre-prod"], Criticality::Medium)]
#[case::development(&["non-prod", "nonprod", "not-production", "Non Prod EU", "dev", "dev-eu", "dev-01", "test", "qa", "sandbox", "demo", "tmp", "development"], Criticality::Low)]
#[case::unknown(&["", "unknown", "sunny", "main", "dev-payments", "test-produktion", "p", "dev p", "prodeu", "1", "latest", "🙂"], Criticality::Unknown)]
fn an_environment_goes_by_many_names_and_a_strange_one_is_unknown(
    #[case] names: &[&str],
    #[case] expected: Criticality,
) {
    for name in names {
        assert_eq!(classify(name), expected, "{name:?}");
    }
}

fn of(table: Option<&str>, tags: &[(&str, &str)]) -> Environment {
    let mut seen = observation(ResourceType::Instance).in_environment(table);
    for (key, value) in tags {
        seen = seen.tagged(key, value);
    }
    environment(&seen)
}

#[test]
fn the_highest_of_all_places_counts_and_disagreement_is_told() {
    let mixed = of(Some("dev"), &[("ENV", "prod-eu"), ("stage", "uat")]);
    assert_eq!((mixed.criticality, mixed.written.as_deref()), (Criticality::High, Some("prod-eu")));
    assert_eq!(mixed.reason, r#"its environment is production: tag ENV says "prod-eu""#);
    assert_eq!(
        mixed.disagreement.as_deref(),
        Some(r#"tag ENV says "prod-eu", but ResourceTracking says "dev", tag stage says "uat""#)
    );
    assert_eq!(of(Some("sunny"), &[("Environment", "prod")]).criticality, Criticality::High);
    assert_eq!(of(Some("sunny"), &[("Environment", "dev")]).criticality, Criticality::Unknown);
    assert_eq!(of(Some("dev"), &[("environment", "sandbox")]).disagreement, None);
}

/// C43.
#[test]
fn a_tracked_resource_without_an_environment_is_unknown_and_never_low() {
    for nothing in [None, Some(""), Some("unknown")] {
        let environment = of(nothing, &[]);
        assert_eq!(environment.criticality, Criticality::Unknown, "{nothing:?}");
        assert!(environment.may_be_production());
    }
    assert_eq!(of(None, &[("Stage", "dev")]).criticality, Criticality::Low);
}

#[test]
fn what_could_not_be_read_may_have_said_production() {
    let dev = observation(ResourceType::Instance).tagged("Environment", "dev");
    let unread = environment(&dev.clone().untracked().failing(Source::ResourceTracking));
    assert_eq!(unread.criticality, Criticality::Unknown);
    assert_eq!(
        unread.reason,
        "its environment is unknown and counts as production: ResourceTracking, which could not be read, may say so"
    );
    let mut gone = dev;
    gone.found = None;
    assert_eq!(environment(&gone).criticality, Criticality::Unknown);
}
