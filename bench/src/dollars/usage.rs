//! What AWS charges for, counted.

use std::ops::{Add, Mul};
use std::time::Duration;

use crate::stage::Calls;

/// AWS's answer to one call, from the function's view. Most answer faster, and the functions ask several at a time;
/// here they wait for each in turn.
pub const LATENCY: Duration = Duration::from_millis(50);
/// What Lambda adds to a start of a sandbox that it charges for.
pub const START: Duration = Duration::from_millis(100);
/// How fast objects go into the bucket.
pub const UPLOAD_BYTES_A_SECOND: f64 = 20e6;
/// Lambda gives a whole processor for this much memory, and less for less.
const MIB_A_PROCESSOR: f64 = 1769.0;
/// What Lambda itself logs of a call: its start, its end and its report.
const LAMBDA_LOG_BYTES: u64 = 1000;

/// What was used. Counts are fractions where they are an average.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// State transitions.
    pub transitions: f64,
    /// Calls of functions.
    pub invocations: f64,
    /// Their memory times their time.
    pub gb_seconds: f64,
    /// DynamoDB's read request units.
    pub reads: f64,
    /// DynamoDB's write request units.
    pub writes: f64,
    /// Bytes that stay in the ledger.
    pub ledger_bytes: f64,
    /// PUTs into the bucket.
    pub puts: f64,
    /// GETs from the bucket.
    pub gets: f64,
    /// Bytes that stay in the bucket.
    pub put_bytes: f64,
    /// Bytes of log events.
    pub log_bytes: f64,
    /// Notices.
    pub notices: f64,
    /// Decryptions of a parameter.
    pub decryptions: f64,
    /// Traces.
    pub traces: f64,
    /// Starts by the schedule.
    pub starts: f64,
}

impl Usage {
    /// One call of a function: what it called, the CPU that it used, what it logged.
    #[must_use]
    pub fn of_call(calls: &Calls, cpu: Duration, logged_bytes: u64, memory_mib: u32, cold: bool) -> Self {
        let journal = &calls.journal;
        let seconds = seconds(calls.total(), cpu, journal.put_bytes, memory_mib, cold);
        Self {
            invocations: 1.0,
            gb_seconds: seconds * f64::from(memory_mib) / 1024.0,
            reads: float(journal.read_units),
            writes: float(journal.write_units),
            puts: float(calls.of("s3:Put") as u64),
            gets: float(calls.of("s3:Get") as u64),
            put_bytes: float(journal.put_bytes),
            log_bytes: float(logged_bytes + LAMBDA_LOG_BYTES),
            notices: float(calls.of("sns:Publish") as u64),
            // Of a single one, which is the keys of links; GetParameters reads what is in the clear.
            decryptions: float(calls.counts().get("ssm:GetParameter").copied().unwrap_or_default() as u64),
            ..Self::default()
        }
    }
}

/// How long a call takes on Lambda: its waiting, its computing on a share of a processor, its uploads, its start.
fn seconds(calls: usize, cpu: Duration, put_bytes: u64, memory_mib: u32, cold: bool) -> f64 {
    let waiting = LATENCY.as_secs_f64() * float(calls as u64);
    let computing = cpu.as_secs_f64() * (MIB_A_PROCESSOR / f64::from(memory_mib.max(1))).max(1.0);
    let start = if cold { START.as_secs_f64() } else { 0.0 };
    waiting + computing + float(put_bytes) / UPLOAD_BYTES_A_SECOND + start
}

/// Counts here are far below 2^52, where the conversion would begin to round.
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub fn float(count: u64) -> f64 {
    count as f64
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            transitions: self.transitions + other.transitions,
            invocations: self.invocations + other.invocations,
            gb_seconds: self.gb_seconds + other.gb_seconds,
            reads: self.reads + other.reads,
            writes: self.writes + other.writes,
            ledger_bytes: self.ledger_bytes + other.ledger_bytes,
            puts: self.puts + other.puts,
            gets: self.gets + other.gets,
            put_bytes: self.put_bytes + other.put_bytes,
            log_bytes: self.log_bytes + other.log_bytes,
            notices: self.notices + other.notices,
            decryptions: self.decryptions + other.decryptions,
            traces: self.traces + other.traces,
            starts: self.starts + other.starts,
        }
    }
}

impl Mul<f64> for Usage {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        Self {
            transitions: self.transitions * times,
            invocations: self.invocations * times,
            gb_seconds: self.gb_seconds * times,
            reads: self.reads * times,
            writes: self.writes * times,
            ledger_bytes: self.ledger_bytes * times,
            puts: self.puts * times,
            gets: self.gets * times,
            put_bytes: self.put_bytes * times,
            log_bytes: self.log_bytes * times,
            notices: self.notices * times,
            decryptions: self.decryptions * times,
            traces: self.traces * times,
            starts: self.starts * times,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_waits_computes_on_a_share_uploads_and_starts() {
        let all = seconds(20, Duration::from_millis(100), 10_000_000, 1769, true);
        assert!((all - (1.0 + 0.1 + 0.5 + 0.1)).abs() < 1e-9);
        let slower = seconds(0, Duration::from_millis(100), 0, 512, false);
        assert!((slower - 0.1 * 1769.0 / 512.0).abs() < 1e-9);
    }

    #[test]
    fn a_months_usage_is_so_many_times_an_hours() {
        let hour = Usage { transitions: 7.0, puts: 3.0, ..Usage::default() };
        let month = hour * 730.0 + Usage { puts: 1.0, ..Usage::default() };
        assert_eq!((month.transitions, month.puts), (5110.0, 2191.0));
    }
}
