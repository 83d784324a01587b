//! Moments as EC2 and the ledger write them: RFC 3339, UTC.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// A moment in UTC, to the second: what nobody decides on is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is no RFC 3339 moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a time such as 2026-11-20T09:00:00Z")]
pub struct InvalidTimestamp {
    /// What was found.
    pub found: String,
}

impl Timestamp {
    /// Takes an RFC 3339 text, with or without fractions of a second.
    ///
    /// # Errors
    /// [`InvalidTimestamp`] when the text is no such moment.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        OffsetDateTime::parse(text, &Rfc3339)
            .map(|moment| Self(moment.unix_timestamp()))
            .map_err(|_| InvalidTimestamp { found: text.to_owned() })
    }

    /// The moment that lies `seconds` after 1970-01-01T00:00:00Z; what no calendar holds is clamped to year 1 or 9999.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Self {
        const FIRST: i64 = -62_135_596_800;
        const LAST: i64 = 253_402_300_799;
        Self(seconds.clamp(FIRST, LAST))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0
    }

    /// How many whole and partial seconds lie between `earlier` and this moment; negative if `earlier` is later.
    ///
    /// All ages are compared in seconds of the whole span: taking only the seconds within a day once made an
    /// image of 25 hours look one hour old (C158).
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// This moment and `seconds` more.
    #[must_use]
    pub fn plus_seconds(self, seconds: u32) -> Self {
        Self::from_unix_seconds(self.0 + i64::from(seconds))
    }

    /// This moment and `hours` more.
    #[must_use]
    pub fn plus_hours(self, hours: u32) -> Self {
        Self::from_unix_seconds(self.0 + i64::from(hours) * 3600)
    }

    /// This moment and `days` of 24 hours more.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self::from_unix_seconds(self.0 + i64::from(days) * 86_400)
    }

    /// `YYYYMMDDTHHMMSSZ`: sorts by time and may stand in names.
    #[must_use]
    pub fn compact(self) -> String {
        self.to_string().replace(['-', ':'], "")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = OffsetDateTime::UNIX_EPOCH + Duration::seconds(self.0);
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            moment.year(),
            u8::from(moment.month()),
            moment.day(),
            moment.hour(),
            moment.minute(),
            moment.second()
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_ec2_writes_it_and_writes_itself_in_utc() {
        let moment = Timestamp::parse("2023-02-18T23:59:14.000Z").unwrap();
        assert_eq!(moment.to_string(), "2023-02-18T23:59:14Z");
        assert_eq!(Timestamp::parse("2023-02-19T01:59:14+02:00").unwrap(), moment);
        assert_eq!(moment.compact(), "20230218T235914Z");
        assert!(Timestamp::parse("yesterday").is_err());
    }

    #[test]
    fn the_ends_of_the_calendar_are_clamped_not_a_panic() {
        assert_eq!(Timestamp::from_unix_seconds(i64::MAX).plus_days(u32::MAX).to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_unix_seconds(i64::MIN).to_string(), "0001-01-01T00:00:00Z");
    }
}
