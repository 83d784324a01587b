"""execute with boto3: the same calls, the same answer, for the steps of an instance before its soak."""

import os
import time
from datetime import datetime, timedelta, timezone

import ledger
import process
from account import ec2, tags
from observe import instance_of
from process import moment

SETTLE_SECONDS = int(os.environ.get("SUNSET_SETTLE_SECONDS") or 90)
BUDGET_SECONDS = 45
MAX_ATTEMPTS = 5
CALLS_NOTHING = ("record_configuration", "verify_backup", "soak")
NOT_DONE, UNDER_WAY, DONE, IMPOSSIBLE = "not done", "under way", "done", "impossible"


class Work:
    def __init__(self, record, plan, steps):
        self.record, self.plan, self.steps = record, plan, steps
        self.process_id = record["process_id"]
        self.began = time.monotonic()

    def at_work(self):
        return self.record if self.record["status"] == "in_progress" else process.at(self.record, "in_progress")

    def write(self, kind, step, written, more=None, acts=False):
        data = {
            name: written[name] for name in ("state", "attempts", "undo_attempts", "inputs", "outputs", "error")
        }
        data = {"step": step["id"], "action": step["action"], "more": more, **data}
        item = process.step_item(self.process_id, written), False
        self.record = process.commit(
            self.record, self.at_work(), kind, "function:execute", data, [item], acts
        )
        self.steps[step["id"]] = written

    def waiting(self, step, reason, seconds):
        return {
            "process_id": self.process_id,
            "state": "waiting",
            "wait_seconds": seconds,
            "mode": self.record["mode"],
            "step": step["id"],
            "reason": reason[:1000],
        }

    def answer(self, state, step, reason):
        soak = int(self.record["terms"]["soak_seconds"])
        return {**self.waiting({"id": step}, reason, 0), "state": state, "soak_seconds": soak}


def check(work):
    """The process stands where this begins or goes on, under the very plan that was approved."""
    record, approved = work.record, work.record["approved_plan_hash"]
    if record["rolling_back"] or record["status"] not in ("planned", "in_progress"):
        raise ValueError(f"process {work.process_id} is {record['status']}")
    if not approved or record["plan_hash"] != approved or process.sha256(work.plan["runbook"]) != approved:
        raise ValueError(f"process {work.process_id}: the plan is not the approved one")


def look(work, step, inputs):
    action = step["action"]
    if action == "record_configuration":
        return DONE, ""
    instance_id = inputs.get("resource_id") or inputs["instance_id"]
    instance = instance_of(instance_id)
    if action == "tag_resource":
        if instance is None:
            return IMPOSSIBLE, f"{instance_id} does not exist"
        holder = tags(instance).get("sunset:process")
        if holder is None:
            return NOT_DONE, "not tagged"
        return (DONE, "") if holder == work.process_id else (IMPOSSIBLE, f"it belongs to process {holder}")
    if action == "stop_instance":
        state = instance["State"]["Name"] if instance else "terminated"
        if state in ("shutting-down", "terminated"):
            return IMPOSSIBLE, f"instance {instance_id} is {state}"
        return {"stopped": DONE, "stopping": UNDER_WAY, "pending": UNDER_WAY}.get(state, NOT_DONE), state
    raise ValueError(f"{action} is not measured here")


def act(work, step, inputs):
    if step["action"] == "tag_resource":
        mark = [{"Key": "sunset:process", "Value": work.process_id}]
        ec2.create_tags(Resources=[inputs["resource_id"]], Tags=mark)
    else:
        ec2.stop_instances(InstanceIds=[inputs["instance_id"]])


def over(since, now, seconds):
    return now - moment(since) >= timedelta(seconds=int(seconds))


