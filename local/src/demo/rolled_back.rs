//! The chapter of decommission in which an instance is missed during its soak.

use serde_json::json;

use crate::demo::decommission::{asks, make_instance, report, rest, seen};
use crate::demo::people::by_signature;
use crate::demo::story::Story;
use crate::error::Result;
use crate::screen::Look;

const DEPENDENT: &str = "billing-export";

/// An instance that somebody turns out to need: it comes back.
pub(super) fn back_again(story: &mut Story) -> Result<()> {
    let id = make_instance(story, "month-end-worker")?;
    let before = seen(story, &id)?;
    let (case, record) = asks(story, "9. Another instance, and nobody knows yet that it is needed", &id)?;
    by_signature(story, &case, &record)?;
    rest(story, &case)?;

    story.screen.heading(&format!("10. During its soak {DEPENDENT} turns out to need it"));
    story.stack.put_dependents(&id, &json!([{"resource_id": DEPENDENT, "dependency_type": "critical"}]))?;
    let stack = &story.stack;
    let waited = || stack.wait(&case.execution);
    let finished = story.screen.step("resting, looking again, taking everything back", None, waited)?;
    let ended = format!("{} {}", finished.status, finished.error);
    story.expect(ended == "FAILED Sunset.RolledBack", &format!("the process ended as {ended}: {}", finished.cause));
    let now = seen(story, &id)?;
    story.expect(now.state == "running", &format!("the instance is {}", now.state));
    story.expect(now.volume_ids == before.volume_ids, "its volumes are others than before");
    story.expect(now.tags == before.tags, &format!("its tags are {:?}", now.tags));
    let report = report(story, &case.process_id)?;
    let named = report.reasons.iter().any(|reason| reason.contains(DEPENDENT)) || report.outcome.contains(DEPENDENT);
    story.expect(named, &format!("the report does not name {DEPENDENT}"));
    story.expect(report.audit.defects.is_empty(), &format!("the audit trail has defects: {:?}", report.audit.defects));
    story.say(&format!("EC2 says that it is {}, with its volumes and its tags as before.", now.state));
    story.say(&format!("The report: {}", report.outcome));
    if let Some(reason) = report.reasons.first() {
        story.say_as(Look::Dim, 4, reason);
    }
    Ok(())
}
