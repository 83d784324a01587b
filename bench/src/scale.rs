//! list-expired-amis on a large account: calls, CPU and memory, and what ten times the images cost.

use std::time::{Duration, Instant};

use serde_json::Value;
use sunset_wire::Size;

use crate::error::BenchError;
use crate::functions::{Bootstraps, Function, list_event};
use crate::inventory::{self, NOTHING_DUE, unused};
use crate::options::Options;
use crate::sandbox::{Cpu, Sandbox};
use crate::stage::{Calls, Scene, Stage};
use crate::statistics::{Figure, median_duration};
use crate::table::Table;
use crate::targets::{Bound, Targets};

const LARGE: Size = Size { images: 50_000, instances: 5_000, launch_templates: 500, groups: 300, parameters: 2_000 };
const SMALL: Size = Size { images: 5_000, instances: 500, launch_templates: 50, groups: 30, parameters: 200 };

/// As many images are due as the breaker allows, of either account.
const DUE: usize = 50;

/// How often each size is measured; the median counts.
const RUNS: usize = 3;

const MAX_CPU: Duration = Duration::from_secs(4);
const MAX_RSS: u64 = 96 << 20;
const MAX_GROWTH: f64 = 11.0;

/// What is read in pages: the action, what of an account it reads, and AWS's largest page.
const PAGED: [(&str, Items, usize); 6] = [
    ("ec2:DescribeImages", |size| size.images, 1000),
    ("ec2:DescribeInstances", |size| size.instances, 1000),
    // The latest and the default version of each.
    ("ec2:DescribeLaunchTemplateVersions", |size| size.launch_templates * 2, 200),
    ("autoscaling:DescribeAutoScalingGroups", |size| size.groups, 100),
    ("ssm:DescribeParameters", |size| size.parameters, 50),
    ("ssm:GetParameters", |size| size.parameters, 10),
];

type Items = fn(&Size) -> usize;

struct Listing {
    cpu: Duration,
    wall: Duration,
    peak_rss: u64,
    calls: Calls,
    answer: Value,
}

impl Listing {
    fn count(&self, pointer: &str) -> Option<u64> {
        self.answer.pointer(pointer).and_then(Value::as_u64)
    }
}

/// Measures the listing, prints what comes of it, and notes the targets.
///
/// # Errors
/// Something could not be measured.
pub async fn run(options: &Options, targets: &mut Targets) -> Result<(), BenchError> {
    println!("\n# list-expired-amis at scale\n");
    let bootstraps = Bootstraps::find(options)?;
    let small = listing(&bootstraps, SMALL).await?;
    let large = listing(&bootstraps, LARGE).await?;
    println!(
        "{} images, {} instances, {} launch templates, {} groups and {} parameters, against a tenth of each; pages over \
         plain HTTP, everything else as it is. {} images are due of the large account, {} of the small one. Medians of \
         {RUNS}.\n",
        LARGE.images,
        LARGE.instances,
        LARGE.launch_templates,
        LARGE.groups,
        LARGE.parameters,
        large.count("/counts/due").unwrap_or_default(),
        small.count("/counts/due").unwrap_or_default(),
    );
    calls(&small, &large, targets);
    costs(&small, &large, targets);
    Ok(())
}

