//! `list`: read, decide, write down.

use std::collections::{BTreeMap, BTreeSet};

use sunset_aws::notices;
use sunset_domain::breaker::{Halt, halt};
use sunset_domain::coverage::{Coverage, Source, next_baseline};
use sunset_domain::evidence::Evidence;
use sunset_domain::ids::{ImageId, RunId};
use sunset_domain::image::Image;
use sunset_domain::input::SCHEMA;
use sunset_domain::manifest;
use sunset_domain::notice::{self, Notice};
use sunset_domain::pending::{PendingSnapshot, Settlement, settle};
use sunset_domain::policy::Mode;
use sunset_domain::report::{BLIND_SPOTS, Decided, ListReport, SourceReport};
use sunset_domain::run::{
    Execution, ListCounts, ListResult, RunRecord, RunVerdict, WorkflowInput, run_id, run_id_by_hand,
};
use sunset_domain::time::Timestamp;
use sunset_domain::verdict::{Action, Verdict};
use sunset_function::{Context, FunctionError, metrics};

use crate::documents::{put_manifest, put_report};
use crate::reading::{ask, decide, due, read, read_ledger, savings, shortlist};
use crate::turn;

/// Lists what is due. Called again for the same execution it answers what it answered before.
pub async fn list(
    context: &Context,
    execution: Option<Execution>,
    input: WorkflowInput,
    request_id: &str,
) -> Result<ListResult, FunctionError> {
    let now = context.now();
    let id = execution.as_ref().map_or_else(|| run_id_by_hand(request_id, now), run_id);
    let mut run = context
        .ledger
        .begin_run(RunRecord {
            run_id: id,
            execution_arn: execution.map(|execution| execution.arn),
            mode: input.mode,
            policy: input.policy,
            started_at: now,
            result: None,
            closed_at: None,
        })
        .await?;
    if let Some(result) = run.result {
        return Ok(result);
    }
    let result = match turn::take(context, &run, input.scheduled_time).await? {
        Ok(()) => read_and_decide(context, &run, input.accept_baseline, now).await?,
        Err(reason) => skipped(&run, reason),
    };
    tracing::info!(run_id = %run.run_id, verdict = ?result.verdict, reason = result.reason, due = result.counts.due, "listed");
    finish(context, &mut run, &result).await?;
    Ok(result)
}

fn skipped(run: &RunRecord, reason: String) -> ListResult {
    ListResult {
        run_id: run.run_id.clone(),
        mode: run.mode,
        verdict: RunVerdict::Skipped,
        reason,
        counts: ListCounts::default(),
        manifest: None,
        report: None,
    }
}

/// What was read of an account, and whether the run must stop at that.
struct Read {
    images: Vec<Image>,
    evidence: Evidence,
    halted: Option<Halt>,
}

/// Reads whole what is read whole, then asks about the shortlist, which the breaker has bounded before.
async fn read_all(
    context: &Context,
    run: &RunRecord,
    accept_baseline: bool,
    now: Timestamp,
) -> Result<Read, FunctionError> {
    let policy = &run.policy;
    let (images, mut evidence) = read(context, policy, accept_baseline).await?;
    read_ledger(context, &shortlist(&images, &evidence, policy, now), &mut evidence).await?;
    // What is still on the list now is due unless its permissions hold it: enough for the breaker to spare the asking.
    let candidates = shortlist(&images, &evidence, policy, now);
    let owned = images.len() as u64;
    let mut halted = halt(&evidence.coverages, candidates.len() as u64, owned, policy);
    if halted.is_none() {
        ask(context, &candidates, policy, &mut evidence).await;
        halted = halt(&evidence.coverages, due(&images, &evidence, policy, now), owned, policy);
        if halted.is_none() {
            context.ledger.put_baseline(next_baseline(&evidence.coverages, &context.ledger.baseline().await?)).await?;
        }
    } else {
        // Nothing of a halted run is acted on: for its report alone, what was not asked counts as harmless, so that
        // people see what would have been due.
        for image in &candidates {
            evidence.launch_permissions.insert(image.id.clone(), Vec::new());
            evidence.second_opinions.insert(image.id.clone());
        }
    }
    Ok(Read { images, evidence, halted })
}

