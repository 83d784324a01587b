//! What a comparison came to, as a table.

use super::cases::Case;
use super::measure::{Comparison, Measured};
use crate::statistics::{Figure, ratio};
use crate::table::Table;
use crate::targets::{Bound, Targets};

const START: f64 = 1.0 / 30.0;
const WARM_CPU: f64 = 1.0 / 4.0;
const PEAK_RSS: f64 = 1.0 / 6.0;

pub fn print(case: &Case, comparison: &Comparison, targets: &mut Targets) {
    let Comparison { ours, baseline, tutorial, zip_bytes } = comparison;
    println!("\n## {}\n", case.name);
    println!("First call, {} calls to AWS: {}.\n", ours.first_calls.total(), ours.first_calls);
    println!("Warm call, {} calls: {}.\n", ours.warm_calls.total(), ours.warm_calls);
    against(&format!("{} against Python with the same calls", case.name), ours, baseline, targets);
    if let Some(tutorial) = tutorial {
        println!(
            "\nThe tutorial's own function, {} of the calls: {}.\n",
            tutorial.first_calls.total(),
            tutorial.first_calls
        );
        against(&format!("{} against the tutorial's", case.name), ours, tutorial, targets);
    }
    let zip = Figure::File(*zip_bytes);
    let target = Figure::File(case.zip_target);
    let verdict = targets.check(&format!("{} zip", case.name), zip, Bound::AtMost(target));
    println!("\nZip: {zip}, target ≤ {target}: {verdict}.");
}

fn against(title: &str, ours: &Measured, theirs: &Measured, targets: &mut Targets) {
    let mut table = Table::new(["figure", "ours", "theirs", "ratio", "target", ""]);
    let mut row = |figure: &str, ours: Figure, theirs: Figure, share: Option<f64>| {
        let (target, verdict) = match share {
            None => (String::new(), String::new()),
            Some(share) => {
                let verdict = targets.check(&format!("{title}: {figure}"), ours, Bound::Share { of: theirs, share });
                (format!("≤ 1/{:.0}", 1.0 / share), verdict)
            }
        };
        table.row([figure.into(), ours.to_string(), theirs.to_string(), ratio(ours, theirs), target, verdict]);
    };
    row("start + first call", Figure::Time(ours.answered), Figure::Time(theirs.answered), Some(START));
    row("of that, until ready", Figure::Time(ours.ready), Figure::Time(theirs.ready), None);
    row("of that, CPU of the process", Figure::Time(ours.start_cpu), Figure::Time(theirs.start_cpu), None);
    row("warm CPU a call", Figure::Time(ours.warm_cpu), Figure::Time(theirs.warm_cpu), Some(WARM_CPU));
    // The tutorial's functions make fewer calls: this tells what one costs.
    let each =
        |side: &Measured| Figure::Time(side.warm_cpu / u32::try_from(side.warm_calls.total().max(1)).unwrap_or(1));
    row("of that, for each call to AWS", each(ours), each(theirs), None);
    row("peak RSS", Figure::Memory(ours.peak_rss), Figure::Memory(theirs.peak_rss), Some(PEAK_RSS));
    print!("{table}");
}
