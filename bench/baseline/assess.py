"""assess with boto3: the same calls, the same answer, for the first look at an instance."""

import ledger
import observe
import process
from risk import assess

observe.reads_whole_instances()


def summary(assessment):
    kept = ("profile", "score", "level", "points", "floors", "roles", "evidence_complete", "fingerprint", "blocked")
    return {
        "assessment": assessment["number"],
        "dependents": len(assessment["observation"]["dependents"]),
        **{name: assessment[name] for name in kept},
    }


def reason(assessment):
    if assessment["blocked"]:
        return "; ".join(blocker["detail"] for blocker in assessment["blocked"])
    said = [f"{point['reason']} ({point['points']})" for point in assessment["points"]]
    said += [f"{floor['reason']} (never below {floor['level']})" for floor in assessment["floors"]]
    return "; ".join(said)


def answer(record, assessment):
    return {
        "process_id": record["process_id"],
        "verdict": "blocked" if record["status"] == "blocked" else "assessed",
        "risk_level": assessment["level"],
        "score": assessment["score"],
        "reason": reason(assessment)[:1000],
        "assessment": assessment["number"],
        "mode": record["mode"],
    }


def lambda_handler(event, context):
    process_id = event["process_id"]
    before = process.read(process_id)
    if before["assessment"] > 0:
        return answer(before, process.document(process_id, "ASSESSMENT", before["assessment"]))
    now = ledger.now()
    observation = observe.observe(before["resource"], now)
    if observation["found"] is None:
        raise ValueError(f"{before['resource']['resource_id']} was not found")
    assessment = assess(observation, before, int(before["assessment"]) + 1, now)
    blocked = bool(assessment["blocked"])
    owner = assessment["business"]["owner"]
    after = {
        **process.at(before, "blocked" if blocked else "assessed"),
        "assessment": assessment["number"],
        "risk_level": assessment["level"],
        "resource_owner": owner if owner != "unknown" else None,
        "stakeholders": [role["role"] for role in assessment["roles"]],
        "outcome": reason(assessment) if blocked else None,
    }
    after = process.commit(
        before,
        after,
        "PROCESS_BLOCKED" if blocked else "ASSESSMENT_COMPLETED",
        "function:assess",
        summary(assessment),
        [process.kept(process_id, "ASSESSMENT", assessment)],
    )
    print({"level": "INFO", "process_id": process_id, "status": after["status"], "risk_level": assessment["level"]})
    return answer(after, assessment)
