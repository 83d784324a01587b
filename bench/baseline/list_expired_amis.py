"""list-expired-amis with boto3: the same calls, the same answer."""

import hashlib
import json
import os
from datetime import datetime, timezone

import boto3

import account
import ledger
from verdict import deployed_policy, places, verdict

account.reads_all_uses()
s3 = boto3.client("s3")

BUCKET = os.environ["SUNSET_BUCKET"]
POLICY = deployed_policy()


def run_id_of(execution):
    digest = hashlib.sha256(execution["arn"].encode()).hexdigest()[:12]
    return execution["started_at"].replace("-", "").replace(":", "") + "-" + digest


def savings(due):
    ids = [snapshot_id for image in due for snapshot_id in account.snapshot_ids(image)]
    each = {
        snapshot["SnapshotId"]: (snapshot.get("FullSnapshotSizeInBytes") or snapshot["VolumeSize"] << 30) * 50_000 >> 30
        for at in range(0, len(ids), 200)
        for snapshot in account.snapshots(ids[at : at + 200])
    }
    return {image["ImageId"]: sum(each.get(key, 0) for key in account.snapshot_ids(image)) for image in due}


def sentence(reason):
    return ", ".join(f"{name} {value}" for name, value in reason.items())


def markdown(run_id, counts, decided):
    lines = [f"# ami-cleanup {run_id}", "", str(counts), "", "| image | name | verdict | why |", "|---|---|---|---|"]
    for one in decided:
        if one["verdict"] != "keep":
            why = "; ".join(reason["text"] for reason in one["reasons"])
            lines.append(f"| {one['image_id']} | {one['name']} | {one['verdict']} | {why} |")
    return "\n".join(lines) + "\n"


def put(run_id, name, content_type, body):
    key = f"runs/{run_id}/{name}"
    s3.put_object(Bucket=BUCKET, Key=key, ContentType=content_type, Body=body)
    return {"bucket": BUCKET, "key": key}


def line(image, run_id, action):
    mappings = []
    for mapping in image.get("BlockDeviceMappings", []):
        ebs = mapping.get("Ebs", {})
        kept = {name: ebs[name] for name in ("SnapshotId", "VolumeSize") if name in ebs}
        mappings.append({"DeviceName": mapping["DeviceName"], **({"Ebs": kept} if kept else {})})
    return {
        "run_id": run_id,
        "action": action,
        "ImageId": image["ImageId"],
        "Name": image.get("Name", ""),
        "CreationDate": image["CreationDate"],
        "BlockDeviceMappings": mappings,
    }


def lambda_handler(event, context):
    execution = event["execution"]
    run_id, started = run_id_of(execution), ledger.now()
    run = {
        "run_id": run_id,
        "execution_arn": execution["arn"],
        "mode": event["input"]["mode"],
        "policy": POLICY,
        "started_at": started,
        "result": None,
        "closed_at": None,
    }
    if not ledger.put_if(ledger.item("RUN#" + run_id, "META", run), "attribute_not_exists(pk)"):
        raise ValueError(f"run {run_id} was begun before")
    if ledger.get("PAUSE"):
        raise ValueError("paused")
    lock = {"run_id": run_id, "execution_arn": execution["arn"], "acquired_at": started}
    mine = {":mine": {"S": run_id}}
    if not ledger.put_if(
        ledger.item(ledger.LOCK, "META", lock), "attribute_not_exists(pk) OR run_id = :mine", mine
    ):
        raise ValueError("another run is at work")

    images = account.images()
    reading = account.read_uses()
    reading.count("images", len(images))
    newer = places(images)
    baseline = ledger.get(ledger.BASELINE)
    for source, last in (baseline or {}).get("items", {}).items():
        if reading.items.get(source, 0) * 2 < last and last - reading.items.get(source, 0) >= 20:
            raise ValueError(f"{source} shrank")

    now = datetime.now(timezone.utc)
    first = {image["ImageId"]: verdict(image, reading.uses, newer, None, None, POLICY, now) for image in images}
    shortlist = [image for image in images if first[image["ImageId"]][0] != "keep"]
    records = {found["image_id"]: found for found in ledger.batch_get(["IMAGE#" + i["ImageId"] for i in shortlist])}
    if len(shortlist) > POLICY["max_deletions"]:
        raise ValueError(f"{len(shortlist)} images are due")
    permissions = {image["ImageId"]: account.launch_permissions(image["ImageId"]) for image in shortlist}
    final = {
        image["ImageId"]: verdict(
            image,
            reading.uses,
            newer,
            records.get(image["ImageId"]),
            permissions.get(image["ImageId"]),
            POLICY,
            now,
        )
        for image in images
    }
    ledger.get(ledger.BASELINE)
    ledger.put(ledger.item(ledger.BASELINE, "META", {"items": reading.items}))
    ledger.query(ledger.PENDING)

    due = [image for image in images if final[image["ImageId"]][0] != "keep"]
    due.sort(key=lambda image: (image["CreationDate"], image["ImageId"]))
    saved = savings(due)
    decided = []
    for image in images:
        action, reasons = final[image["ImageId"]]
        decided.append(
            {
                "image_id": image["ImageId"],
                "name": image.get("Name", ""),
                "created_at": image["CreationDate"],
                "state": image["State"],
                "verdict": action,
                "reasons": [{**reason, "text": sentence(reason)} for reason in reasons],
                "snapshot_ids": account.snapshot_ids(image),
                "size_gib": sum(
                    mapping.get("Ebs", {}).get("VolumeSize", 0) for mapping in image.get("BlockDeviceMappings", [])
                ),
                "saves_at_most_micro_dollars_a_month": saved.get(image["ImageId"]),
            }
        )
    lines = [line(image, run_id, final[image["ImageId"]][0]) for image in due]
    actions = [one["action"] for one in lines]
    counts = {
        "images": len(images),
        "due": len(due),
        "disable": actions.count("disable"),
        "deregister": actions.count("deregister"),
        "drain": 0,
        "kept": len(images) - len(due),
        "blocked": 0,
    }
    reason = f"{len(due)} images are due, 0 wait for their snapshots"
    report = {
        "schema": 1,
        "run_id": run_id,
        "mode": run["mode"],
        "verdict": "proceed",
        "reason": reason,
        "decided_at": ledger.now(),
        "policy": POLICY,
        "sources": [{"source": source, "items": items} for source, items in reading.items.items()],
        "counts": counts,
        "images": decided,
    }
    put(run_id, "report.md", "text/markdown; charset=utf-8", markdown(run_id, counts, decided).encode())
    report = put(run_id, "report.json", "application/json", json.dumps(report).encode())
    body = "".join(json.dumps(one) + "\n" for one in lines).encode()
    manifest = put(run_id, "manifest.jsonl", "application/x-ndjson", body)
    result = {
        "run_id": run_id,
        "mode": run["mode"],
        "verdict": "proceed",
        "reason": reason,
        "counts": counts,
        "manifest": manifest,
        "report": report,
    }
    ledger.put_if(
        ledger.item("RUN#" + run_id, "META", {**run, "result": result}), ledger.STILL_OPEN, ledger.NULL
    )
    print(json.dumps({"level": "INFO", "run_id": run_id, "verdict": "proceed", "due": len(due)}))
    print(json.dumps({"_aws": {"CloudWatchMetrics": []}, "ImagesDue": len(due), "ImagesBlocked": 0}))
    return result
