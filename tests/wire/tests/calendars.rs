//! SSM Change Calendars.

mod support;

use serde_json::json;
use sunset_wire::{Account, Calendar, Ec2};
use support::ssm;
use time::{Duration, OffsetDateTime};

#[tokio::test]
async fn calendars_are_open_where_all_of_them_are() {
    let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap();
    let (past, soon) = (at(1_577_836_800), at(32_472_144_000));
    let late = soon + Duration::hours(1);
    let server = Ec2::start(
        Account::new("123456789012")
            .calendar(Calendar::open("releases"))
            .calendar(Calendar::open("until-soon").until(soon))
            .calendar(Calendar::closed("until-late").until(late))
            .calendar(Calendar::closed("was-closed").until(past)),
    )
    .await;
    let state = async |names: &[&str]| {
        let body = ssm(&server, "GetCalendarState", json!({"CalendarNames": names})).await.json();
        (body["State"].clone(), body["NextTransitionTime"].clone())
    };
    assert_eq!(state(&["releases"]).await, (json!("OPEN"), json!(null)));
    assert_eq!(state(&["was-closed"]).await, (json!("OPEN"), json!(null)));
    assert_eq!(state(&["releases", "until-soon"]).await, (json!("OPEN"), json!("2999-01-01T00:00:00Z")));
    assert_eq!(state(&["until-soon", "until-late"]).await, (json!("CLOSED"), json!("2999-01-01T01:00:00Z")));
}

#[tokio::test]
async fn a_calendar_that_nobody_made_is_an_error() {
    let server = Ec2::start(Account::new("123456789012")).await;
    let answer = ssm(&server, "GetCalendarState", json!({"CalendarNames": ["releases"]})).await;
    assert_eq!((answer.status, &answer.json()["__type"]), (400, &json!("InvalidDocument")), "{answer:?}");
    let named = ssm(&server, "GetCalendarState", json!({})).await;
    assert_eq!(named.status, 400, "{named:?}");
}
