//! Custom metrics in CloudWatch's embedded metric format: a line of the log, no call.

use std::io::Write;

use serde_json::{Map, Value, json};
use sunset_domain::time::Timestamp;

use crate::Context;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Sunset";

/// The line that carries `counts` as metrics, with the stack's name as their dimension.
#[must_use]
pub fn line(stack: &str, now: Timestamp, counts: &[(&str, u64)]) -> Value {
    let metrics: Vec<Value> = counts.iter().map(|(name, _)| json!({"Name": name, "Unit": "Count"})).collect();
    let mut line = Map::new();
    line.insert(
        "_aws".into(),
        json!({
            "Timestamp": now.unix_seconds() * 1000,
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [["Stack"]], "Metrics": metrics}],
        }),
    );
    line.insert("Stack".into(), json!(stack));
    for (name, count) in counts {
        line.insert((*name).to_owned(), json!(count));
    }
    Value::Object(line)
}

/// Writes the line to the log. A metric that cannot be written must not fail what it counts, so that is only logged.
pub fn emit(context: &Context, counts: &[(&str, u64)]) {
    emit_for(&context.stack, context.now(), counts);
}

/// The same for a function that knows less of where it runs.
pub fn emit_for(stack: &str, now: Timestamp, counts: &[(&str, u64)]) {
    let line = line(stack, now, counts);
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}") {
        tracing::warn!(%error, "metrics could not be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_declared_as_a_metric_of_the_stack() {
        let line = line("s", Timestamp::from_unix_seconds(10), &[("RunsHalted", 1)]);
        assert_eq!(line["RunsHalted"], 1);
        assert_eq!(line["_aws"]["Timestamp"], 10_000);
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], "RunsHalted");
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0][0], "Stack");
    }
}
