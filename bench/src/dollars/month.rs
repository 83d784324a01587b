//! A month of hourly runs, in counts and in dollars.

use super::hour::Hour;
use super::template::Deployed;
use super::usage::{LATENCY, START, UPLOAD_BYTES_A_SECOND, Usage};
use super::{HOURS_A_MONTH, HOURS_OF_AN_IMAGE, TARGET_DOLLARS, TARGET_SIZE, prices};
use crate::functions::Function;
use crate::statistics::Figure;
use crate::table::Table;
use crate::targets::{Bound, Targets};

/// Days of a month.
const DAYS_A_MONTH: f64 = 365.0 / 12.0;
/// How long the ledger has grown: nothing of it goes by itself.
const LEDGER_MONTHS: f64 = 12.0;

/// A month at one size.
#[derive(Debug, Clone)]
pub struct Month {
    images: usize,
    /// Images that expire in it.
    expired: f64,
    usage: Usage,
    /// Custom metrics.
    metrics: usize,
}

impl Month {
    /// A month of hours like these. Every image is disabled once and deregistered once; as long as there are fewer
    /// than runs, each is reckoned to make a run of its own busy.
    pub fn of(images: usize, expired: f64, quiet: &Hour, busy: &Hour) -> Self {
        let items = 2.0 * expired;
        let busy_runs = items.min(HOURS_A_MONTH);
        let each = 1.0 / super::usage::float(busy.items.max(1) as u64);
        let usage = quiet.run * (HOURS_A_MONTH - busy_runs) + busy.run * busy_runs + busy.images * (items * each);
        let metrics = quiet.metrics.union(&busy.metrics).count();
        Self { images, expired, usage, metrics }
    }

    fn lines(&self, deployed: Deployed) -> Vec<Line> {
        let usage = &self.usage;
        let kept_gb = usage.put_bytes / 1e9 * f64::from(deployed.run_days) / DAYS_A_MONTH;
        let ledger_gb = usage.ledger_bytes / 1e9 * LEDGER_MONTHS;
        let line = |what, count, price| Line { what, count, dollars: count * price };
        vec![
            line("state transitions", usage.transitions, prices::STATE_TRANSITION),
            line("function calls", usage.invocations, prices::LAMBDA_REQUEST),
            line("GB-seconds", usage.gb_seconds, prices::LAMBDA_GB_SECOND),
            line("ledger: write units", usage.writes, prices::DYNAMODB_WRITE),
            line("ledger: read units", usage.reads, prices::DYNAMODB_READ),
            line("ledger: GB after a year", ledger_gb, prices::DYNAMODB_GB_MONTH),
            line("bucket: PUTs", usage.puts, prices::S3_PUT),
            line("bucket: GETs", usage.gets, prices::S3_GET),
            line("bucket: GB of reports kept", kept_gb, prices::S3_GB_MONTH),
            line("logs: GB written", usage.log_bytes / 1e9, prices::LOGS_GB),
            line("notices by e-mail", usage.notices, prices::SNS_NOTICE),
            line("traces", usage.traces, prices::XRAY_TRACE),
            line("starts by the schedule", usage.starts, prices::SCHEDULER_START),
        ]
    }
}

struct Line {
    what: &'static str,
    count: f64,
    dollars: f64,
}

/// Prints the table for the README and what it stands on.
pub fn print(months: &[Month], deployed: Deployed, targets: &mut Targets) {
    println!("\n# What an hourly run costs a month\n");
    println!("In dollars ({}), with the count that each stands on:\n", prices::AS_OF);
    let lines: Vec<Vec<Line>> = months.iter().map(|month| month.lines(deployed)).collect();
    let head: Vec<String> = months.iter().map(|month| format!("{} images", thousands(month.images))).collect();
    let (Ok(lines), Ok(head)) = (<[Vec<Line>; 3]>::try_from(lines), <[String; 3]>::try_from(head)) else { return };
    let [small, middle, large] = &head;
    let mut table = Table::new(["a month", small, middle, large]);
    let totals = lines.each_ref().map(|lines| lines.iter().map(|line| line.dollars).sum::<f64>());
    let [small, middle, large] = &lines;
    for ((small, middle), large) in small.iter().zip(middle).zip(large) {
        let cells = [small, middle, large].map(|line| format!("{} · {}", count(line.count), dollars(line.dollars)));
        let [small_cell, middle_cell, large_cell] = cells;
        table.row([small.what.into(), small_cell, middle_cell, large_cell]);
    }
    let [small, middle, large] = totals.map(|total| format!("**{}**", dollars(total)));
    table.row(["**in all**".into(), small, middle, large]);
    print!("{table}");
    for (month, total) in months.iter().zip(totals) {
        if month.images == TARGET_SIZE {
            let what = format!("an hourly run a month at {} images", thousands(month.images));
            let verdict = targets.check(&what, Figure::Dollars(total), Bound::AtMost(Figure::Dollars(TARGET_DOLLARS)));
            println!("\nAt {} images the target is ${TARGET_DOLLARS:.0} a month: {verdict}.", thousands(month.images));
        }
    }
    fixed(months, deployed);
    assumptions(months, deployed);
}

