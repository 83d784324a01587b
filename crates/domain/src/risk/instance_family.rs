//! Instance families: what their sizes cost, and whether they have volumes of their own.

/// us-east-1, Linux, on demand: micro-dollars an hour for the size `large`; every other size is a multiple of it.
/// Families without instance-store volumes.
const EBS_ONLY: &[(&str, u64)] = &[
    ("t2", 92_800),
    ("t3", 83_200),
    ("t3a", 75_200),
    ("t4g", 67_200),
    ("m4", 100_000),
    ("m5", 96_000),
    ("m5a", 86_000),
    ("m6a", 86_400),
    ("m6g", 77_000),
    ("m6i", 96_000),
    ("m7a", 115_920),
    ("m7g", 81_600),
    ("m7i", 100_800),
    ("m8g", 89_760),
    ("c4", 100_000),
    ("c5", 85_000),
    ("c5a", 77_000),
    ("c6a", 76_500),
    ("c6g", 68_000),
    ("c6i", 85_000),
    ("c7g", 72_500),
    ("c7i", 89_250),
    ("c8g", 79_760),
    ("r4", 133_000),
    ("r5", 126_000),
    ("r5a", 113_000),
    ("r6a", 113_400),
    ("r6g", 100_800),
    ("r6i", 126_000),
    ("r7g", 107_100),
    ("r7i", 132_300),
    ("r8g", 117_820),
];
/// Families with instance-store volumes, whose data is gone as soon as the instance stops.
const WITH_INSTANCE_STORE: &[(&str, u64)] =
    &[("m5d", 113_000), ("c5d", 96_000), ("r5d", 144_000), ("i3", 156_000), ("i4i", 172_000)];

/// How many sixteenths of `large` a size is; nothing for a size that is no multiple, such as `metal`.
fn sixteenths_of_large(size: &str) -> Option<u64> {
    match size {
        "nano" => Some(1),
        "micro" => Some(2),
        "small" => Some(4),
        "medium" => Some(8),
        "large" => Some(16),
        "xlarge" => Some(32),
        _ => size.strip_suffix("xlarge")?.parse::<u64>().ok().filter(|times| (2..=96).contains(times)).map(|n| n * 32),
    }
}

/// What an instance type costs an hour, in micro-dollars; nothing where its family or size is not in the tables.
#[must_use]
pub fn micro_dollars_an_hour(instance_type: &str) -> Option<u64> {
    let (family, size) = instance_type.split_once('.')?;
    let (_, large) = EBS_ONLY.iter().chain(WITH_INSTANCE_STORE).find(|(known, _)| *known == family)?;
    Some(large * sixteenths_of_large(size)? / 16)
}

/// Whether an instance type surely has no instance-store volumes. A family that is not in the tables may have some.
#[must_use]
pub fn is_ebs_only(instance_type: &str) -> bool {
    instance_type.split_once('.').is_some_and(|(family, _)| EBS_ONLY.iter().any(|(known, _)| *known == family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("t3.nano", Some(5_200))]
    #[case("t2.micro", Some(11_600))]
    #[case("m7g.large", Some(81_600))]
    #[case("m6g.medium", Some(38_500))]
    #[case("m5.24xlarge", Some(4_608_000))]
    #[case("m5.metal", None)]
    #[case("p9.large", None)]
    #[case("nonsense", None)]
    fn a_type_that_is_not_in_the_tables_has_no_price_rather_than_none_to_pay(
        #[case] instance_type: &str,
        #[case] price: Option<u64>,
    ) {
        assert_eq!(micro_dollars_an_hour(instance_type), price);
    }

    #[test]
    fn an_unknown_family_may_have_instance_store_volumes() {
        assert!(is_ebs_only("t3.micro"));
        for may in ["m5d.large", "i3.large", "p9.large", "nonsense"] {
            assert!(!is_ebs_only(may), "{may}");
        }
    }
}
