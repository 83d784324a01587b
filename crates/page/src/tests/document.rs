//! What makes a page whole for every browser and every reader.

use std::collections::BTreeSet;

use super::{all, every_page, parsed, text};

#[test]
fn every_page_is_well_formed() {
    for (name, page) in every_page() {
        assert_eq!(parsed(&page).errors, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn every_page_has_one_title_one_main_heading_and_its_landmarks() {
    for (name, page) in every_page() {
        let html = parsed(&page);
        for once in ["html[lang=en]", "title", "h1", "main", "body > header", "body > footer", "style"] {
            assert_eq!(all(&html, once).len(), 1, "{name}: {once}");
        }
        assert!(text(all(&html, "title")[0]).ends_with(" · Sunset"), "{name}");
    }
}

#[test]
fn no_heading_skips_a_level() {
    for (name, page) in every_page() {
        let mut last = 0;
        for heading in all(&parsed(&page), "h1, h2, h3, h4") {
            let level = heading.value().name()[1..].parse::<u32>().unwrap();
            assert!(level <= last + 1, "{name}: {}", text(heading));
            assert!(!text(heading).is_empty(), "{name}");
            last = level;
        }
    }
}

#[test]
fn every_id_is_there_once_and_whatever_is_referred_to_is_there() {
    for (name, page) in every_page() {
        let html = parsed(&page);
        let ids: Vec<&str> = all(&html, "[id]").iter().filter_map(|it| it.value().id()).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: {ids:?}");
        for element in all(&html, "*") {
            for attribute in ["for", "aria-labelledby", "aria-describedby"] {
                for id in element.value().attr(attribute).into_iter().flat_map(str::split_whitespace) {
                    assert!(unique.contains(id), "{name}: {attribute}={id}");
                }
            }
            if let Some(id) = element.value().attr("href").and_then(|href| href.strip_prefix('#')) {
                assert!(unique.contains(id), "{name}: #{id}");
            }
        }
    }
}

#[test]
fn every_field_has_its_label_and_its_hint() {
    for (name, page) in every_page() {
        let html = parsed(&page);
        for field in all(&html, "input:not([type=hidden]), textarea, select") {
            let id = field.value().id().unwrap();
            assert_eq!(all(&html, &format!("label[for={id}]")).len(), 1, "{name}: {id}");
            assert!(field.value().attr("aria-describedby").unwrap().contains(&format!("{id}-hint")), "{name}: {id}");
        }
    }
}

#[test]
fn no_page_holds_a_script_a_style_of_an_element_or_an_address_of_another_host() {
    for (name, page) in every_page() {
        let html = parsed(&page);
        let forbidden =
            "script, iframe, object, embed, img, svg, base, link:not([rel=icon]), meta[http-equiv], [style]";
        assert_eq!(all(&html, forbidden).len(), 0, "{name}");
        for element in all(&html, "*") {
            for (attribute, value) in element.value().attrs() {
                assert!(!attribute.starts_with("on"), "{name}: {attribute}");
                if matches!(attribute, "href" | "src" | "action" | "formaction" | "srcset" | "poster" | "cite") {
                    let own = value.starts_with("/?l=") || value.starts_with('#') || value == "data:,";
                    assert!(own, "{name}: {attribute}={value}");
                }
            }
        }
        assert!(!page.html.contains("//"), "{name}");
    }
}

#[test]
fn every_part_of_a_page_is_named_and_a_name_is_given_once() {
    for (name, page) in every_page() {
        let html = parsed(&page);
        let sections = all(&html, "section");
        let names: BTreeSet<&str> = sections.iter().filter_map(|it| it.value().attr("aria-labelledby")).collect();
        assert_eq!(names.len(), sections.len(), "{name}");
        let navigations = all(&html, "nav");
        let names: BTreeSet<&str> = navigations.iter().filter_map(|it| it.value().attr("aria-label")).collect();
        assert_eq!(names.len(), navigations.len(), "{name}");
    }
}

#[test]
fn what_is_only_for_the_eye_is_kept_from_readers() {
    for (name, page) in every_page() {
        for element in all(&parsed(&page), "main *, header *") {
            let own: String =
                element.children().filter_map(|it| it.value().as_text().map(|it| it.to_string())).collect();
            let is_mark = own.chars().any(|c| "●○▲▼↩⚠✓✕◒".contains(c));
            assert!(!is_mark || element.value().attr("aria-hidden") == Some("true"), "{name}: {own}");
        }
    }
}

#[test]
fn no_page_runs_on_beyond_what_a_function_url_may_answer() {
    for (name, page) in every_page() {
        assert!(page.html.len() < 100_000, "{name}: {}", page.html.len());
    }
}
