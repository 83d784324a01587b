"""Processes: every change of one is a transaction with the audit event that records it."""

import hashlib
import json
import os
from datetime import datetime, timezone

import ledger

AUDIT = os.environ["SUNSET_AUDIT_TABLE"]
NEW = "attribute_not_exists(pk)"

GIVEN_UP = {"failed", "cancelled"}
ROLLED_BACK = {"rolled_back", "rollback_failed", "failed"}
# From where, to where.
TRANSITIONS = {
    "identified": {"assessed", "blocked"} | GIVEN_UP,
    "assessed": {"awaiting_approval", "approved", "blocked"} | GIVEN_UP,
    "awaiting_approval": {"approved", "rejected", "expired", "blocked"} | GIVEN_UP,
    "approved": {"planned", "awaiting_approval", "blocked"} | GIVEN_UP,
    "planned": {"in_progress"} | GIVEN_UP,
    "in_progress": {"soaking", "held", "completed"} | ROLLED_BACK,
    "soaking": {"scheduled", "in_progress", "held"} | ROLLED_BACK,
    "scheduled": {"in_progress", "held"} | ROLLED_BACK,
    "held": {"in_progress", "completed"} | ROLLED_BACK,
}


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=int)


def sha256(value):
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def text(at):
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def pk(process_id):
    return "PROC#" + process_id


def read(process_id):
    record = ledger.get(pk(process_id))
    if record is None:
        raise ValueError(f"process_id {process_id}: no such process in the ledger")
    return record


def document(process_id, kind, number):
    found = ledger.get(pk(process_id), f"{kind}#{int(number):04}")
    if found is None:
        raise ValueError(f"process {process_id} has no {kind.lower()} {number}")
    return json.loads(found["document"])


def kept(process_id, kind, value):
    """A document as an item that must be new."""
    held = {"document": json.dumps(value, default=int)}
    return ledger.item(pk(process_id), f"{kind}#{value['number']:04}", held), True


def step_item(process_id, step):
    return ledger.item(pk(process_id), "STEP#" + step["step"], step)


def at(record, status):
    """The process in another status."""
    if status not in TRANSITIONS.get(record["status"], ()):
        raise ValueError(f"process {record['process_id']} is {record['status']}, and cannot be {status}")
    return {**record, "status": status}


def next_event(record, kind, actor, now, data):
    seq, previous = int(record["audit"]["seq"]) + 1, record["audit"]["hash"]
    process_id = record["process_id"]
    return {
        "process_id": process_id,
        "seq": seq,
        "type": kind,
        "actor": actor,
        "at": now,
        "data": data,
        "previous_hash": previous,
        "hash": sha256([process_id, seq, kind, actor, now, data, previous]),
    }


def serialized(record):
    return {name: ledger.serialize(ledger.plain(value)) for name, value in record.items()}


def lock_key(record):
    return "LOCK#" + record["resource"]["resource_id"]


def mine(record):
    condition = "process_id = :mine AND fence = :fence"
    return condition, {":mine": {"S": record["process_id"]}, ":fence": {"N": str(record["fence"])}}


def locked(before, after, now):
    """The process holds its resource still, and gives it back at its end."""
    if after["status"] in TRANSITIONS or after["status"] == "rollback_failed":
        return ledger.check(ledger.key(lock_key(before)), *mine(before))
    free = {"process_id": None, "fence": before["fence"], "changed_at": now}
    return ledger.putting(ledger.item(lock_key(before), "META", free), *mine(before))


def commit(before, after, kind, actor, data, items=(), acts=False):
    """Writes a change, or nothing. `items` come with whether they must be new."""
    now = ledger.now()
    event = next_event(before, kind, actor, now, data)
    after = {
        **after,
        "audit": {"seq": event["seq"], "hash": event["hash"]},
        "version": int(before["version"]) + 1,
        "updated_at": now,
    }
    writes = []
    if before["mode"] == "live" and before["status"] in TRANSITIONS:
        writes.append(locked(before, after, now))
    if acts:
        writes.append(ledger.check(ledger.key("PAUSE"), NEW))
    meta = ledger.item(pk(before["process_id"]), "META", after)
    writes.append(ledger.putting(meta, "version = :before", {":before": {"N": str(before["version"])}}))
    audited = {"TableName": AUDIT, "Item": serialized(event), "ConditionExpression": "attribute_not_exists(process_id)"}
    writes.append({"Put": audited})
    writes += [ledger.putting(item, NEW if new else None) for item, new in items]
    ledger.transact(writes)
    return after


def cast(before, vote, actor):
    """Writes a vote: of the record it changes what counts its writes and names its newest event, and nothing else."""
    now, process_id = ledger.now(), before["process_id"]
    event = next_event(before, "VOTE_CAST", actor, now, {"vote": vote})
    changed = {
        "version": int(before["version"]) + 1,
        "audit": {"seq": event["seq"], "hash": event["hash"]},
        "updated_at": now,
    }
    update = {
        "TableName": ledger.TABLE,
        "Key": ledger.key(pk(process_id)),
        "UpdateExpression": "SET version = :version, audit = :audit, updated_at = :updated_at",
        "ConditionExpression": "version = :before",
        "ExpressionAttributeValues": {
            ":before": {"N": str(before["version"])},
            **{f":{name}": value for name, value in serialized(changed).items()},
        },
    }
    item = ledger.item(pk(process_id), f"VOTE#{int(vote['round']):04}#{vote['person']}", vote)
    audited = {"TableName": AUDIT, "Item": serialized(event), "ConditionExpression": "attribute_not_exists(process_id)"}
    held = [ledger.check(ledger.key(lock_key(before)), *mine(before))] if before["mode"] == "live" else []
    ledger.transact([*held, {"Update": update}, ledger.putting(item, NEW), {"Put": audited}])
    return {**before, **changed}
