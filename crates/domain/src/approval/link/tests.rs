use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::fixtures::{KEYS, keys, link_of, old_keys};
use super::keys::InvalidKeys;
use super::token::{LONGEST_LIFE_SECONDS, LONGEST_TOKEN};
use super::*;
use crate::approval::fixtures::{at, deadline, hash, now, record};

/// Made with Python: `hmac.new(bytes(range(32)), b"sunset link v1\n" + <all before the last dot>, hashlib.sha256)`.
const TOKEN: &str = "v1.2026b.eyJmb3IiOiJkZWNpZGUiLCJwZXJzb24iOiJhZGEiLCJwcm9jZXNzIjoiMDFLQUczVjdRNE0yWkQ5WDVUOFI2VzBCMUMiLCJyb3VuZCI6MSwicGxhbiI6ImFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWEiLCJ1bnRpbCI6IjIwMjYtMTEtMjNUMDk6MDA6MDBaIn0.ja856R0VGqAj6eaTohFLPRDx-1tkU2kJKbV1CgLBTD8";
/// The same of `b"sunset form v1\n" + <all before the last dot> + b"\n" + TOKEN`.
const FORM_TOKEN: &str = "v1.2026b.1795165200.h7TLiF60CR5eWiCtCepzl1bK8fdiK7rq5T0_7f3aYl4";

/// A token with the signature that a holder of the first key would give to any content.
fn signed(payload: &str) -> String {
    let head = format!("v1.2026b.{}", URL_SAFE_NO_PAD.encode(payload));
    format!("{head}.{}", keys().signing.signature("sunset link v1", &head))
}

fn links() -> Vec<Link> {
    let process_id = record().process_id;
    vec![
        link_of("ada"),
        Link::opt_out("grace", &process_id, &hash('a'), deadline()),
        Link::timeline("o'brien_@example.com", &process_id, deadline()),
        Link::waiting("ada", deadline()),
    ]
}

#[test]
fn a_token_is_what_another_implementation_of_hmac_makes_it() {
    assert_eq!(keys().sign(&link_of("ada"), now()).as_deref(), Ok(TOKEN));
    assert_eq!(keys().verify(TOKEN, now()), Ok(link_of("ada")));
    assert_eq!(keys().form_token(TOKEN, now()), FORM_TOKEN);
    assert!(keys().check_form(TOKEN, FORM_TOKEN, now()));
}

#[test]
fn every_kind_of_link_is_read_as_it_was_signed() {
    for link in links() {
        let token = keys().sign(&link, now()).unwrap();
        assert_eq!(keys().verify(&token, now()), Ok(link));
    }
}

#[test]
fn a_link_leads_to_the_page_with_its_token_alone() {
    for page_url in ["https://abc.lambda-url.eu-central-1.on.aws/", "https://abc.lambda-url.eu-central-1.on.aws"] {
        assert_eq!(url(page_url, "v1.a.b.c"), "https://abc.lambda-url.eu-central-1.on.aws/?l=v1.a.b.c");
    }
    let escaped: String = form_urlencoded::byte_serialize(TOKEN.as_bytes()).collect();
    assert_eq!(escaped, TOKEN, "a token stands in an address as it is");
}

#[test]
fn a_link_works_until_its_end_and_then_it_is_still_known_whose_it_was() {
    let last = at("2026-11-23T08:59:59Z");
    assert_eq!(keys().verify(TOKEN, last), Ok(link_of("ada")));
    let expired = keys().verify(TOKEN, deadline()).unwrap_err();
    assert_eq!(expired, BadLink::Expired(link_of("ada")));
    assert_eq!(expired.link(), Some(&link_of("ada")));
    assert_eq!(expired.to_string(), "it worked until 2026-11-23T09:00:00Z");
}

#[rstest]
#[case::empty("")]
#[case::no_token("hello")]
#[case::three_parts("v1.2026b.abc")]
#[case::another_version(&TOKEN.replacen("v1.", "v2.", 1))]
#[case::upper_case(&TOKEN.replacen("v1.", "V1.", 1))]
#[case::space_before(&format!(" {TOKEN}"))]
#[case::space_after(&format!("{TOKEN} "))]
#[case::line_break(&format!("{TOKEN}\n"))]
#[case::padding(&format!("{TOKEN}="))]
#[case::stray_bits(&format!("{}9", TOKEN.strip_suffix('8').unwrap()))]
#[case::standard_alphabet(&TOKEN.replace('-', "+"))]
#[case::over_long(&format!("v1.2026b.{}.{}", "a".repeat(LONGEST_TOKEN), "a".repeat(43)))]
#[case::not_ascii("v1.2026b.é.é")]
fn what_does_not_have_the_form_of_a_token_is_malformed(#[case] token: &str) {
    assert_eq!(keys().verify(token, now()), Err(BadLink::Malformed), "{token}");
}

