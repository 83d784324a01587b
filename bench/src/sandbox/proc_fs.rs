//! What `/proc` tells of a process.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::time::Duration;

/// CPU time of a process so far.
///
/// `/proc/<pid>/stat` counts in ticks of a hundredth of a second, the threads' `schedstat` in nanoseconds, but only
/// for threads that still run.
#[derive(Debug, Clone, Default)]
pub struct Cpu {
    threads: BTreeMap<String, Duration>,
    ticks: Duration,
}

/// What `stat` counts in: the kernel's interface has fixed it at 100 a second.
const TICK: Duration = Duration::from_millis(10);

impl Cpu {
    /// Reads it.
    pub(super) fn of(pid: u32) -> Result<Self> {
        let mut threads = BTreeMap::new();
        for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
            let entry = entry?;
            // A thread that ended meanwhile counts in the ticks.
            if let Ok(text) = fs::read_to_string(entry.path().join("schedstat")) {
                let nanoseconds = text.split_whitespace().next().and_then(|text| text.parse().ok());
                let nanoseconds = nanoseconds.ok_or_else(|| broken("schedstat"))?;
                threads.insert(entry.file_name().to_string_lossy().into_owned(), Duration::from_nanos(nanoseconds));
            }
        }
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        Ok(Self { threads, ticks: ticks(&stat).ok_or_else(|| broken("stat"))? })
    }

    /// What was used since `earlier`: by the threads that still run, or, where threads ended meanwhile and it is more
    /// than both roundings, by the ticks.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Duration {
        let threads = self
            .threads
            .iter()
            .map(|(id, now)| now.saturating_sub(earlier.threads.get(id).copied().unwrap_or_default()))
            .sum::<Duration>();
        threads.max(self.ticks.saturating_sub(earlier.ticks).saturating_sub(2 * TICK))
    }
}

/// utime and stime, the 14th and 15th fields. The second, the name, may hold spaces and parentheses.
fn ticks(stat: &str) -> Option<Duration> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(TICK * (user + system))
}

/// The largest resident set so far, in bytes.
pub(super) fn peak_rss(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| broken("status"))
}

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("/proc/<pid>/{what} has another form than known"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticks_are_found_behind_any_name() {
        let stat = "12 (a ) (b) S 1 1 1 0 -1 4194560 1 0 0 0 7 5 0 0 20 0 1 0 100 1 1 184";
        assert_eq!(ticks(stat), Some(Duration::from_millis(120)));
    }

    #[test]
    fn cpu_is_what_the_threads_used_and_not_less_than_the_ticks_say() {
        let cpu = |threads: &[(&str, u64)], ticks: u32| Cpu {
            threads: threads.iter().map(|(id, ms)| ((*id).to_owned(), Duration::from_millis(*ms))).collect(),
            ticks: TICK * ticks,
        };
        let earlier = cpu(&[("1", 5), ("2", 50)], 5);
        assert_eq!(cpu(&[("1", 8), ("2", 50), ("3", 1)], 6).since(&earlier), Duration::from_millis(4));
        // Thread 2 ended, after it had used much more.
        assert_eq!(cpu(&[("1", 8)], 45).since(&earlier), Duration::from_millis(380));
    }

    #[test]
    fn this_process_has_a_peak_and_has_used_cpu() {
        let pid = std::process::id();
        assert!(peak_rss(pid).unwrap() > 1 << 20);
        assert!(Cpu::of(pid).unwrap().since(&Cpu::default()) > Duration::ZERO);
    }
}