def going_forward(step, known, view, now):
    """What one look means for a step."""
    if view in (DONE, IMPOSSIBLE):
        return {DONE: "record", IMPOSSIBLE: "fail"}[view]
    if known is None:
        return "wait" if view == UNDER_WAY else "call"
    if known["state"] == "intended" and view == NOT_DONE:
        if not over(known["intended_at"], now, SETTLE_SECONDS):
            return "wait"
        return "fail" if known["attempts"] >= MAX_ATTEMPTS else "call"
    return "fail" if over(known["begun_at"], now, step["timeout_seconds"]) else "wait"


def resolved(work, step):
    inputs = {}
    for name, given in step["inputs"].items():
        output = given.get("output")
        inputs[name] = work.steps[output["step"]]["outputs"][output["name"]] if output else given["value"]
    return inputs


def begun(step, inputs, known):
    now = ledger.now()
    fresh = {
        "step": step["id"],
        "state": "called",
        "attempts": 0,
        "undo_attempts": 0,
        "intended_at": now,
        "begun_at": now,
        "outputs": {},
        "looks": 0,
        "under_hold": 0,
        "error": None,
    }
    return {**(known or fresh), "inputs": inputs}


def carry_out(work, step, inputs, known):
    """The intent is written, and only then is anything called."""
    now = ledger.now()
    intent = begun(step, inputs, known)
    if intent["state"] != "intended":
        intent["begun_at"] = now
    intent.update(state="intended", attempts=int(intent["attempts"]) + 1, intended_at=now, looks=0, error=None)
    work.write("STEP_INTENDED", step, intent, acts=True)
    act(work, step, inputs)
    work.steps[step["id"]] = {**intent, "state": "called"}


def wait(work, step, reason):
    known = work.steps.get(step["id"])
    if known and known["state"] == "called" and known["looks"] == 0:
        known = {**known, "looks": 1}
        work.write("STEP_CALLED", step, known, {"effect": step["effect"]})
    looks = int(known["looks"]) if known else 0
    if known:
        item = process.step_item(work.process_id, {**known, "looks": looks + 1})
        ledger.conditional(
            ledger.dynamodb.put_item,
            Item=item,
            ConditionExpression="#state = :state AND intended_at = :intended",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":state": {"S": known["state"]}, ":intended": {"S": known["intended_at"]}},
        )
    return work.waiting(step, reason, min(5 * 2**looks, 900))


def take(work, step, known):
    """Takes one step as far as it goes; an answer where this call can do no more."""
    inputs = resolved(work, step)
    view, what = look(work, step, inputs)
    following = going_forward(step, known, view, datetime.now(timezone.utc))
    if following == "wait":
        return wait(work, step, what)
    if following == "call":
        carry_out(work, step, inputs, known)
        return None
    written = begun(step, inputs, known)
    if following == "fail":
        work.write("STEP_FAILED", step, {**written, "state": "failed", "error": what}, {"effect": step["effect"]})
        return None
    ours = bool(known and known["attempts"] > 0) or step["action"] in CALLS_NOTHING
    written.update(state="done" if ours else "skipped", error=None)
    work.write("STEP_DONE" if ours else "STEP_SKIPPED", step, written, {"effect": step["effect"]})
    print({"level": "INFO", "process_id": work.process_id, "step": step["id"], "state": written["state"]})
    return None


def lambda_handler(event, context):
    process_id = event["process_id"]
    record = process.read(process_id)
    plan = process.document(process_id, "PLAN", record["plan"])
    steps = {step["step"]: step for step in ledger.query(process.pk(process_id), "STEP#")}
    work = Work(record, plan, steps)
    check(work)
    for step in plan["runbook"]["steps"]:
        if step["action"] == "soak":
            break
        while True:
            known = work.steps.get(step["id"])
            state = known["state"] if known else None
            if state in ("done", "skipped"):
                break
            if state not in (None, "intended", "called"):
                return work.answer("failed", step["id"], known["error"] or "")
            if time.monotonic() - work.began > BUDGET_SECONDS:
                return work.waiting(step, "this call's time is up", 1)
            answer = take(work, step, known)
            if answer:
                return answer
    return work.answer("done", "", "")
