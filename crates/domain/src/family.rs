//! Families of images: successive builds of the same thing, of which the newest are kept.

use std::collections::BTreeMap;

use crate::ids::ImageId;
use crate::image::{Image, ImageState};
use crate::time::Timestamp;

/// The tag that names an image's family outright.
pub const FAMILY_TAG: &str = "sunset:family";

/// Where an image stands in its family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The family's name.
    pub family: Box<str>,
    /// How many *available* images of the family are newer. A disabled image takes no place of the newest.
    pub newer_available: u32,
}

/// The family of an image: its tag `sunset:family`, else its name without a trailing version, date or hash.
#[must_use]
pub fn family(image: &Image) -> &str {
    match image.tags.get(FAMILY_TAG).map(|tag| tag.trim()) {
        Some(tag) if !tag.is_empty() => tag,
        _ => stem(&image.name),
    }
}

/// `name` without its trailing versions, dates and hashes; whole where nothing would be left.
///
/// ```
/// # use sunset_domain::family::stem;
/// assert_eq!(stem("web-v1.12.3"), "web");
/// assert_eq!(stem("web 2026-11-20T09.30.00Z"), "web");
/// assert_eq!(stem("web_8f3c2ab"), "web");
/// assert_eq!(stem("web-api"), "web-api");
/// ```
#[must_use]
pub fn stem(name: &str) -> &str {
    const SEPARATORS: [char; 8] = ['-', '_', '.', ' ', '/', ':', '(', ')'];
    let mut stem = name.trim_end_matches(SEPARATORS);
    while let Some(at) = stem.rfind(SEPARATORS) {
        let (head, tail) = stem.split_at(at);
        let token = tail.trim_start_matches(SEPARATORS);
        let head = head.trim_end_matches(SEPARATORS);
        if head.is_empty() || !is_build_token(token) {
            break;
        }
        stem = head;
    }
    if stem.is_empty() { name } else { stem }
}

fn is_build_token(token: &str) -> bool {
    is_version(token) || is_date(token) || is_hash(token)
}

fn is_version(token: &str) -> bool {
    let digits = token.strip_prefix(['v', 'V', 'r']).unwrap_or(token);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// `20T09`, `20261120T093000Z`: digits around a `T`, with or without a trailing `Z`.
fn is_date(token: &str) -> bool {
    let token = token.strip_suffix('Z').unwrap_or(token);
    match token.split_once('T') {
        Some((date, time)) => is_version(date) && (time.is_empty() || is_version(time)),
        None => is_version(token),
    }
}

/// A commit or a UUID's part: at least seven hexadecimal digits, one of them a decimal one, so that `facade` stays.
fn is_hash(token: &str) -> bool {
    token.len() >= 7 && token.bytes().all(|b| b.is_ascii_hexdigit()) && token.bytes().any(|b| b.is_ascii_digit())
}

/// The place of every image that has a creation date; one without has no place, and no age either.
#[must_use]
pub fn places(images: &[Image]) -> BTreeMap<ImageId, Place> {
    let mut available: BTreeMap<&str, Vec<(Timestamp, &ImageId)>> = BTreeMap::new();
    for image in images {
        if let (ImageState::Available, Some(created_at)) = (&image.state, image.created_at) {
            available.entry(family(image)).or_default().push((created_at, &image.id));
        }
    }
    for members in available.values_mut() {
        members.sort_unstable();
    }
    images
        .iter()
        .filter_map(|image| {
            let created_at = image.created_at?;
            let family = family(image);
            let newer = available.get(family).map_or(0, |members| {
                members.len() - members.partition_point(|member| *member <= (created_at, &image.id))
            });
            Some((
                image.id.clone(),
                Place { family: family.into(), newer_available: u32::try_from(newer).unwrap_or(u32::MAX) },
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixtures::image;

    #[rstest::rstest]
    #[case("app-1.2.3", "app")]
    #[case("app-v17", "app")]
    #[case("app-20261120", "app")]
    #[case("app-2026-11-20T09-30-00Z", "app")]
    #[case("app-20261120T093000Z", "app")]
    #[case("app-1a2b3c4d", "app")]
    #[case("app-2026-11-20-1a2b3c4", "app")]
    #[case("golden/web (2026-11-20)", "golden/web")]
    #[case("facade-decade", "facade-decade")]
    #[case("20261120", "20261120")]
    #[case("1.2.3", "1")]
    #[case("", "")]
    #[case("---", "---")]
    fn a_family_is_the_name_without_its_trailing_build(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(stem(name), expected);
    }

    #[test]
    fn a_disabled_image_takes_no_place_among_the_newest() {
        let old = image("ami-1").named("web-1").aged_hours(300);
        let disabled = image("ami-2").named("web-2").aged_hours(200).in_state("disabled");
        let new = image("ami-3").named("web-3").aged_hours(100);
        let places = places(&[old.image(), disabled.image(), new.image()]);
        let newer = |id: &str| places[&ImageId::parse(id).unwrap()].newer_available;
        assert_eq!((newer("ami-1"), newer("ami-2"), newer("ami-3")), (1, 1, 0));
    }

    #[test]
    fn images_of_the_same_second_have_different_places() {
        let images: Vec<Image> =
            ["ami-1", "ami-2", "ami-3"].iter().map(|id| image(id).named("web-1").image()).collect();
        let mut newer: Vec<u32> = places(&images).values().map(|place| place.newer_available).collect();
        newer.sort_unstable();
        assert_eq!(newer, [0, 1, 2]);
    }

    #[test]
    fn the_tag_names_the_family_whatever_the_name_is() {
        let tagged = image("ami-1").named("x-1").tag(FAMILY_TAG, "web").image();
        assert_eq!(family(&tagged), "web");
        let blank = image("ami-1").named("x-1").tag(FAMILY_TAG, " ").image();
        assert_eq!(family(&blank), "x");
    }
}