async fn read_and_decide(
    context: &Context,
    run: &RunRecord,
    accept_baseline: bool,
    now: Timestamp,
) -> Result<ListResult, FunctionError> {
    let policy = &run.policy;
    let Read { images, evidence, halted } = read_all(context, run, accept_baseline, now).await?;
    let verdicts = decide(&images, &evidence, policy, now);
    let drains = if halted.is_none() { drains(context, run, &images, &evidence, now).await? } else { Vec::new() };
    let lines = manifest::lines(&run.run_id, &images, &verdicts, drains);
    let counts = manifest::counts(&verdicts, &lines);
    let (verdict, reason) = match &halted {
        Some(halt) => (RunVerdict::Halted, halt.to_string()),
        None if lines.is_empty() => (RunVerdict::Nothing, nothing(&counts)),
        None => {
            (RunVerdict::Proceed, format!("{} images are due, {} wait for their snapshots", counts.due, counts.drain))
        }
    };
    let sources = SourceReport::of(&evidence.coverages);
    // 50,000 images and the report about them are enough for one sandbox.
    drop(evidence);
    let decided = decided(context, &images, verdicts).await;
    let report = ListReport {
        schema: SCHEMA,
        run_id: &run.run_id,
        mode: run.mode,
        verdict,
        reason: &reason,
        decided_at: now,
        policy,
        sources,
        blind_spots: BLIND_SPOTS,
        counts: &counts,
        images: &decided,
    };
    let report = put_report(context, run, &report).await?;
    let manifest = match verdict {
        RunVerdict::Proceed => Some(put_manifest(context, run, &lines).await?),
        _ => None,
    };
    let run_id: RunId = run.run_id.clone();
    Ok(ListResult { run_id, mode: run.mode, verdict, reason, counts, manifest, report: Some(report) })
}

fn nothing(counts: &ListCounts) -> String {
    if counts.blocked > 0 {
        format!("nothing is due; {} images are blocked by a source that could not be relied on", counts.blocked)
    } else {
        "nothing is due".into()
    }
}

async fn decided<'a>(context: &Context, images: &'a [Image], verdicts: Vec<Verdict>) -> Vec<Decided<'a>> {
    let due: Vec<&Image> = images
        .iter()
        .zip(&verdicts)
        .filter(|(_, verdict)| verdict.action != Action::Keep)
        .map(|(image, _)| image)
        .collect();
    let savings = savings(context, &due).await;
    images
        .iter()
        .zip(verdicts)
        .map(|(image, verdict)| Decided {
            image,
            verdict,
            saves_at_most_micro_dollars_a_month: savings.get(&image.id).copied(),
        })
        .collect()
}

/// The images that are gone and whose snapshots still wait. What EC2 shows decides, in a complete reading only.
async fn drains(
    context: &Context,
    run: &RunRecord,
    images: &[Image],
    evidence: &Evidence,
    now: Timestamp,
) -> Result<Vec<Vec<PendingSnapshot>>, FunctionError> {
    if !evidence.coverages.get(&Source::Images).is_some_and(Coverage::is_complete) {
        return Ok(Vec::new());
    }
    let pending = context.ledger.pending(None).await?;
    let waiting: BTreeSet<&ImageId> = pending.iter().map(|pending| &pending.image_id).collect();
    let states: BTreeMap<&ImageId, _> =
        images.iter().filter(|image| waiting.contains(&image.id)).map(|image| (&image.id, &image.state)).collect();
    let mut drains: BTreeMap<ImageId, Vec<PendingSnapshot>> = BTreeMap::new();
    for pending in &pending {
        match settle(pending, states.get(&pending.image_id).copied(), now) {
            Settlement::Drain => drains.entry(pending.image_id.clone()).or_default().push(pending.clone()),
            Settlement::Forget if run.mode == Mode::Live => context.ledger.forget_pending(pending).await?,
            Settlement::Forget | Settlement::Wait => {}
        }
    }
    Ok(drains.into_values().collect())
}

/// Stores the answer, and closes a run that changes nothing.
async fn finish(context: &Context, run: &mut RunRecord, result: &ListResult) -> Result<(), FunctionError> {
    if result.verdict == RunVerdict::Halted {
        let Notice { subject, body } = notice::halted(result);
        notices::publish(context.clients.sns(), &context.topic_arn, &subject, &body).await?;
    }
    run.result = Some(result.clone());
    if result.verdict != RunVerdict::Proceed {
        run.closed_at = Some(context.now());
        context.ledger.release_lock(&run.run_id).await?;
    }
    context.ledger.update_run(run).await?;
    let count = |of: RunVerdict| u64::from(result.verdict == of);
    metrics::emit(
        context,
        &[
            ("ImagesDue", result.counts.due),
            ("ImagesBlocked", result.counts.blocked),
            ("RunsHalted", count(RunVerdict::Halted)),
            ("RunsSkipped", count(RunVerdict::Skipped)),
            ("RunsCompleted", count(RunVerdict::Nothing)),
        ],
    );
    Ok(())
}
