//! Approval by rule, with notice.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::approval::notice;
use sunset_domain::approval::rule::approve_by_rule;
use sunset_domain::approval::vote::NOTICE_ROUND;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::{NoticePeriod, ProcessRecord};
use sunset_domain::process::status::Status;
use sunset_domain::time::Timestamp;
use sunset_function::plan_documents::publish;
use sunset_function::tell::tell;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;
use crate::answer::{seconds_until, short};
use crate::personal::{Occasion, tell_people};
use crate::request::waits;

/// The name that the notice of an approval by rule is noted under.
const TOLD: &str = "auto_approved";

/// Approves what needs no person, or says why it needs one. Whoever it concerns can object for a while.
pub async fn auto(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let assessment = context.assessment(&before, before.assessment).await?;
    let plan = context.plan(&before).await?;
    let now = context.now();
    let record = match before.status {
        Status::Approved if before.round.is_none() => before,
        Status::Assessed => {
            if let Err(reasons) = approve_by_rule(&assessment, &plan.runbook, &before.terms) {
                let why = reasons.join("; ");
                tracing::info!(%process_id, why, "people are asked");
                return Ok(answer(&before, "ask", &why, now));
            }
            // Nothing is approved before it is known who may object.
            let people = context.approvers()?.concerned(&before, now);
            let mut after = before
                .clone()
                .at(Status::Approved)
                .map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))?;
            let until = now.plus_seconds(before.terms.notice_seconds);
            after.approved_plan_hash = Some(plan.hash.clone());
            after.approved_assessment = Some(assessment.number);
            after.notice = Some(NoticePeriod { until, over: false });
            let data = json!({
                "plan_hash": plan.hash,
                "assessment": assessment.number,
                "level": assessment.level,
                "notice_until": until,
            });
            let change = Change::to(after, EventType::AutoApproved, ACTOR, now, data).waits(&waits(
                process_id,
                NOTICE_ROUND,
                until,
                &people,
            ))?;
            context.processes.commit(&before, change).await?
        }
        other => return Err(FunctionError::Stale(format!("process {process_id} is {other}, not assessed"))),
    };
    publish(context, &record, &plan).await?;
    let shared = notice::auto_approved(&record, &assessment, &plan, record.approve_url.as_deref());
    let mut record = tell(context, ACTOR, record, TOLD, shared).await?;
    if let Some(period) = record.notice.clone() {
        let people = context.approvers()?.concerned(&record, now);
        let occasion = Occasion::of_notice(TOLD, &period, &plan.hash).that_all_were_told();
        record = tell_people(context, record, &occasion, &people, |record, person, ways| {
            notice::objection_possible(record, &assessment, &plan, person, ways)
        })
        .await?;
    }
    Ok(answer(&record, "approved", "approved by rule", now))
}

fn answer(record: &ProcessRecord, decision: &str, reason: &str, now: Timestamp) -> Value {
    json!({
        "process_id": record.process_id,
        "decision": decision,
        "reason": short(reason),
        "notice_seconds": record.notice.as_ref().map_or(0, |notice| seconds_until(notice.until, now)),
    })
}
