use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::*;
use crate::fixtures::Material;
use crate::refused::{Refusal, refused};
use crate::{approval, home};

fn refusal(status: u16) -> Refusal<'static> {
    Refusal { status, title: "No", message: "it is not", changed_nothing: true, retry_after_seconds: None, allow: None }
}

#[test]
fn a_page_is_html_that_nobody_keeps_frames_or_sends_elsewhere() {
    let mut answer = respond(&home(), false);
    assert!(answer["body"].take().as_str().unwrap().starts_with("<!DOCTYPE html><html lang=\"en\">"));
    let policy = answer["headers"]["content-security-policy"].take();
    let expected = format!(
        "default-src 'none'; style-src {}; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        style::SOURCE.as_str()
    );
    assert_eq!(policy, expected.as_str());
    insta::assert_json_snapshot!(answer, @r#"
    {
      "body": null,
      "headers": {
        "cache-control": "no-store",
        "content-security-policy": null,
        "content-type": "text/html; charset=utf-8",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        "referrer-policy": "same-origin",
        "strict-transport-security": "max-age=31536000",
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow"
      },
      "isBase64Encoded": false,
      "statusCode": 200
    }
    "#);
}

#[test]
fn the_policy_allows_the_style_sheet_that_is_in_the_page_and_no_other() {
    let material = Material::asked();
    for page in [home(), approval(&material.open()), refused(&refusal(404))] {
        let (_, rest) = page.html.split_once("<style>").unwrap();
        let (style, _) = rest.split_once("</style>").unwrap();
        let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        let policy = respond(&page, false)["headers"]["content-security-policy"].to_string();
        assert!(policy.contains(&format!("style-src 'sha256-{hash}';")), "{policy}");
        assert!(!policy.contains("unsafe"));
    }
}

#[test]
fn the_answer_to_head_differs_from_that_to_get_in_its_body_alone() {
    let (get, mut head) = (respond(&home(), false), respond(&home(), true));
    assert_eq!(head["body"], "");
    head["body"] = get["body"].clone();
    assert_eq!(get, head);
}

#[test]
fn a_wrong_method_names_the_right_ones_and_whoever_is_to_wait_hears_how_long() {
    let wrong = Refusal { allow: Some("GET, HEAD, POST"), ..refusal(405) };
    let answer = respond(&refused(&wrong), false);
    assert_eq!((&answer["statusCode"], &answer["headers"]["allow"]), (&json!(405), &json!("GET, HEAD, POST")));
    let often = Refusal { retry_after_seconds: Some(600), ..refusal(429) };
    let answer = respond(&refused(&often), false);
    assert_eq!((&answer["statusCode"], &answer["headers"]["retry-after"]), (&json!(429), &json!("600")));
}

#[test]
fn a_redirection_sends_on_with_get_and_cannot_be_made_to_hold_another_header() {
    let answer = redirect("/?l=v1.a.b&done=1\r\nset-cookie: a=b");
    assert_eq!((&answer["statusCode"], &answer["body"]), (&json!(303), &json!("")));
    assert_eq!(answer["headers"]["location"], "/?l=v1.a.b&done=1set-cookie: a=b");
    assert_eq!(answer["headers"]["cache-control"], "no-store");
}

#[test]
fn a_page_says_that_nothing_was_changed_only_where_that_is_known() {
    let promise = "Nothing was changed by this.";
    assert!(refused(&refusal(404)).html.contains(promise));
    assert!(!refused(&Refusal { changed_nothing: false, ..refusal(503) }).html.contains(promise));
}
