"""delete-snapshot with boto3: the same calls, the same answer."""

import os

import account
import ledger
from account import ec2

ACCOUNT_ID = os.environ["SUNSET_ACCOUNT_ID"]


def look(ids):
    if not ids:
        return {}
    found = account.snapshots(ids)
    holders = account.images_on(ids)
    candidates = {}
    for snapshot in found:
        snapshot_id = snapshot["SnapshotId"]
        attribute = ec2.describe_snapshot_attribute(
            SnapshotId=snapshot_id, Attribute="createVolumePermission"
        )
        locks = ec2.describe_locked_snapshots(SnapshotIds=[snapshot_id])["Snapshots"]
        candidates[snapshot_id] = {
            "snapshot": snapshot,
            "images": holders[snapshot_id],
            "permissions": attribute.get("CreateVolumePermissions", []),
            "lock": next((lock["LockState"] for lock in locks if lock["LockState"] != "expired"), None),
        }
    return candidates


def reasons_to_keep(candidate, policy):
    reasons = []
    tags = account.tags(candidate["snapshot"])
    if "sunset:keep" in tags:
        reasons.append("opted out by tag sunset:keep")
    if any(tag.startswith("aws:backup:") or tag.startswith("aws:dlm:") or tag == "dlm:managed" for tag in tags):
        reasons.append("managed by a service")
    if candidate["snapshot"].get("OwnerId") != ACCOUNT_ID:
        reasons.append("not owned")
    if candidate["images"]:
        reasons.append("used by " + ", ".join(candidate["images"]))
    if candidate["permissions"] and not policy["allow_shared"]:
        reasons.append("shared")
    if candidate["lock"]:
        reasons.append("locked: " + candidate["lock"])
    return reasons


def savings(snapshot):
    size = snapshot.get("FullSnapshotSizeInBytes") or snapshot.get("VolumeSize", 0) << 30
    price = 12_500 if snapshot.get("StorageTier") == "archive" else 50_000
    return size * price >> 30


def delete(run, pending, candidates):
    run_id, snapshot_id = run["run_id"], pending["snapshot_id"]
    candidate = candidates.get(snapshot_id)
    outcome, reason, saved = "already_gone", None, 0
    if candidate:
        reasons = reasons_to_keep(candidate, run["policy"])
        if reasons:
            record(run_id, pending, "kept", "; ".join(reasons), 0)
            return
        pending = {
            **pending,
            "deleting_at": pending.get("deleting_at") or ledger.now(),
            "saves_at_most_micro_dollars_a_month": savings(candidate["snapshot"]),
        }
        sk = f"{pending['image_id']}#{snapshot_id}"
        ledger.transact(
            ledger.guard(run_id)
            + [
                ledger.putting(
                    ledger.item(ledger.PENDING, sk, pending),
                    "written_at = :seen",
                    {":seen": {"S": pending["written_at"]}},
                )
            ]
        )
        ec2.delete_snapshot(SnapshotId=snapshot_id)
        outcome, saved = "deleted", pending["saves_at_most_micro_dollars_a_month"]
    record(run_id, pending, outcome, reason, saved)


def record(run_id, pending, outcome, reason, saved):
    image_id, snapshot_id = pending["image_id"], pending["snapshot_id"]
    result = {
        "snapshot_id": snapshot_id,
        "outcome": outcome,
        "size_gib": pending["size_gib"],
        "saves_at_most_micro_dollars_a_month": saved,
    }
    if reason:
        result["reason"] = reason
    written = {"image_id": image_id, "result": result, "written_at": ledger.now()}
    ledger.transact(
        [
            ledger.putting(ledger.item("RUN#" + run_id, f"SNAPSHOT#{image_id}#{snapshot_id}", written)),
            ledger.deleting(ledger.key(ledger.PENDING, f"{image_id}#{snapshot_id}")),
        ]
    )
    print({"level": "INFO", "snapshot_id": snapshot_id, "image_id": image_id, "outcome": outcome})


def lambda_handler(event, context):
    image_id = event["ImageId"]
    run = ledger.open_run(event["run_id"])
    waiting = ledger.query(ledger.PENDING, image_id + "#")
    candidates = look([pending["snapshot_id"] for pending in waiting])
    for pending in waiting:
        delete(run, pending, candidates)
    records = ledger.query("RUN#" + run["run_id"], f"SNAPSHOT#{image_id}#")
    return {
        "run_id": run["run_id"],
        "image_id": image_id,
        "snapshots": [written["result"] for written in records],
    }