async fn listing(bootstraps: &Bootstraps, size: Size) -> Result<Listing, BenchError> {
    eprintln!("listing {} images, {RUNS} times …", size.images);
    let mut account = inventory::account(size);
    inventory::expire(&mut account, (0..DUE).map(unused));
    let scene = Scene::new(account);
    let stage = Stage::over_http(&scene).await?;
    let program = bootstraps.program(Function::List, &[NOTHING_DUE]).environment(stage.environment());
    let event = list_event("scale")?;
    let mut listings = Vec::new();
    for _ in 0..RUNS {
        stage.set(&scene);
        let begun = Instant::now();
        let (sandbox, started) = Sandbox::start(&program, &event).await?;
        let listing = Listing {
            cpu: sandbox.cpu()?.since(&Cpu::default()),
            wall: begun.elapsed(),
            peak_rss: sandbox.peak_rss()?,
            calls: stage.take_calls(),
            answer: started.answer,
        };
        let verdict = listing.answer.get("verdict").and_then(Value::as_str);
        if verdict != Some("proceed") || listing.count("/counts/images") != Some(size.images as u64) {
            return Err(BenchError::unexpected(format!("the listing did not go through: {}", listing.answer)));
        }
        listings.push(listing);
    }
    let missing = || BenchError::unexpected("nothing was listed");
    let cpu = median_duration(&listings.iter().map(|listing| listing.cpu).collect::<Vec<_>>()).ok_or_else(missing)?;
    let wall = median_duration(&listings.iter().map(|listing| listing.wall).collect::<Vec<_>>()).ok_or_else(missing)?;
    let peak_rss = listings.iter().map(|listing| listing.peak_rss).max().ok_or_else(missing)?;
    let last = listings.pop().ok_or_else(missing)?;
    Ok(Listing { cpu, wall, peak_rss, ..last })
}

/// How many of the calls are pages that cannot be fewer.
fn pages(size: &Size) -> usize {
    PAGED.iter().map(|(_, items, page)| items(size).div_ceil(*page)).sum()
}

fn calls(small: &Listing, large: &Listing, targets: &mut Targets) {
    let mut table = Table::new(["calls", "5,000 images", "50,000 images"]);
    let (of_small, of_large) = (small.calls.counts(), large.calls.counts());
    let mut names: Vec<&String> = of_small.keys().chain(of_large.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let count = |counts: &std::collections::BTreeMap<String, usize>, size: &Size| {
            let count = counts.get(name).copied().unwrap_or_default();
            match PAGED.iter().find(|(action, ..)| action == name) {
                Some((_, items, page)) => format!("{count} ({} pages)", items(size).div_ceil(*page)),
                None => count.to_string(),
            }
        };
        table.row([name.clone(), count(&of_small, &SMALL), count(&of_large, &LARGE)]);
    }
    let beside = |listing: &Listing, size| listing.calls.total().saturating_sub(pages(size));
    let (constant, of_large) = (beside(small, &SMALL), beside(large, &LARGE));
    table.row(["in all".into(), small.calls.total().to_string(), large.calls.total().to_string()]);
    table.row(["beside the pages".into(), constant.to_string(), of_large.to_string()]);
    print!("{table}");
    let bound = Bound::AtMost(Figure::Count(constant as u64));
    let verdict =
        targets.check("calls beside the pages, at ten times the images", Figure::Count(of_large as u64), bound);
    println!("\nCalls are pages and a constant: {verdict}.\n");
}

fn costs(small: &Listing, large: &Listing, targets: &mut Targets) {
    let mut table = Table::new(["figure", "5,000 images", "50,000 images", "target", ""]);
    let mut row = |name: &str, small: Figure, large: Figure, target: Option<(Figure, Figure)>| {
        let (target, verdict) = match target {
            None => (String::new(), String::new()),
            Some((measured, limit)) => {
                let verdict =
                    targets.check(&format!("list-expired-amis at scale: {name}"), measured, Bound::AtMost(limit));
                (format!("≤ {limit}"), verdict)
            }
        };
        table.row([name.into(), small.to_string(), large.to_string(), target, verdict]);
    };
    let cpu = |listing: &Listing| Figure::Time(listing.cpu);
    row("CPU", cpu(small), cpu(large), Some((cpu(large), Figure::Time(MAX_CPU))));
    let rss = |listing: &Listing| Figure::Memory(listing.peak_rss);
    row("peak RSS", rss(small), rss(large), Some((rss(large), Figure::Memory(MAX_RSS))));
    let growth = Figure::Times(large.cpu.as_secs_f64() / small.cpu.as_secs_f64().max(f64::MIN_POSITIVE));
    row("CPU, times that of 5,000", Figure::Times(1.0), growth, Some((growth, Figure::Times(MAX_GROWTH))));
    row("time from start to answer", Figure::Time(small.wall), Figure::Time(large.wall), None);
    let put = |listing: &Listing| Figure::File(listing.calls.journal.put_bytes);
    row("written to the bucket", put(small), put(large), None);
    print!("{table}");
}