#[rstest]
#[case::no_signature(&format!("{}.", TOKEN.rsplit_once('.').unwrap().0))]
#[case::short_signature(TOKEN.get(..TOKEN.len() - 11).unwrap())]
#[case::long_signature(&format!("{TOKEN}AAAA"))]
#[case::zero_signature(&format!("{}.{}", TOKEN.rsplit_once('.').unwrap().0, "A".repeat(43)))]
#[case::extra_part(&TOKEN.replacen(".eyJ", "..eyJ", 1))]
#[case::padded_content(&TOKEN.replacen("In0.", "In0=.", 1))]
fn a_token_with_another_signature_or_content_is_forged(#[case] token: &str) {
    assert_eq!(keys().verify(token, now()), Err(BadLink::Forged), "{token}");
}

#[test]
fn a_token_cut_off_anywhere_never_works() {
    for end in 0..TOKEN.len() {
        let cut = TOKEN.get(..end).unwrap();
        assert!(matches!(keys().verify(cut, now()), Err(BadLink::Malformed | BadLink::Forged)), "{end}");
    }
}

#[test]
fn the_signature_of_one_link_does_not_sign_another() {
    let tokens: Vec<String> = links().iter().map(|link| keys().sign(link, now()).unwrap()).collect();
    for (one, other) in tokens.iter().flat_map(|one| tokens.iter().map(move |other| (one, other))) {
        let (content, _) = one.rsplit_once('.').unwrap();
        let (_, signature) = other.rsplit_once('.').unwrap();
        let swapped = format!("{content}.{signature}");
        if one == other {
            assert!(keys().verify(&swapped, now()).is_ok());
        } else {
            assert_eq!(keys().verify(&swapped, now()), Err(BadLink::Forged));
        }
    }
}

#[test]
fn a_token_under_the_id_of_another_key_is_forged_and_under_an_unknown_one_unknown() {
    assert_eq!(keys().verify(&TOKEN.replacen("2026b", "2026a", 1), now()), Err(BadLink::Forged));
    assert_eq!(keys().verify(&TOKEN.replacen("2026b", "2026c", 1), now()), Err(BadLink::UnknownKey));
    assert_eq!(keys().verify(&TOKEN.replacen("2026b", "", 1), now()), Err(BadLink::UnknownKey));
}

#[test]
fn a_link_of_another_stack_is_forged_even_under_the_same_key_id() {
    let foreign =
        KEYS.replace("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8");
    let token = LinkKeys::parse(&foreign).unwrap().sign(&link_of("ada"), now()).unwrap();
    assert_eq!(keys().verify(&token, now()), Err(BadLink::Forged));
}

#[test]
fn a_rotated_key_verifies_until_its_end_and_signs_no_more() {
    let link = Link::waiting("ada", at("2026-12-20T12:00:00Z"));
    let before = old_keys().sign(&link, now()).unwrap();
    assert!(before.starts_with("v1.2026a."));
    assert!(keys().sign(&link, now()).unwrap().starts_with("v1.2026b."));
    assert_eq!(keys().verify(&before, at("2026-12-19T23:59:59Z")), Ok(link));
    assert_eq!(keys().verify(&before, at("2026-12-20T00:00:00Z")), Err(BadLink::UnknownKey));
    assert_eq!(old_keys().verify(TOKEN, now()), Err(BadLink::UnknownKey), "the document was read before the rotation");
}

#[rstest]
#[case::a_form("v1.2026b.1795165200", "sunset form v1")]
#[case::another_use("v1.2026b.e30", "sunset")]
fn what_was_signed_for_another_use_is_no_link(#[case] head: &str, #[case] domain: &str) {
    let token = format!("{head}.{}", keys().signing.signature(domain, head));
    assert_eq!(keys().verify(&token, now()), Err(BadLink::Forged));
}

