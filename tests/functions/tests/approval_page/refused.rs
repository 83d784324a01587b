//! Refusals: each is one line in the audit, and no change of anything else.

use serde_json::Value;
use sunset_functions_tests::page::{Shown, Visit, now};

use crate::asked::Asked;
use crate::stored::{attempts, processes};

/// The length of the windows in which refusals are counted, in seconds.
const WINDOW_SECONDS: i64 = 600;

impl Asked {
    /// A visit that is refused: what was shown, and the line that it left in the audit.
    pub async fn is_refused_with(&self, visit: Visit, status: u64, kind: &str) -> (Shown, Value) {
        let before = (processes(&self.world).await, attempts(&self.world).await.len());
        let shown = self.visit(visit.clone()).await;
        let told = || format!("{visit:?}\n{shown:#?}\n{}", self.functions.logs());
        assert_eq!(shown.status, status, "{}", told());
        assert!(shown.form_token().is_none() || status == 422, "a form beside a refusal: {}", told());
        assert_eq!(processes(&self.world).await, before.0, "it changed something: {}", told());
        let mut lines = attempts(&self.world).await.split_off(before.1);
        assert_eq!(lines.len(), 1, "one line in the audit: {lines:#?}\n{}", told());
        let line = lines.remove(0);
        assert_eq!((&line["kind"], &line["status"]), (&kind.into(), &status.into()), "{line}\n{}", told());
        (shown, line)
    }

    /// A visit by a link that does not work, whatever is wrong with it.
    pub async fn does_not_work(&self, visit: Visit, kind: &str) -> Shown {
        self.is_refused_with(visit, 404, kind).await.0
    }

    /// What anybody is shown whose link does not work.
    pub async fn dead_link_page(&self) -> Shown {
        self.visit(Visit::get("v1.no-such-key.e30.AAAA").from("192.0.2.1")).await
    }
}

/// Waits for the next window where this one is nearly over, so that what is counted is counted together.
pub async fn within_one_window() {
    let left = WINDOW_SECONDS - now().unix_seconds().rem_euclid(WINDOW_SECONDS);
    if left < 45 {
        tokio::time::sleep(std::time::Duration::from_secs(left.unsigned_abs())).await;
    }
}

/// An address of somebody else, one for each number.
pub fn address(n: usize) -> String {
    format!("198.51.{}.{}", n / 200, n % 200 + 1)
}
