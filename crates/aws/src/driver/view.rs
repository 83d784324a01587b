//! Making what a look gives. What is there instead, or meanwhile, completes "it is …".

use std::collections::BTreeMap;

use serde_json::Value;

use super::StepView;

pub(super) fn not_done(now: impl Into<String>) -> StepView {
    StepView::NotDone { now: now.into() }
}

/// It is on its way, or something is that must end before it can be done.
pub(super) fn under_way(now: impl Into<String>) -> StepView {
    StepView::UnderWay { now: now.into() }
}

pub(super) fn done() -> StepView {
    StepView::Done { outputs: BTreeMap::new() }
}

pub(super) fn gives(name: &str, id: &str) -> StepView {
    StepView::Done { outputs: BTreeMap::from([(name.to_owned(), Value::from(id))]) }
}

pub(super) fn impossible(why: impl Into<String>) -> StepView {
    StepView::Impossible { why: why.into() }
}