#[test]
fn a_signed_text_that_is_no_whole_link_is_malformed() {
    let whole = json!({
        "for": "decide", "person": "ada", "process": "01KAG3V7Q4M2ZD9X5T8R6W0B1C", "round": 1,
        "plan": "a".repeat(64), "until": "2026-11-23T09:00:00Z"
    });
    assert_eq!(keys().verify(&signed(&whole.to_string()), now()), Ok(link_of("ada")));
    for (field, value) in [
        ("for", json!("everything")),
        ("for", json!("timeline")),
        ("person", json!("")),
        ("process", Value::Null),
        ("process", json!("01kag3v7q4m2zd9x5t8r6w0b1c")),
        ("round", json!(0)),
        ("round", json!(-1)),
        ("round", json!(4_294_967_296_i64)),
        ("plan", json!("A".repeat(64))),
        ("plan", Value::Null),
        ("until", json!("for ever")),
        ("admin", json!(true)),
    ] {
        let mut changed = whole.clone();
        changed[field] = value;
        assert_eq!(keys().verify(&signed(&changed.to_string()), now()), Err(BadLink::Malformed), "{changed}");
    }
    let twice = whole.to_string().replacen('{', r#"{"person":"grace","#, 1);
    assert_eq!(keys().verify(&signed(&twice), now()), Err(BadLink::Malformed));
    assert_eq!(keys().verify(&signed("\u{feff}{}"), now()), Err(BadLink::Malformed));
}

#[test]
fn what_would_not_work_is_not_signed() {
    let ends = |expires_at| keys().sign(&Link::waiting("ada", expires_at), now());
    assert_eq!(ends(now()).unwrap_err().to_string(), "the link would have expired at 2026-11-20T09:00:00Z");
    assert!(ends(now().plus_seconds(LONGEST_LIFE_SECONDS)).is_ok());
    assert_eq!(
        ends(now().plus_seconds(LONGEST_LIFE_SECONDS + 1)).unwrap_err().to_string(),
        "the link would work until 2026-12-21T09:00:01Z, longer than 31 days"
    );
    let refused = |link: Link| keys().sign(&link, now()).unwrap_err();
    assert_eq!(refused(Link { round: 0, ..link_of("ada") }), CannotSign::NotWhole);
    assert_eq!(refused(Link { plan_hash: None, ..link_of("ada") }), CannotSign::NotWhole);
    assert_eq!(refused(Link { process_id: None, ..link_of("ada") }), CannotSign::NotWhole);
    assert_eq!(refused(link_of("")), CannotSign::NotWhole);
    assert_eq!(refused(link_of(&"a".repeat(LONGEST_TOKEN))), CannotSign::TooLong);
    let longest = "a".repeat(64);
    assert!(keys().sign(&link_of(&longest), now()).unwrap().len() < LONGEST_TOKEN / 2);
}

#[test]
fn a_form_belongs_to_the_link_on_whose_page_it_was_shown() {
    let other = keys().sign(&link_of("grace"), now()).unwrap();
    assert!(!keys().check_form(&other, FORM_TOKEN, now()));
    assert!(!keys().check_form("", FORM_TOKEN, now()));
    assert!(!keys().check_form(TOKEN, "", now()));
    assert!(!keys().check_form(TOKEN, TOKEN, now()), "a link is no form");
    assert!(!keys().check_form(TOKEN, &format!("v1.2026b.{}.{}", "1".repeat(300), "A".repeat(43)), now()));
}

#[test]
fn a_form_is_sent_within_twelve_hours_and_never_before_it_was_shown() {
    let sent = |text| keys().check_form(TOKEN, FORM_TOKEN, at(text));
    assert!(sent("2026-11-20T09:00:00Z") && sent("2026-11-20T21:00:00Z"));
    assert!(!sent("2026-11-20T21:00:01Z"), "too old");
    assert!(!sent("2026-11-20T08:59:59Z"), "from the future");
}

#[test]
fn a_form_outlives_a_rotation_and_not_the_end_of_its_key() {
    let token = old_keys().sign(&link_of("ada"), now()).unwrap();
    let form_token = old_keys().form_token(&token, now());
    assert!(keys().check_form(&token, &form_token, now()));
    let late = at("2026-12-19T23:00:00Z");
    let form_token = old_keys().form_token(&token, late);
    assert!(keys().check_form(&token, &form_token, late));
    assert!(!keys().check_form(&token, &form_token, at("2026-12-20T00:00:00Z")));
}

#[rstest]
#[case::moment("h7TL", "v1.2026b.1795165201.h7TL")]
#[case::sign("v1.2026b.1795165200", "v1.2026b.+1795165200")]
#[case::zero("v1.2026b.1795165200", "v1.2026b.01795165200")]
#[case::key("2026b", "2026a")]
#[case::signature("h7TL", "h7TM")]
fn an_altered_form_token_is_refused(#[case] from: &str, #[case] to: &str) {
    let altered = FORM_TOKEN.replacen(from, to, 1);
    assert_ne!(altered, FORM_TOKEN);
    assert!(!keys().check_form(TOKEN, &altered, now()));
}

fn refused(document: &Value) -> String {
    LinkKeys::parse(&document.to_string()).unwrap_err().to_string()
}

fn document() -> Value {
    serde_json::from_str(KEYS).unwrap()
}

#[test]
fn a_key_document_of_another_release_is_not_guessed_at() {
    let later = r#"{"schema":2,"algorithm":"ed25519","keys":[{"id":"2027a","private":"x"}]}"#;
    assert_eq!(LinkKeys::parse(later).unwrap_err(), InvalidKeys::Schema { found: 2 });
    assert_eq!(
        LinkKeys::parse(later).unwrap_err().to_string(),
        "the key document has schema 2; this release reads schema 1"
    );
}

#[rstest]
#[case::first_ends("/keys/0/until", json!("2026-12-20T00:00:00Z"), "keys[0].until is wrong; it must be left out: the first key signs")]
#[case::other_has_no_end(
    "/keys/1/until",
    Value::Null,
    "keys[1].until is wrong; it must be a time such as 2026-12-20T00:00:00Z: only the first key has no end"
)]
#[case::same_id("/keys/1/id", json!("2026b"), "keys[1].id is wrong; it must be an id of its own of 1 to 32 letters, digits and hyphens")]
#[case::dotted_id("/keys/0/id", json!("2026.b"), "keys[0].id is wrong; it must be an id of its own of 1 to 32 letters, digits and hyphens")]
#[case::empty_id("/keys/0/id", json!(""), "keys[0].id is wrong; it must be an id of its own of 1 to 32 letters, digits and hyphens")]
#[case::long_id("/keys/0/id", json!("a".repeat(33)), "keys[0].id is wrong; it must be an id of its own of 1 to 32 letters, digits and hyphens")]
#[case::same_secret("/keys/1/secret", json!("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"), "keys[1].secret is wrong; it must be 32 random bytes of its own in base64url without padding, 43 characters")]
#[case::short_secret("/keys/0/secret", json!("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg"), "keys[0].secret is wrong; it must be 32 random bytes of its own in base64url without padding, 43 characters")]
#[case::padded_secret("/keys/0/secret", json!("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), "keys[0].secret is wrong; it must be 32 random bytes of its own in base64url without padding, 43 characters")]
#[case::placeholder("/keys/1/secret", json!("A".repeat(43)), "keys[1].secret is wrong; it must be 32 random bytes of its own in base64url without padding, 43 characters")]
#[case::no_keys("/keys", json!([]), "the key document has 0 keys; it must have 1 to 8")]
fn a_wrong_key_document_says_where_and_what_would_be_right(
    #[case] pointer: &str,
    #[case] value: Value,
    #[case] message: &str,
) {
    let mut changed = document();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    changed.pointer_mut(parent).unwrap()[field] = value;
    assert_eq!(refused(&changed), message);
}

