"""plan with boto3: the same calls, the same answer, for the first plan of an instance."""

import ledger
import process
import runbook
from checklist import when_planned


def answer(record):
    terms = record["terms"]
    return {
        "process_id": record["process_id"],
        "verdict": "blocked" if record["status"] == "blocked" else "drafted",
        "plan_hash": record["plan_hash"],
        "risk_level": record["risk_level"],
        "mode": record["mode"],
        "approval_seconds": int(terms["approval_seconds"]),
        "soak_seconds": int(terms["soak_seconds"]),
        "hold_seconds": int(terms["hold_seconds"]),
        "reason": record["outcome"],
    }


def lambda_handler(event, context):
    process_id = event["process_id"]
    before = process.read(process_id)
    if before["plan"] > 0 or before["status"] == "blocked":
        return answer(before)
    if before["status"] != "assessed":
        raise ValueError(f"process {process_id} is {before['status']}, not assessed")
    assessment = process.document(process_id, "ASSESSMENT", before["assessment"])
    made = runbook.plan(assessment, before, 1, ledger.now(), when_planned)
    errors = [one["message"] for one in made["findings"] if one["severity"] == "error"] if made else ["no plan fits it"]
    if errors:
        after = {**process.at(before, "blocked"), "outcome": "; ".join(errors)}
        after = process.commit(before, after, "PROCESS_BLOCKED", "function:plan", {"reason": after["outcome"]})
    else:
        after = {**before, "plan": made["number"], "plan_hash": made["hash"]}
        data = {"plan": made["number"], "plan_hash": made["hash"], "steps": len(made["runbook"]["steps"])}
        after = process.commit(
            before, after, "PLAN_DRAFTED", "function:plan", data, [process.kept(process_id, "PLAN", made)]
        )
    print({"level": "INFO", "process_id": process_id, "status": after["status"], "plan_hash": after["plan_hash"]})
    return answer(after)