fn fixed(months: &[Month], deployed: Deployed) {
    let metrics = months.iter().map(|month| month.metrics).max().unwrap_or_default();
    let metrics = super::usage::float(metrics as u64);
    let alarms = f64::from(deployed.alarms);
    println!("\nFixed monitoring, whatever the number of images:\n");
    let mut table = Table::new(["a month", "count", "dollars"]);
    let mut row = |what: &str, count: String, cost: f64| table.row([what.into(), count, dollars(cost)]);
    row("alarms", format!("{alarms}"), alarms * prices::ALARM_MONTH);
    row("custom metrics", format!("{metrics}"), metrics * prices::METRIC_MONTH);
    row("dashboard, only with CreateDashboard", "1".into(), prices::DASHBOARD_MONTH);
    for month in months {
        let kept = month.usage.log_bytes / 1e9 * f64::from(deployed.log_days) / DAYS_A_MONTH;
        let what = format!("log storage, {} days, {} images", deployed.log_days, thousands(month.images));
        row(&what, format!("{} GB", count(kept)), kept * prices::LOGS_GB_MONTH);
    }
    print!("{table}");
}

fn assumptions(months: &[Month], deployed: Deployed) {
    let expired: Vec<String> = months.iter().map(|month| format!("{:.0}", month.expired)).collect();
    println!(
        "\nCounted: every call, request unit, byte and state, in runs that the functions themselves played against a \
         loopback AWS. Assumed, on the dear side:\n\
         - {HOURS_A_MONTH} runs a month, live. Every image is replaced as it expires ({HOURS_OF_AN_IMAGE} hours with its \
         grace), so that {} images a month are disabled, and as many deregistered with their snapshots; as long as \
         there are fewer of these than runs, each has a run of its own.\n\
         - An account of one instance to ten images, a launch template to a hundred, a parameter to 25.\n\
         - AWS takes {} ms for every call, one after the other, though the functions make several at a time; CPU as \
         measured here, stretched to the share of a processor that {} and {} MiB get; uploads at {:.0} MB a second; a \
         new sandbox of {} ms and every client anew in each run.\n\
         - Start and end of an execution count as transitions; no retries. A line of the state machine's log has 600 bytes.\n\
         - Reports stay {} days, and the month is one after that time: in the first months less is kept. The ledger has \
         grown for a year. One e-mail a notice.\n\
         - Snapshots that are deleted save $0.05 a GB-month; that is not taken off.",
        expired.join(", "),
        LATENCY.as_millis(),
        deployed.memory_mib(Function::List),
        deployed.memory_mib(Function::Deregister),
        UPLOAD_BYTES_A_SECOND / 1e6,
        START.as_millis(),
        deployed.run_days,
    );
}

/// Dollars to the cent, and smaller sums to their first digit.
pub fn dollars(dollars: f64) -> String {
    if dollars >= 0.005 {
        format!("${dollars:.2}")
    } else if dollars <= 0.0 {
        "$0".into()
    } else {
        "< 1¢".into()
    }
}

pub fn count(count: f64) -> String {
    if count >= 10_000.0 {
        format!("{:.0}k", count / 1e3)
    } else if count >= 10.0 || count <= 0.0 {
        format!("{count:.0}")
    } else {
        format!("{count:.2}")
    }
}

fn thousands(number: usize) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", number / 1000, number % 1000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_busy_hours_and_the_quiet_ones_between() {
        let hour = |transitions, items, each| Hour {
            run: Usage { transitions, ..Usage::default() },
            images: Usage { transitions: each, ..Usage::default() },
            items,
            ..Hour::default()
        };
        let (quiet, busy) = (hour(5.0, 0, 0.0), hour(7.0, 2, 11.0));
        let few = Month::of(100, 30.0, &quiet, &busy).usage.transitions;
        assert!((few - (670.0 * 5.0 + 60.0 * 7.0 + 60.0 * 5.5)).abs() < 1e-6);
        let many = Month::of(5000, 1500.0, &quiet, &busy).usage.transitions;
        assert!((many - (730.0 * 7.0 + 3000.0 * 5.5)).abs() < 1e-6);
    }

    #[test]
    fn sums_read_in_cents_and_counts_in_thousands() {
        assert_eq!((dollars(0.567), dollars(0.001), dollars(0.0)), ("$0.57".into(), "< 1¢".into(), "$0".to_owned()));
        assert_eq!((count(22_345.0), count(730.0), count(0.016)), ("22k".into(), "730".into(), "0.02".to_owned()));
        assert_eq!((thousands(100), thousands(50_000)), ("100".into(), "50,000".to_owned()));
    }
}
