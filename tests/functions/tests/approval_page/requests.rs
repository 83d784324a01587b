//! Requests that no browser sends by itself, or that another site made it send.

use sunset_functions_tests::Person;
use sunset_functions_tests::page::{Form, Visit};

use crate::asked::{Asked, Question};
use crate::refused::address;
use crate::stored::{attempts, everything};

/// A process, somebody's link and the form that would answer it.
async fn ready() -> (Asked, String, Form) {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await;
    (asked, token, form)
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_would_be_right() {
    let (asked, token, form) = ready().await;
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "post", ""] {
        let visit = Visit::post(&token, &form).method(method);
        let (shown, _) = asked.is_refused_with(visit, 405, "method").await;
        assert_eq!(shown.header("allow"), Some("GET, HEAD, POST"), "{method}");
    }
    assert_eq!(asked.visit(Visit::post(&token, &form)).await.status, 303);
}

#[tokio::test]
async fn there_is_nothing_at_other_paths_and_what_browsers_ask_for_by_themselves_is_no_attempt() {
    let (asked, token, form) = ready().await;
    for path in ["/approve", "//", "/..", "/%2e", "/index.html", "/\u{0}"] {
        asked.is_refused_with(Visit::get(&token).path(path), 404, "malformed").await;
        asked.is_refused_with(Visit::post(&token, &form).path(path), 404, "malformed").await;
    }
    let before = everything(&asked.world).await;
    for path in ["/favicon.ico", "/robots.txt", "/apple-touch-icon.png", "/.well-known/security.txt"] {
        assert_eq!(asked.visit(Visit::home().path(path)).await.status, 404);
        assert_eq!(asked.visit(Visit::home().path(path).method("HEAD")).await.html, "");
    }
    assert_eq!(everything(&asked.world).await, before);
}

#[tokio::test]
async fn bodies_over_eight_kilobytes_are_not_read() {
    let (asked, token, form) = ready().await;
    let filled = |length: usize| {
        let rest = length - form.clone().but("reason", "").text().len();
        form.clone().but("reason", "x".repeat(rest)).text()
    };
    let (least, most) = (filled(8 * 1024 + 1), "x".repeat(6_000_000));
    for (n, body) in [&least, &most].into_iter().enumerate() {
        let from = |visit: Visit| visit.from(&address(n));
        asked.is_refused_with(from(Visit::post(&token, &form).body(body.as_bytes())), 413, "body").await;
        asked.is_refused_with(from(Visit::post(&token, &form).plain_body(body)), 413, "body").await;
    }
    // One byte less is read, and its reason is too long.
    let fits = filled(8 * 1024);
    asked.is_refused_with(Visit::post(&token, &form).body(fits.as_bytes()), 422, "reason").await;
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let (asked, token, form) = ready().await;
    let post = || Visit::post(&token, &form);
    for kind in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencodedx",
        "",
    ] {
        asked.is_refused_with(post().header("content-type", kind), 415, "body").await;
    }
    asked.is_refused_with(post().without_header("content-type"), 415, "body").await;
    let two = post().header("Content-Type", "application/json");
    asked.is_refused_with(two, 415, "body").await;
    let right = post().header("content-type", "Application/X-WWW-Form-Urlencoded;Charset=UTF-8");
    assert_eq!(asked.visit(right).await.status, 303);
}

#[tokio::test]
async fn fields_that_are_missing_unknown_twice_or_cannot_be_read_are_refused() {
    let (asked, token, form) = ready().await;
    let forms = [
        form.clone().with("answer", "approve"),
        form.clone().with("answer", "reject"),
        form.clone().with("reason", "again"),
        form.clone().with("confirm", "0spare"),
        form.clone().with("form_token", "x"),
        form.clone().with("person", "grace"),
        form.clone().with("Answer", "approve"),
        form.clone().without("answer"),
        form.clone().without("confirm"),
        form.clone().without("form_token"),
        form.clone().but("answer", ""),
        form.clone().but("answer", "APPROVE"),
        form.clone().but("answer", "approve\u{0}"),
        Form::default(),
    ];
    for (n, form) in forms.iter().enumerate() {
        asked.is_refused_with(Visit::post(&token, form).from(&address(n)), 400, "body").await;
    }
    let text = form.text();
    let bodies =
        [format!("{text}&reason2=%"), text.replace("answer=", "answer=%zz"), text.replace("answer=", "answer=%ff%fe")];
    for body in bodies {
        asked.is_refused_with(Visit::post(&token, &form).body(body.as_bytes()), 400, "body").await;
    }
    asked.is_refused_with(Visit::post(&token, &form).body(&[0xff, 0xfe, 0x00]), 400, "body").await;
    let mut broken = Visit::post(&token, &form).event();
    broken["body"] = "not base64!".into();
    asked.is_refused_with(Visit::of(broken), 400, "body").await;
}

