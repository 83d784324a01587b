use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::approval::page::body::LONGEST_BODY;
use crate::approval::vote::Answer;

const HOST: &str = "vy2f4kx6nq3e7zjd5hbt8ma0cw.lambda-url.eu-central-1.on.aws";
const FORM: &str = "form_token=v1.2026b.1.f&confirm=cdef0&answer=reject&reason=in+use";

fn get(query: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": query,
        "headers": {"host": HOST, "sec-fetch-site": "cross-site", "user-agent": "Mozilla/5.0"},
        "requestContext": {
            "domainName": HOST,
            "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.24"}
        },
        "isBase64Encoded": false
    })
}

/// As a browser sends it, and as Lambda passes it on.
fn post(body: &str) -> Value {
    let mut event = get("l=v1.2026b.x.y");
    event["requestContext"]["http"]["method"] = json!("POST");
    event["headers"] = json!({
        "host": HOST,
        "content-type": "application/x-www-form-urlencoded",
        "origin": format!("https://{HOST}"),
        "sec-fetch-site": "same-origin"
    });
    event["body"] = json!(STANDARD.encode(body));
    event["isBase64Encoded"] = json!(true);
    event
}

fn with(mut event: Value, pointer: &str, value: Value) -> Value {
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[field] = value;
    event
}

fn refused(event: &Value) -> (u16, Kind) {
    let BadPageRequest { refused, .. } = PageRequest::parse(event).unwrap_err();
    (refused.status, refused.kind)
}

