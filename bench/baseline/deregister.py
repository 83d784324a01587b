"""deregister with boto3: the same calls, the same answer."""

import time

import account
import ledger
from account import ec2
from verdict import places, verdict

account.reads_all_uses()

# What cannot be asked about one image, kept while it is young enough.
index = (None, 0.0)
MAX_AGE_SECONDS = 300


def fresh_index():
    global index
    reading, since = index
    if reading is None or time.monotonic() - since > MAX_AGE_SECONDS:
        since = time.monotonic()
        reading = account.read_unfilterable()
        index = (reading, since)
    return reading


def fresh_look(image, record, policy):
    image_id = image["ImageId"]
    whole = fresh_index()
    own = account.uses_of(image_id)
    family = account.family_of(image)
    permissions = account.launch_permissions(image_id)
    uses = {image_id: whole.uses.get(image_id, []) + own.uses.get(image_id, [])}
    if all(member["ImageId"] != image_id for member in family):
        family.append(image)
    action, reasons = verdict(image, uses, places(family), record, permissions, policy)
    return action, reasons, permissions


def permission(grant):
    if "Group" in grant:
        return {"kind": "everybody"}
    return {"kind": "account", "value": grant["UserId"]}


def block_devices(image):
    return [
        {
            "device_name": mapping["DeviceName"],
            "snapshot_id": mapping.get("Ebs", {}).get("SnapshotId"),
            "size_gib": mapping.get("Ebs", {}).get("VolumeSize"),
        }
        for mapping in image.get("BlockDeviceMappings", [])
    ]


def intent(image, known, permissions, status, run_id, now):
    begun = known if known and image["State"] == "disabled" and known["status"] != "restored" else None
    return {
        "image_id": image["ImageId"],
        "version": int(known["version"]) + 1 if known else 1,
        "status": status,
        "run_id": run_id,
        "written_at": now,
        "disabled_at": begun["disabled_at"] if begun else None,
        "deregistered_at": None,
        "owner_told_at": begun.get("owner_told_at") if begun else None,
        "name": image.get("Name", ""),
        "created_at": image["CreationDate"],
        "tags": begun["tags"] if begun else account.tags(image),
        "launch_permissions": begun["launch_permissions"] if begun else [permission(grant) for grant in permissions],
        "block_devices": block_devices(image),
    }


def pending(image, run_id, now):
    for device in block_devices(image):
        if device["snapshot_id"]:
            yield {
                "image_id": image["ImageId"],
                "snapshot_id": device["snapshot_id"],
                "device_name": device["device_name"],
                "size_gib": device["size_gib"],
                "run_id": run_id,
                "written_at": now,
                "deleting_at": None,
                "saves_at_most_micro_dollars_a_month": 0,
                "kept_at": None,
            }


def deregister(image, known, permissions, run_id):
    image_id, now = image["ImageId"], ledger.now()
    record = intent(image, known, permissions, "deregistering", run_id, now)
    items = ledger.guard(run_id) + [ledger.putting_image(record)]
    for waiting in pending(image, run_id, now):
        sk = f"{image_id}#{waiting['snapshot_id']}"
        items.append(ledger.putting(ledger.item(ledger.PENDING, sk, waiting)))
    ledger.transact(items)
    ec2.deregister_image(ImageId=image_id)
    now = ledger.now()
    record = {**record, "version": record["version"] + 1, "status": "deregistered", "written_at": now}
    record["deregistered_at"] = now
    outcome = {"image_id": image_id, "outcome": "deregistered", "error": None, "written_at": now}
    ledger.transact(
        [
            ledger.putting_image(record),
            ledger.putting(ledger.item("RUN#" + run_id, "IMAGE#" + image_id, outcome)),
        ]
    )
    return "deregistered"


def lambda_handler(event, context):
    image_id, run_id, chosen = event["ImageId"], event["run_id"], event["action"]
    run = ledger.open_run(run_id)
    known = ledger.get("IMAGE#" + image_id)
    before = ledger.get("RUN#" + run_id, "IMAGE#" + image_id)
    if before and before["outcome"]:
        return {"run_id": run_id, "image_id": image_id, "outcome": before["outcome"]}
    image = account.look_at(image_id)
    if image is None:
        return {"run_id": run_id, "image_id": image_id, "outcome": "already_gone"}
    action, reasons, permissions = fresh_look(image, known, run["policy"])
    if action != "deregister" or chosen != "deregister" or run["mode"] != "live":
        raise ValueError(f"{image_id} stays: {reasons}")
    outcome = deregister(image, known, permissions, run_id)
    print({"level": "INFO", "image_id": image_id, "action": chosen, "outcome": outcome, "mode": run["mode"]})
    return {
        "run_id": run_id,
        "image_id": image_id,
        "action": chosen,
        "mode": run["mode"],
        "outcome": outcome,
        "snapshot_ids": account.snapshot_ids(event),
        "permission": None,
    }
