use std::collections::BTreeMap;

use super::*;

/// The variables of one scheme, by name: those of the dark one stand in a rule of their own, over the light ones.
fn palette(dark: bool) -> BTreeMap<&'static str, &'static str> {
    let mut rules = STYLE.match_indices(":root {").map(|(at, _)| STYLE[at..].split_once('}').unwrap().0);
    let (light, darker) = (rules.next().unwrap(), rules.next().unwrap());
    let colours = |rule: &'static str| {
        rule.lines().filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": "))
    };
    colours(light).chain(colours(darker).filter(|_| dark)).collect()
}

/// The relative luminance of `#rrggbb`, as WCAG 2 defines it.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[rstest::rstest]
fn every_text_can_be_read_on_what_it_stands_on_in_light_and_dark(#[values(false, true)] dark: bool) {
    let palette = palette(dark);
    for (text, ground) in [
        ("ink", "page"),
        ("ink", "card"),
        ("ink", "danger-page"),
        ("ink", "warning-page"),
        ("quiet", "page"),
        ("quiet", "card"),
        ("link", "page"),
        ("link", "card"),
        ("link", "warning-page"),
        ("danger", "page"),
        ("danger", "card"),
        ("danger", "danger-page"),
        ("warning", "page"),
        ("warning", "card"),
        ("warning", "warning-page"),
        ("good", "page"),
        ("good", "card"),
        // The button that approves.
        ("page", "ink"),
    ] {
        let ratio = contrast(palette[text], palette[ground]);
        assert!(ratio >= 4.5, "{text} on {ground}, dark {dark}: {ratio:.2}");
    }
}

#[rstest::rstest]
fn every_edge_that_must_be_seen_is_seen_in_light_and_dark(#[values(false, true)] dark: bool) {
    let palette = palette(dark);
    for (edge, ground) in [
        ("edge", "page"),
        ("edge", "card"),
        ("focus", "page"),
        ("focus", "card"),
        ("danger", "page"),
        ("danger", "danger-page"),
        ("ink", "page"),
    ] {
        let ratio = contrast(palette[edge], palette[ground]);
        assert!(ratio >= 3.0, "{edge} on {ground}, dark {dark}: {ratio:.2}");
    }
}

#[test]
fn both_schemes_have_every_colour() {
    let (light, dark) = (palette(false), palette(true));
    assert_eq!(light.keys().collect::<Vec<_>>(), dark.keys().collect::<Vec<_>>());
    assert!(light.iter().filter(|(name, _)| **name != "ink").all(|(name, colour)| dark[name] != *colour));
}

#[test]
fn the_contrast_of_known_colours_is_what_wcag_says() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.001);
    assert!((contrast("#777777", "#ffffff") - 4.478).abs() < 0.001);
}

#[test]
fn the_style_sheet_loads_nothing_and_stays_within_its_element() {
    for foreign in ["url(", "@import", "http:", "https:", "expression", "</"] {
        assert!(!STYLE.contains(foreign), "{foreign}");
    }
}