#[test]
fn nine_keys_are_too_many_and_eight_are_not() {
    let key = |n: u8| {
        let secret: Vec<u8> = (n..n + 32).collect();
        json!({"id": format!("k{n}"), "secret": URL_SAFE_NO_PAD.encode(secret), "until": if n == 0 { Value::Null } else { json!("2026-12-20T00:00:00Z") }})
    };
    let of = |count: u8| json!({"schema": 1, "keys": (0..count).map(key).collect::<Vec<_>>()});
    assert!(LinkKeys::parse(&of(8).to_string()).is_ok());
    assert_eq!(refused(&of(9)), "the key document has 9 keys; it must have 1 to 8");
}

#[rstest]
#[case::nothing("")]
#[case::a_bare_secret("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
#[case::a_quoted_secret(r#""AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8""#)]
#[case::a_secret_as_schema(r#"{"schema":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","keys":[]}"#)]
#[case::a_secret_as_list(r#"{"schema":1,"keys":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#)]
#[case::a_secret_as_end(&KEYS.replace("2026-12-20T00:00:00Z", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"))]
#[case::a_secret_as_field(r#"{"schema":1,"keys":[{"id":"a","AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8":"secret"}]}"#)]
#[case::a_field_twice(&KEYS.replacen("\"id\":\"2026b\"", "\"id\":\"2026b\",\"id\":\"2026c\"", 1))]
#[case::two_documents(&format!("{KEYS}{KEYS}"))]
#[case::another_field(&KEYS.replacen("\"schema\"", "\"comment\":\"x\",\"schema\"", 1))]
fn a_broken_key_document_is_placed_and_never_quoted(#[case] json: &str) {
    let error = LinkKeys::parse(json).unwrap_err();
    assert!(matches!(error, InvalidKeys::Form { .. }), "{error:?}");
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains("AAEC") && !shown.contains("ICEi"), "{shown}");
    }
}

