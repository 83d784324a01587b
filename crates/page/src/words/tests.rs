use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[rstest::rstest]
#[case("2026-11-23T09:00:00Z", "Mon 23 Nov 2026, 09:00 UTC")]
#[case("1970-01-01T00:00:00Z", "Thu 1 Jan 1970, 00:00 UTC")]
#[case("1969-12-31T23:59:59Z", "Wed 31 Dec 1969, 23:59 UTC")]
#[case("2028-02-29T12:30:00Z", "Tue 29 Feb 2028, 12:30 UTC")]
fn a_moment_is_written_for_people_and_for_machines(#[case] moment_at: &str, #[case] words: &str) {
    let moment = moment(at(moment_at)).into_string();
    assert_eq!(moment, format!("<time datetime=\"{moment_at}\">{words}</time>"));
}

#[rstest::rstest]
#[case(0, "just now")]
#[case(-59, "just now")]
#[case(59, "in less than a minute")]
#[case(60, "in 1 minute")]
#[case(7_199, "in 119 minutes")]
#[case(86_400, "in 1 day")]
#[case(90_000, "in 25 hours")]
#[case(259_199, "in 2 days")]
#[case(-259_200, "3 days ago")]
fn a_distance_never_promises_more_time_than_there_is(#[case] seconds: i64, #[case] words: &str) {
    let now = at("2026-11-20T09:00:00Z");
    let then = Timestamp::from_unix_seconds(now.unix_seconds() + seconds);
    assert_eq!(distance(then, now), words);
}

#[test]
fn the_ends_of_the_calendar_are_moments_too() {
    for end in [i64::MIN, i64::MAX] {
        assert!(moment(Timestamp::from_unix_seconds(end)).into_string().contains("UTC"));
    }
}

#[test]
fn other_peoples_text_is_escaped_on_one_line_and_reorders_nothing() {
    assert_eq!(said("a <b>\n\u{202e}c &amp; \"d\"").into_string(), "<bdi>a &lt;b&gt; c &amp;amp; &quot;d&quot;</bdi>");
    assert_eq!(quote("a\" onclick=\"b").into_string(), "<bdi>&quot;a' onclick='b&quot;</bdi>");
    assert_eq!(code("</code><script>").into_string(), "<code>&lt;/code&gt;&lt;script&gt;</code>");
}

#[test]
fn a_status_begins_a_line() {
    assert_eq!(status(Status::AwaitingApproval), "Awaiting approval");
    assert_eq!(status(Status::RollbackFailed), "Rollback failed");
}

#[test]
fn a_level_is_told_by_its_word_and_not_by_its_colour_alone() {
    let levels = [Level::Low, Level::Medium, Level::High, Level::Critical].map(|it| level(it).into_string());
    for (shown, name) in levels.iter().zip(["low", "medium", "high", "critical"]) {
        assert!(shown.contains(&format!("</span> {name} risk</span>")), "{shown}");
    }
}