#[tokio::test]
async fn an_address_with_other_fields_than_the_links_is_refused() {
    let (asked, token, form) = ready().await;
    let graces = asked.token(Person::Grace).await;
    let queries = [
        format!("l={token}&l={token}"),
        format!("l={token}&l={graces}"),
        format!("l={token}&x=1"),
        format!("l={token}&done=2"),
        format!("l={token}&done=1&done=1"),
        format!("l={token}&%6c={graces}"),
        "done=1".to_owned(),
        format!("L={token}"),
        format!("l={token}%"),
        format!("l={token}%ff"),
    ];
    for (n, query) in queries.iter().enumerate() {
        let from = |visit: Visit| visit.query(query).from(&address(n));
        asked.is_refused_with(from(Visit::home()), 400, "malformed").await;
        asked.is_refused_with(from(Visit::post(&token, &form)), 400, "malformed").await;
    }
    asked.is_refused_with(Visit::post(&token, &form).query(&format!("l={token}&done=1")), 400, "malformed").await;
    asked.is_refused_with(Visit::post(&token, &form).query(""), 400, "malformed").await;
    // What Lambda has taken apart is not looked at: of two fields of one name it keeps what it likes.
    let mut event = Visit::post(&token, &form).event();
    event["queryStringParameters"]["l"] = graces.into();
    assert_eq!(asked.visit(Visit::of(event)).await.status, 303);
    assert_eq!(asked.votes().await[0]["person"], "lin");
}

#[tokio::test]
async fn a_form_that_another_site_made_a_browser_send_is_refused() {
    let (asked, token, form) = ready().await;
    let post = || Visit::post(&token, &form);
    for site in ["cross-site", "same-site", "none", ""] {
        asked.is_refused_with(post().header("sec-fetch-site", site), 403, "origin").await;
    }
    for origin in [
        "null",
        "",
        "https://",
        "https://evil.example",
        "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws.evil.example",
        "ftp://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws",
    ] {
        asked.is_refused_with(post().header("origin", origin), 403, "origin").await;
    }
    asked.is_refused_with(post().without_header("host"), 403, "origin").await;
    // Old browsers and curl send neither.
    let bare = post().without_header("origin").without_header("sec-fetch-site");
    assert_eq!(asked.visit(bare).await.status, 303);
}

#[tokio::test]
async fn an_event_that_is_no_request_of_the_url_is_refused() {
    let (asked, token, form) = ready().await;
    let mut event = Visit::post(&token, &form).event();
    event["version"] = "1.0".into();
    asked.is_refused_with(Visit::of(event), 400, "malformed").await;
    let (_, line) = asked.is_refused_with(Visit::of(serde_json::json!({})), 400, "malformed").await;
    assert_eq!(line["source"], "unknown");
    let (_, line) = asked.is_refused_with(Visit::of(serde_json::Value::Null), 400, "malformed").await;
    assert_eq!(line["source"], "unknown");
    assert_eq!(attempts(&asked.world).await.len(), 3);
}

#[tokio::test]
async fn who_asks_is_whom_aws_saw_and_not_who_the_request_says() {
    let asked = Question::Volume.asked().await;
    let visit = Visit::get("x").from("203.0.113.7").header("x-forwarded-for", "192.0.2.200");
    let (_, line) = asked.is_refused_with(visit, 404, "malformed").await;
    assert_eq!(line["source"], "203.0.113.7");
    let (_, line) = asked.is_refused_with(Visit::get("x").from("no address\r\nx: y"), 404, "malformed").await;
    assert_eq!(line["source"], "unknown");
}
