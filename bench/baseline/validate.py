"""validate with boto3: the same calls, the same answer, for an instance that may be gone."""

from datetime import datetime, timedelta, timezone

import ledger
import observe
import process
from process import moment

VALIDATION_SECONDS = 3600
HAPPENED = ("intended", "called", "done", "failed")
VOLUME_PRICES = {
    "gp2": 100_000, "gp3": 80_000, "io1": 125_000, "io2": 125_000, "st1": 45_000, "sc1": 15_000, "standard": 50_000,
}
SNAPSHOT_PRICE = 50_000
ADDRESS_PRICE = 5_000 * 730


def answer(record, state, reason, wait_seconds):
    return {
        "process_id": record["process_id"],
        "state": state,
        "wait_seconds": wait_seconds,
        "mode": record["mode"],
        "reason": reason[:1000],
    }


def gone(observation):
    """Only a complete reading of the resource itself proves anything."""
    coverage = observation["coverages"]["resource"]
    if coverage["coverage"] != "complete":
        return {"gone": "unknown", "why": f"it could not be read: {coverage['detail']}"}
    if observation["found"] is None:
        return {"gone": "yes", "how": "EC2 no longer knows it"}
    state = observation["found"]["configuration"]["state"]
    shown = f"EC2 shows it as {state}"
    return {"gone": "yes", "how": shown} if state == "terminated" else {"gone": "not_yet", "why": shown}


def leftover(kind, name, why, price, is_backup=False):
    return {"kind": kind, "id": name, "why": why, "micro_dollars_a_month": price, "is_backup": is_backup}


def leftovers(book, before, steps):
    """What hangs on an instance that is gone, and the backups that were made."""
    left, it = [], before["found"]["configuration"]
    ended = [step["id"] for step in book["steps"] if step["action"] == "terminate_instance"]
    if any(name in steps and steps[name]["state"] in HAPPENED for name in ended):
        for volume in it["volumes"]:
            if not volume["delete_on_termination"]:
                price = VOLUME_PRICES.get(volume["volume_type"])
                why = f"was at {volume['device']}, and is not set to go with the instance"
                left.append(leftover("volume", volume["volume_id"], why, price and price * volume["size_gib"]))
        for allocation_id in it["allocation_ids"]:
            why = "stays allocated, and costs as much without an instance"
            left.append(leftover("elastic_ip", allocation_id, why, ADDRESS_PRICE))
        for interface_id in it["network_interface_ids"]:
            why = "stays if its attachment was not set to go with the instance, which was not read"
            left.append(leftover("network_interface", interface_id, why, 0))
    gib = sum(volume["size_gib"] for volume in it["volumes"])
    for step in book["steps"]:
        made = steps.get(step["id"], {}).get("outputs", {}).get("image_id")
        if step["action"] == "create_image" and made:
            why = f"the backup of {book['resource']['resource_id']}, with its snapshots"
            left.append(leftover("image", made, why, gib * SNAPSHOT_PRICE, True))
    return left


def complete(before, validated):
    after = {**before, "validation": validated}
    data = {"gone": validated["gone"], "leftovers": validated["leftovers"]}
    proved = process.commit(before, after, "VALIDATED", "function:validate", data)
    resource = proved["resource"]
    outcome = f"{resource['resource_type']} {resource['resource_id']} is gone: {validated['gone']['how']}"
    after = {**process.at(proved, "completed"), "outcome": outcome}
    after = process.commit(proved, after, "PROCESS_COMPLETED", "function:validate", {"outcome": outcome})
    print({"level": "INFO", "process_id": after["process_id"], "outcome": outcome})
    return answer(after, "done", outcome, 0)


def lambda_handler(event, context):
    process_id = event["process_id"]
    before = process.read(process_id)
    if before["status"] == "completed":
        return answer(before, "done", before["outcome"], 0)
    if before["status"] != "in_progress" or before["rolling_back"]:
        raise ValueError(f"process {process_id} is {before['status']}: nothing is to be gone")
    book = process.document(process_id, "PLAN", before["plan"])["runbook"]
    steps = {step["step"]: step for step in ledger.query(process.pk(process_id), "STEP#")}
    irreversible = [step["id"] for step in book["steps"] if step["effect"] == "irreversible" and step["id"] in steps]
    if not irreversible:
        raise ValueError(f"process {process_id} has called nothing irreversible yet")
    called_at = max(moment(steps[name]["intended_at"]) for name in irreversible)
    now, at = datetime.now(timezone.utc), ledger.now()
    found = gone(observe.glance(before["resource"], at))
    if found["gone"] == "yes":
        number = before["approved_assessment"] or before["assessment"]
        approved = process.document(process_id, "ASSESSMENT", number)
        left = leftovers(book, approved["observation"], steps)
        return complete(before, {"at": at, "gone": found, "leftovers": left})
    waited = now - called_at
    if waited < timedelta(seconds=VALIDATION_SECONDS):
        return answer(before, "waiting", found["why"], min(max(int(waited.total_seconds()), 5), 900))
    why = f"not proved gone: {found['why']}"
    after = {**before, "outcome": why, "validation": {"at": at, "gone": found, "leftovers": []}}
    after = process.commit(before, after, "VALIDATED", "function:validate", {"gone": found})
    return answer(after, "failed", why, 0)
