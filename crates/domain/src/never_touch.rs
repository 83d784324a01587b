//! The list that no policy, parameter or input can switch off.

use crate::ids::AccountId;
use crate::image::{Image, Tags};
use crate::reason::Reason;
use crate::time::Timestamp;

/// The opt-out tag: whoever sets it keeps the image, whatever its value says.
pub const KEEP_TAG: &str = "sunset:keep";
/// The process that made a resource, and that alone may remove it before [`KEEP_UNTIL_TAG`].
pub const PROCESS_TAG: &str = "sunset:process";
/// Until when what a process made stays.
pub const KEEP_UNTIL_TAG: &str = "sunset:keep-until";

/// Every reason of the list that holds an image.
#[must_use]
pub fn never_touch(image: &Image, account_id: &AccountId, now: Timestamp) -> Vec<Reason> {
    let mut reasons = tag_reasons(&image.tags, now);
    if image.owner_id.as_ref() != Some(account_id) {
        reasons.push(Reason::NotOwned { owner: image.owner_id.as_ref().map(ToString::to_string) });
    }
    if image.name.starts_with("AwsBackup") && !reasons.iter().any(|reason| matches!(reason, Reason::ManagedBy { .. })) {
        reasons.push(Reason::ManagedBy { service: "AWS Backup".into(), by: "its name".into() });
    }
    if image.product_codes {
        reasons.push(Reason::Marketplace);
    }
    if image.public {
        reasons.push(Reason::Public);
    }
    if image.instance_store {
        reasons.push(Reason::InstanceStore);
    }
    if let Some(protection) = &image.deregistration_protection {
        reasons.push(Reason::Protected { protection: protection.clone() });
    }
    reasons
}

/// What a resource's tags alone say against touching it: the same for images and for snapshots.
#[must_use]
pub fn tag_reasons(tags: &Tags, now: Timestamp) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut process = None;
    let mut keep_until = None;
    for (key, value) in tags.iter() {
        let folded = key.trim().to_ascii_lowercase();
        match folded.as_str() {
            KEEP_TAG => reasons.push(Reason::OptedOut { tag: key.to_owned(), value: value.to_owned() }),
            PROCESS_TAG => process = Some(value),
            KEEP_UNTIL_TAG => keep_until = Some(value),
            _ => reasons.extend(
                managing_service(&folded)
                    .map(|service| Reason::ManagedBy { service: service.into(), by: format!("tag {key}") }),
            ),
        }
    }
    if let Some(until) = keep_until {
        // A date that nobody can read keeps: it was meant to.
        if Timestamp::parse(until).map_or(true, |until| until > now) {
            reasons.push(Reason::KeptByProcess { process: process.map(str::to_owned), until: Some(until.to_owned()) });
        }
    } else if process.is_some() {
        reasons.push(Reason::KeptByProcess { process: process.map(str::to_owned), until: None });
    }
    reasons
}

/// The service whose tag this is. Only AWS can set keys that begin with `aws:`, so each of them is some service's.
fn managing_service(folded_key: &str) -> Option<&'static str> {
    match folded_key {
        "dlm:managed" => Some("Data Lifecycle Manager"),
        "ec2imagebuilderarn" => Some("EC2 Image Builder"),
        key if key.starts_with("aws:backup:") => Some("AWS Backup"),
        key if key.starts_with("aws:dlm:") => Some("Data Lifecycle Manager"),
        key if key.starts_with("aws:imagebuilder:") => Some("EC2 Image Builder"),
        key if key.starts_with("aws:cloudformation:") => Some("CloudFormation"),
        key if key.starts_with("aws:") => Some("an AWS service"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixtures::{ACCOUNT, image, now};

    fn codes(image: &Image) -> Vec<&'static str> {
        never_touch(image, &AccountId::parse(ACCOUNT).unwrap(), now()).iter().map(Reason::code).collect()
    }

    #[test]
    fn an_image_without_any_of_these_is_free() {
        assert_eq!(codes(&image("ami-1").tag("team", "web").image()), [""; 0]);
    }

    #[rstest::rstest]
    #[case("aws:backup:source-resource", "managed_by")]
    #[case("aws:dlm:lifecycle-policy-id", "managed_by")]
    #[case("dlm:managed", "managed_by")]
    #[case("Ec2ImageBuilderArn", "managed_by")]
    #[case("aws:cloudformation:stack-name", "managed_by")]
    #[case("aws:something:new", "managed_by")]
    #[case("sunset:keep", "opted_out")]
    #[case("Sunset:Keep", "opted_out")]
    #[case("sunset:process", "kept_by_process")]
    fn a_tag_of_the_list_holds_an_image_whatever_its_value(#[case] key: &str, #[case] code: &str) {
        for value in ["", "false", "no", "2020-01-01T00:00:00Z"] {
            assert_eq!(codes(&image("ami-1").tag(key, value).image()), [code], "{key}={value}");
        }
    }

    #[test]
    fn what_a_process_made_stays_until_its_day_and_longer_if_the_day_is_unreadable() {
        let made = |until: &str| image("ami-1").tag(PROCESS_TAG, "p").tag(KEEP_UNTIL_TAG, until).image();
        assert_eq!(codes(&made("2999-01-01T00:00:00Z")), ["kept_by_process"]);
        assert_eq!(codes(&made("soon")), ["kept_by_process"]);
        assert_eq!(codes(&made("2020-01-01T00:00:00Z")), [""; 0]);
    }

    #[test]
    fn an_image_of_another_or_of_an_unknown_owner_is_never_touched() {
        let mut other = image("ami-1").image();
        other.owner_id = None;
        assert_eq!(codes(&other), ["not_owned"]);
        other.owner_id = Some(AccountId::parse("999999999999").unwrap());
        assert_eq!(codes(&other), ["not_owned"]);
    }

    #[test]
    fn backup_by_name_protected_public_instance_store_and_marketplace_images_stay() {
        let mut all = image("ami-1").named("AwsBackup_i-0123_x").image();
        all.public = true;
        all.instance_store = true;
        all.product_codes = true;
        all.deregistration_protection = Some("enabled-with-cooldown".into());
        assert_eq!(codes(&all), ["managed_by", "marketplace", "public", "instance_store", "protected"]);
    }
}