fn form(body: &str) -> Form {
    match PageRequest::parse(&post(body)).unwrap() {
        PageRequest::Answer { form, .. } => form,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_request_is_read() {
    let token = Token::new("v1.2026b.x.y");
    let read = |event: Value| PageRequest::parse(&event).unwrap();
    let head = |event| with(event, "/requestContext/http/method", json!("HEAD"));
    assert_eq!(read(get("")), PageRequest::Home { head: false });
    assert_eq!(read(head(get(""))), PageRequest::Home { head: true });
    assert_eq!(read(get("l=v1.2026b.x.y")), PageRequest::Read { token: token.clone(), head: false, done: false });
    assert_eq!(
        read(head(get("done=1&l=v1.2026b.x.y"))),
        PageRequest::Read { token: token.clone(), head: true, done: true }
    );
    let form = Form {
        form_token: Token::new("v1.2026b.1.f"),
        confirm: "cdef0".into(),
        answer: Answer::Reject,
        reason: Some("in use".into()),
    };
    assert_eq!(read(post(FORM)), PageRequest::Answer { token, form });
}

#[test]
fn a_body_is_read_with_and_without_base64() {
    let plain = with(with(post(""), "/body", json!(FORM)), "/isBase64Encoded", json!(false));
    assert_eq!(PageRequest::parse(&plain), PageRequest::parse(&post(FORM)));
    let broken = with(post(""), "/body", json!(FORM));
    assert_eq!(refused(&broken), (400, Kind::Body), "it is not the base64 that it claims to be");
}

#[rstest]
#[case::put("PUT")]
#[case::delete("DELETE")]
#[case::options("OPTIONS")]
#[case::lower_case("get")]
#[case::none("")]
fn another_method_is_refused_with_those_that_there_are(#[case] method: &str) {
    let event = with(post(FORM), "/requestContext/http/method", json!(method));
    let error = PageRequest::parse(&event).unwrap_err();
    assert_eq!((error.refused.status, error.refused.kind), (405, Kind::Method));
    assert_eq!(error.allow, Some("GET, HEAD, POST"));
}

#[rstest]
#[case("/vote")]
#[case("//")]
#[case("/../")]
#[case("/favicon.ico")]
#[case("/v1.2026b.x.y")]
#[case("")]
fn there_is_one_path(#[case] path: &str) {
    assert_eq!(refused(&with(get("l=a"), "/rawPath", json!(path))), (404, Kind::Malformed));
    assert_eq!(refused(&with(post(FORM), "/rawPath", json!(path))), (404, Kind::Malformed));
}

#[rstest]
#[case::twice("l=a&l=b")]
#[case::twice_the_same("l=a&l=a")]
#[case::twice_in_another_spelling("l=a&%6c=b")]
#[case::upper_case("L=a")]
#[case::unknown("l=a&answer=approve")]
#[case::unknown_first("utm_source=mail&l=a")]
#[case::done_twice("l=a&done=1&done=1")]
#[case::done_of_another_value("l=a&done=true")]
#[case::done_without_a_link("done=1")]
#[case::a_token_as_a_name("v1.2026b.x.y")]
#[case::broken_escape("l=%zz")]
#[case::cut_escape("l=a%2")]
#[case::no_utf8("l=%ff")]
fn a_query_has_one_link_and_nothing_that_is_not_known(#[case] query: &str) {
    assert_eq!(refused(&get(query)), (400, Kind::Malformed));
    assert_eq!(refused(&with(post(FORM), "/rawQueryString", json!(query))), (400, Kind::Malformed));
}

#[test]
fn an_answer_names_its_link_and_is_never_done_already() {
    for query in ["", "done=1&l=a"] {
        assert_eq!(refused(&with(post(FORM), "/rawQueryString", json!(query))), (400, Kind::Malformed), "{query}");
    }
    assert_eq!(refused(&with(post(FORM), "/rawQueryString", Value::Null)), (400, Kind::Malformed));
}

#[test]
fn an_event_of_another_kind_is_refused() {
    for event in [json!({}), json!([]), Value::Null, json!({"schema": 1, "action": "tally"})] {
        assert_eq!(refused(&event), (400, Kind::Malformed), "{event}");
    }
    assert_eq!(refused(&with(get(""), "/version", json!("1.0"))), (400, Kind::Malformed));
}

#[rstest]
#[case::unknown_field(&format!("{FORM}&process_id=x"))]
#[case::another_links_field(&format!("{FORM}&l=v1.a.b.c"))]
#[case::answer_twice("form_token=f&confirm=c&answer=reject&answer=approve&reason=r")]
#[case::same_answer_twice("form_token=f&confirm=c&answer=reject&answer=reject&reason=r")]
#[case::token_twice(&format!("{FORM}&form_token=f"))]
#[case::reason_twice(&format!("{FORM}&reason="))]
#[case::confirm_twice(&format!("{FORM}&%63onfirm=c"))]
#[case::upper_case("form_token=f&confirm=c&Answer=reject")]
#[case::no_token("confirm=c&answer=reject&reason=r")]
#[case::no_confirm("form_token=f&answer=reject&reason=r")]
#[case::no_answer("form_token=f&confirm=c&reason=r")]
#[case::another_answer("form_token=f&confirm=c&answer=yes")]
#[case::spaced_answer("form_token=f&confirm=c&answer=approve+")]
#[case::empty("")]
#[case::json(r#"{"answer":"approve"}"#)]
#[case::broken_escape("form_token=f&confirm=%c&answer=approve")]
#[case::escape_of_a_letter("form_token=f&confirm=%+1&answer=approve")]
#[case::no_utf8("form_token=f&confirm=c&answer=reject&reason=%c3%28")]
#[case::half_a_surrogate("form_token=f&confirm=c&answer=reject&reason=%ed%a0%80")]
fn a_form_has_the_fields_of_the_page_each_once(#[case] body: &str) {
    assert_eq!(refused(&post(body)), (400, Kind::Body));
}

#[test]
fn bytes_that_are_no_utf8_are_no_form() {
    let event = with(post(""), "/body", json!(STANDARD.encode([b"reason=".as_slice(), &[0xff, 0xfe]].concat())));
    assert_eq!(refused(&event), (400, Kind::Body));
}

#[test]
fn what_is_escaped_is_read_as_it_was_typed() {
    let form = form("form_token=f&confirm=%20cdef0&answer=approve&reason=Gr%C3%B6%C3%9Fe+%26+10+%25%3D%E2%82%AC");
    assert_eq!(form.confirm, " cdef0");
    assert_eq!(form.reason.as_deref(), Some("Größe & 10 %=€"));
    assert_eq!(form.answer, Answer::Approve);
}

#[test]
fn a_reason_that_is_only_space_is_none() {
    for reason in ["", "&reason=", "&reason=+%0d%0a+"] {
        assert_eq!(form(&format!("form_token=f&confirm=c&answer=approve{reason}")).reason, None, "{reason}");
    }
}

#[rstest]
#[case::line_breaks("in%20use%0D%0Aby%20billing%0Auntil%09May", "in use by billing until May")]
#[case::of_any_script("%E8%AA%9E", "語")]
#[case::markup("%3Cb%3E%26amp%3B", "<b>&amp;")]
fn a_reason_is_one_line(#[case] typed: &str, #[case] line: &str) {
    let form = form(&format!("form_token=f&confirm=c&answer=reject&reason={typed}"));
    assert_eq!(form.checked_reason(), Ok(Some(line.to_owned())));
}

#[rstest]
#[case::right_to_left("a%E2%80%AEb")]
#[case::isolate("a%E2%81%A6b")]
#[case::zero_width("a%E2%80%8Bb")]
#[case::escape_sequence("%1B%5B2J")]
#[case::nul("a%00b")]
#[case::too_long(&"a".repeat(1001))]
#[case::too_long_in_another_script(&"%C3%A9".repeat(1001))]
fn a_reason_that_does_not_show_as_itself_is_refused_beside_its_field(#[case] typed: &str) {
    let refused = form(&format!("form_token=f&confirm=c&answer=approve&reason={typed}")).checked_reason().unwrap_err();
    assert_eq!((refused.status, refused.kind, refused.field()), (422, Kind::Reason, Some("reason")));
}

#[test]
fn a_rejection_needs_a_reason_and_an_approval_does_not() {
    let reason = |answer| form(&format!("form_token=f&confirm=c&answer={answer}")).checked_reason();
    assert_eq!(reason("approve"), Ok(None));
    assert_eq!(reason("reject").unwrap_err().field(), Some("reason"));
    let longest = "a".repeat(1000);
    let form = form(&format!("form_token=f&confirm=c&answer=reject&reason={longest}"));
    assert_eq!(form.checked_reason(), Ok(Some(longest)));
}

#[test]
fn a_body_is_at_most_eight_kibibytes() {
    let of = |length: usize| {
        let start = "form_token=f&confirm=c&answer=approve&reason=";
        format!("{start}{}", "a".repeat(length - start.len()))
    };
    assert!(PageRequest::parse(&post(&of(LONGEST_BODY))).is_ok());
    for length in [LONGEST_BODY + 1, LONGEST_BODY + 4, 100_000] {
        assert_eq!(refused(&post(&of(length))), (413, Kind::Body), "{length}");
        let plain = with(with(post(""), "/body", json!(of(length))), "/isBase64Encoded", json!(false));
        assert_eq!(refused(&plain), (413, Kind::Body), "{length}");
    }
}

#[rstest]
#[case("application/x-www-form-urlencoded", true)]
#[case("Application/X-WWW-Form-Urlencoded; charset=UTF-8", true)]
#[case("application/x-www-form-urlencoded;charset=\"utf-8\"", true)]
#[case("application/x-www-form-urlencoded; charset=utf-16", false)]
#[case("application/x-www-form-urlencoded, text/plain", false)]
#[case("application/json", false)]
#[case("text/plain", false)]
#[case("multipart/form-data; boundary=x", false)]
#[case("", false)]
fn only_a_form_is_read_as_a_form(#[case] content_type: &str, #[case] is_read: bool) {
    let event = with(post(FORM), "/headers/content-type", json!(content_type));
    match PageRequest::parse(&event) {
        Ok(_) => assert!(is_read),
        Err(error) => assert_eq!((is_read, error.refused.status, error.refused.kind), (false, 415, Kind::Body)),
    }
}

#[test]
fn a_body_of_no_type_or_two_is_no_form() {
    let mut event = post(FORM);
    event["headers"]["Content-Type"] = json!("application/x-www-form-urlencoded");
    assert_eq!(refused(&event), (415, Kind::Body));
    event["headers"] = json!({});
    assert_eq!(refused(&event), (415, Kind::Body));
}

#[rstest]
#[case::cross_site("sec-fetch-site", "cross-site")]
#[case::same_site("sec-fetch-site", "same-site")]
#[case::none("sec-fetch-site", "none")]
#[case::two("sec-fetch-site", "same-origin, cross-site")]
#[case::another_origin("origin", "https://example.com")]
#[case::opaque_origin("origin", "null")]
#[case::no_origin("origin", "")]
#[case::scheme_alone("origin", "https://")]
#[case::longer_origin("origin", &format!("https://{HOST}.example.com"))]
#[case::origin_before("origin", &format!("https://example.com/{HOST}"))]
#[case::credentials("origin", &format!("https://{HOST}@example.com"))]
#[case::another_port("origin", &format!("https://{HOST}:8443"))]
#[case::two_origins("origin", &format!("https://{HOST}, https://example.com"))]
#[case::another_scheme("origin", &format!("file://{HOST}"))]
fn a_form_of_another_site_is_refused(#[case] header: &str, #[case] value: &str) {
    assert_eq!(refused(&with(post(FORM), &format!("/headers/{header}"), json!(value))), (403, Kind::Origin));
}

#[rstest]
#[case::fetch_site("Sec-Fetch-Site", "cross-site")]
#[case::fetch_site_in_capitals("SEC-FETCH-SITE", "cross-site")]
#[case::origin("Origin", "https://example.com")]
#[case::origin_in_capitals("ORIGIN", "https://example.com")]
#[case::host("Host", "example.com")]
fn a_header_is_found_in_any_case_and_each_of_two_must_be_right(#[case] header: &str, #[case] value: &str) {
    let two = with(post(FORM), &format!("/headers/{header}"), json!(value));
    assert_eq!(refused(&two), (403, Kind::Origin));
    let mut one = two;
    one["headers"].as_object_mut().unwrap().remove(&header.to_ascii_lowercase());
    assert_eq!(refused(&one), (403, Kind::Origin));
}

#[test]
fn a_header_that_is_no_text_is_not_passed_over() {
    for header in ["origin", "sec-fetch-site", "host"] {
        assert_eq!(refused(&with(post(FORM), &format!("/headers/{header}"), json!(["x"]))), (403, Kind::Origin));
    }
}

#[test]
fn a_client_that_is_no_browser_names_no_site_and_a_local_stack_has_a_port() {
    let mut event = post(FORM);
    event["headers"] = json!({"host": HOST, "content-type": "application/x-www-form-urlencoded"});
    assert!(PageRequest::parse(&event).is_ok());
    event["headers"]["host"] = json!("127.0.0.1:3001");
    event["headers"]["origin"] = json!("http://127.0.0.1:3001");
    assert!(PageRequest::parse(&event).is_ok());
    event["headers"]["origin"] = json!("http://127.0.0.1:3002");
    assert_eq!(refused(&event), (403, Kind::Origin));
}

#[test]
fn a_link_may_be_opened_from_any_site() {
    for site in ["cross-site", "same-site", "none", "same-origin"] {
        let mut event = with(get("l=a"), "/headers/sec-fetch-site", json!(site));
        event["headers"]["origin"] = json!("https://mail.example.com");
        assert!(PageRequest::parse(&event).is_ok(), "{site}");
    }
}

#[test]
fn a_bad_request_names_its_link_for_whoever_counts_and_shows_it_to_nobody() {
    let secret = "v1.2026b.eyJhIjoxfQ.c2VjcmV0";
    let query = format!("l={secret}");
    let events = [
        with(with(post(FORM), "/rawQueryString", json!(query)), "/requestContext/http/method", json!("PUT")),
        with(with(post(FORM), "/rawQueryString", json!(query)), "/headers/origin", json!("null")),
        with(with(post(FORM), "/rawQueryString", json!(query)), "/headers/content-type", json!(secret)),
        with(with(post(FORM), "/rawQueryString", json!(query)), "/rawPath", json!(format!("/{secret}"))),
        with(post(&format!("form_token={secret}&{secret}=1")), "/rawQueryString", json!(query)),
    ];
    for event in events {
        let error = PageRequest::parse(&event).unwrap_err();
        assert_eq!(error.token, Some(Token::new(secret)));
        assert!(!format!("{error} {error:?}").contains("c2Vj"), "{error:?}");
    }
    let without = PageRequest::parse(&get(&format!("l={secret}&{secret}"))).unwrap_err();
    assert_eq!(without.token, None);
    assert!(!format!("{without} {without:?}").contains("c2Vj"));
    let read = PageRequest::parse(&get(&query)).unwrap();
    let answer = PageRequest::parse(&post(&FORM.replace("v1.2026b.1.f", secret))).unwrap();
    assert!(!format!("{read:?} {answer:?}").contains("c2Vj"));
}

#[rstest]
#[case(json!("203.0.113.24"), "203.0.113.24")]
#[case(json!("2001:DB8::1"), "2001:db8::1")]
#[case(json!("::ffff:203.0.113.24"), "203.0.113.24")]
#[case(json!("v1.2026b.x.y"), "unknown")]
#[case(Value::Null, "unknown")]
fn a_source_is_an_address_or_unknown(#[case] address: Value, #[case] expected: &str) {
    let mut event = with(get(""), "/requestContext/http/sourceIp", address);
    event["headers"]["x-forwarded-for"] = json!("198.51.100.1");
    assert_eq!(source(&event), expected);
}

proptest! {
    #[test]
    fn no_query_whatever_is_more_than_a_link(query in "(?s).{0,200}|(l|done|%6c)(=|&)[a-z0-9.%&=]{0,40}") {
        match PageRequest::parse(&get(&query)) {
            Ok(PageRequest::Home { .. } | PageRequest::Read { .. }) => {}
            Ok(other) => prop_assert!(false, "{other:?}"),
            Err(error) => prop_assert_eq!((error.refused.status, error.refused.kind), (400, Kind::Malformed)),
        }
    }

    #[test]
    fn no_body_whatever_is_more_than_refused(body in "(?s).{0,200}", encoded in any::<bool>()) {
        let event = with(with(post(""), "/body", json!(body)), "/isBase64Encoded", json!(encoded));
        prop_assert!(matches!(refused(&event), (400 | 413, Kind::Body)));
    }

    #[test]
    fn what_is_typed_comes_as_it_was_typed(reason in "\\PC{1,100}", confirm in "\\PC{0,20}") {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("form_token", "f")
            .append_pair("confirm", &confirm)
            .append_pair("answer", "approve")
            .append_pair("reason", &reason)
            .finish();
        let event = post(&body);
        if confirm.contains('\u{fffd}') || reason.contains('\u{fffd}') {
            prop_assert_eq!(refused(&event), (400, Kind::Body));
        } else {
            let form = form(&body);
            prop_assert_eq!(form.confirm, confirm);
            prop_assert_eq!(form.reason, (!reason.trim().is_empty()).then_some(reason));
        }
    }
}