#[test]
fn nothing_that_is_printed_of_keys_and_tokens_holds_a_secret() {
    assert_eq!(
        format!("{:?}", keys()),
        r#"[Key { id: "2026b", until: None, .. }, Key { id: "2026a", until: Some(Timestamp(1797724800)), .. }]"#
    );
    assert_eq!(format!("{:?}", Token::new(TOKEN)), "Token(…)");
    let errors = [
        keys().verify(&TOKEN.replacen("ja856", "ja857", 1), now()),
        keys().verify(&TOKEN.replacen("2026b", "2026c", 1), now()),
        keys().verify("v1.ja856R0VGqAj6eaTohFLPRDx-1tkU2kJKbV1CgLBTD8", now()),
        keys().verify(TOKEN, deadline()),
    ];
    for error in errors.map(Result::unwrap_err) {
        assert!(!format!("{error} {error:?}").contains("R0VGqAj6"), "{error:?}");
    }
}

fn any_link() -> impl Strategy<Value = Link> {
    ("[A-Za-z0-9._@-]{1,64}", 0u8..4, 1u32.., 1u32..LONGEST_LIFE_SECONDS).prop_map(|(person, kind, round, life)| {
        let (process_id, until) = (record().process_id, now().plus_seconds(life));
        match kind {
            0 => Link::decide(&person, &process_id, round, &hash('b'), until),
            1 => Link::opt_out(&person, &process_id, &hash('b'), until),
            2 => Link::timeline(&person, &process_id, until),
            _ => Link::waiting(&person, until),
        }
    })
}

proptest! {
    #[test]
    fn a_token_with_any_one_byte_changed_never_works(link in any_link(), place in any::<prop::sample::Index>(), flip in 1u8..) {
        let token = keys().sign(&link, now()).unwrap();
        let mut bytes = token.clone().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        let changed = String::from_utf8_lossy(&bytes);
        prop_assert_ne!(&changed, &token);
        let error = keys().verify(&changed, now()).unwrap_err();
        prop_assert_eq!(error.link(), None);
    }

    #[test]
    fn a_form_token_with_any_one_byte_changed_never_works(place in any::<prop::sample::Index>(), flip in 1u8..) {
        let mut bytes = FORM_TOKEN.as_bytes().to_vec();
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        prop_assert!(!keys().check_form(TOKEN, &String::from_utf8_lossy(&bytes), now()));
    }

    #[test]
    fn any_signed_link_is_read_as_it_was_signed_and_no_two_are_one(one in any_link(), other in any_link()) {
        let sign = |link| keys().sign(link, now()).unwrap();
        prop_assert_eq!(keys().verify(&sign(&one), now()), Ok(one.clone()));
        prop_assert_eq!(sign(&one) == sign(&other), one == other);
    }

    #[test]
    fn no_text_whatever_is_more_than_refused(token in "(?s).{0,200}|v1\\.2026b\\.[A-Za-z0-9_-]{0,99}\\.[A-Za-z0-9_-]{43}") {
        prop_assert!(keys().verify(&token, now()).is_err());
        prop_assert!(!keys().check_form(TOKEN, &token, now()));
    }
}

#[test]
fn every_single_byte_of_a_token_counts() {
    for place in 0..TOKEN.len() {
        for byte in (0..=u8::MAX).filter(|byte| *byte != TOKEN.as_bytes()[place]) {
            let mut bytes = TOKEN.as_bytes().to_vec();
            bytes[place] = byte;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert_eq!(keys().verify(&changed, now()).unwrap_err().link(), None, "byte {place} as {byte}");
        }
    }
}
