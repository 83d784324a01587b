//! SSM Change Calendars: whether one says that changes may be made now.

use aws_sdk_ssm::types::CalendarState;
use sunset_domain::time::Timestamp;
use sunset_domain::windows::Calendar;

use crate::clients::Clients;
use crate::error::AwsError;

/// Reads each calendar by itself, so that whoever waits hears which one is closed. One that cannot be read is closed:
/// that is the answer, not an error.
pub async fn read(clients: &Clients, names: &[String]) -> Vec<(String, Calendar)> {
    let mut read = Vec::with_capacity(names.len());
    for name in names {
        read.push((name.clone(), one(clients, name).await));
    }
    read
}

async fn one(clients: &Clients, name: &str) -> Calendar {
    let answer = match clients.ssm().get_calendar_state().calendar_names(name).send().await {
        Ok(answer) => answer,
        Err(error) => return Calendar::Unreadable { why: AwsError::of("GetCalendarState", &error).to_string() },
    };
    let until = answer.next_transition_time().and_then(|time| Timestamp::parse(time).ok());
    match answer.state() {
        Some(CalendarState::Open) => Calendar::Open { until },
        Some(CalendarState::Closed) => Calendar::Closed { until },
        other => Calendar::Unreadable { why: format!("GetCalendarState answered {other:?}") },
    }
}
