use super::*;
use crate::process::resource::ResourceType;
use crate::risk::fixtures::*;

fn of(tags: &[(&str, &str)]) -> Business {
    let mut seen = observation(ResourceType::Instance);
    for (key, value) in tags {
        seen = seen.tagged(key, value);
    }
    business(&seen)
}

#[test]
fn a_tag_raises_the_criticality_and_never_lowers_it() {
    assert_eq!(of(&[]).impact.criticality, Criticality::Low);
    assert_eq!(of(&[("Criticality", "Medium")]).impact.criticality, Criticality::Medium);
    assert_eq!(of(&[("criticality", "high")]).impact.criticality, Criticality::High);
    assert_eq!(of(&[("criticality", "tier-9")]).impact.criticality, Criticality::Unknown);
    assert_eq!(of(&[("Environment", "prod"), ("criticality", "low")]).impact.criticality, Criticality::High);
}

#[test]
fn business_hours_matter_where_it_is_missed_and_where_nobody_knows() {
    assert!(!of(&[]).impact.business_hours_impact);
    assert!(of(&[("Environment", "prod")]).impact.business_hours_impact);
    assert!(of(&[("Environment", "sunny")]).impact.business_hours_impact);
}

#[rstest::rstest]
#[case(&[("criticality", "Mission-Critical")], true, false)]
#[case(&[("criticality", "tier-9")], true, false)]
#[case(&[("criticality", "high")], false, false)]
#[case(&[("revenue", "yes")], true, false)]
#[case(&[("Revenue", "")], true, false)]
#[case(&[("revenue", "No")], false, false)]
#[case(&[("COMPLIANCE", "pci")], true, false)]
#[case(&[("compliance", "n/a")], false, false)]
#[case(&[("Data_Class", "PII")], false, true)]
#[case(&[("data-class", "who knows")], false, true)]
#[case(&[("DataClassification", "internal")], false, false)]
fn tags_say_what_is_critical_to_the_business_and_whose_data_is_sensitive(
    #[case] tags: &[(&str, &str)],
    #[case] critical: bool,
    #[case] sensitive: bool,
) {
    let business = of(tags);
    assert_eq!((!business.critical_by.is_empty(), !business.sensitive_by.is_empty()), (critical, sensitive));
}

#[test]
fn the_owner_is_who_the_table_names_else_the_tag_and_unknown_is_no_name() {
    let mut seen = observation(ResourceType::Volume).tagged("Owner", "ada");
    assert_eq!(owner(&seen).as_deref(), Some("team-web"));
    for nobody in [None, Some(" "), Some("Unknown")] {
        seen.tracking.as_mut().unwrap().owner = nobody.map(str::to_owned);
        assert_eq!(owner(&seen).as_deref(), Some("ada"), "{nobody:?}");
    }
    assert_eq!(owner(&observation(ResourceType::Volume).untracked()), None);
}
