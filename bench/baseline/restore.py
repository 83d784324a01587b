"""restore with boto3: the same calls, the same answer, for an image that is disabled."""

import account
import ledger
from account import ec2


def grants(permissions):
    """Recorded permissions as EC2 takes them."""
    return [
        {"Group": "all"} if permission["kind"] == "everybody" else {"UserId": permission["value"]}
        for permission in permissions
    ]


def lambda_handler(event, context):
    image_id = event["image_id"]
    known = ledger.get("IMAGE#" + image_id)
    image = account.look_at(image_id)
    if image is None or image["State"] != "disabled":
        raise ValueError(f"{image_id} is not disabled")
    record = {
        **known,
        "version": int(known["version"]) + 1,
        "status": "restoring",
        "written_at": ledger.now(),
    }
    ledger.transact([ledger.putting_image(record)])
    ec2.enable_image(ImageId=image_id)
    image = account.look_at(image_id)
    present = account.launch_permissions(image_id)
    missing = [grant for grant in grants(known["launch_permissions"]) if grant not in present]
    if missing:
        ec2.modify_image_attribute(ImageId=image_id, LaunchPermission={"Add": missing})
    there = account.tags(image)
    tags = {
        name: value
        for name, value in known["tags"].items()
        if not name.startswith("aws:") and name != "sunset:disabled-at" and there.get(name) != value
    }
    if "sunset:keep" not in there:
        tags["sunset:keep"] = "restored " + ledger.now()
    if tags:
        ec2.create_tags(Resources=[image_id], Tags=[{"Key": name, "Value": value} for name, value in tags.items()])
    if "sunset:disabled-at" in there:
        ec2.delete_tags(Resources=[image_id], Tags=[{"Key": "sunset:disabled-at"}])
    waiting = ledger.query(ledger.PENDING, image_id + "#")
    record = {
        **record,
        "version": record["version"] + 1,
        "status": "restored",
        "written_at": ledger.now(),
        "disabled_at": None,
        "deregistered_at": None,
        "owner_told_at": None,
    }
    items = [ledger.putting_image(record)]
    items += [
        ledger.deleting(ledger.key(ledger.PENDING, f"{image_id}#{pending['snapshot_id']}")) for pending in waiting
    ]
    ledger.transact(items)
    print({"level": "INFO", "image_id": image_id, "outcome": "enabled", "mode": event["mode"]})
    return {
        "image_id": image_id,
        "mode": event["mode"],
        "outcome": "enabled",
        "reason": "tagged sunset:keep, so that the next run leaves it",
        "given_back": {"launch_permissions": missing, "tags": tags},
    }
