"""What list and deregister decide by: the rules in short."""

import fnmatch
import os
from datetime import datetime, timezone

import account

ACCOUNT_ID = os.environ["SUNSET_ACCOUNT_ID"]


def deployed_policy():
    """The policy in the function's environment."""

    def variable(name, default):
        return os.environ.get("SUNSET_" + name) or default

    def patterns(name):
        return [pattern for pattern in variable(name, "").split(",") if pattern]

    include = {"names": patterns("INCLUDE_NAMES"), "tags": patterns("INCLUDE_TAGS")}
    exclude = {"names": patterns("EXCLUDE_NAMES"), "tags": patterns("EXCLUDE_TAGS")}
    return {
        "valid_hours": int(variable("VALID_HOURS", 2160)),
        "grace_days": int(variable("GRACE_DAYS", 7)),
        "keep_newest": int(variable("KEEP_NEWEST", 3)),
        "min_idle_days": int(variable("MIN_IDLE_DAYS", 30)),
        "include": [include] if any(include.values()) else [],
        "exclude": [exclude] if any(exclude.values()) else [],
        "allow_shared": variable("ALLOW_SHARED", "false") == "true",
        "max_deletions": int(variable("MAX_DELETIONS", 50)),
        "max_share": float(variable("MAX_SHARE", 0.2)),
        "max_failed_share": float(variable("MAX_FAILED_SHARE", 0.1)),
        "second_opinion": False,
        "all_template_versions": False,
    }


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def places(images):
    """How many available images of its family are newer than each image."""
    families = {}
    for image in images:
        families.setdefault(account.family(image), []).append(image)
    newer = {}
    for members in families.values():
        members.sort(key=lambda image: image["CreationDate"], reverse=True)
        available = 0
        for image in members:
            newer[image["ImageId"]] = available
            available += image["State"] == "available"
    return newer


def matches(image, filter):
    tags = account.tags(image)
    return any(fnmatch.fnmatchcase(image.get("Name", ""), pattern) for pattern in filter["names"]) or any(
        pattern.partition("=")[0] in tags for pattern in filter["tags"]
    )


def never_touch(image):
    tags = account.tags(image)
    if image.get("OwnerId") != ACCOUNT_ID:
        yield {"code": "not_owned", "owner": image.get("OwnerId")}
    if "sunset:keep" in tags:
        yield {"code": "opted_out", "tag": "sunset:keep"}
    if "aws:backup:source-resource" in tags or image.get("Name", "").startswith("AwsBackup"):
        yield {"code": "managed_by", "service": "AWS Backup"}
    if "aws:dlm:lifecycle-policy-id" in tags or "dlm:managed" in tags:
        yield {"code": "managed_by", "service": "Data Lifecycle Manager"}
    if image.get("Public"):
        yield {"code": "public"}
    if image.get("ProductCodes"):
        yield {"code": "marketplace"}
    if image.get("RootDeviceType") == "instance-store":
        yield {"code": "instance_store"}
    if image.get("DeregistrationProtection", "disabled") != "disabled":
        yield {"code": "protected", "protection": image["DeregistrationProtection"]}


def verdict(image, uses, newer, record, permissions, policy, now=None):
    """The action, and every reason. `record` and `permissions` are None where they were not read yet."""
    now = now or datetime.now(timezone.utc)
    keep = list(never_touch(image))
    keep += [{"code": "in_use", **by} for by in uses.get(image["ImageId"], [])]
    keep += [{"code": "not_included"} for filter in policy["include"] if not matches(image, filter)]
    keep += [{"code": "excluded"} for filter in policy["exclude"] if matches(image, filter)]
    if permissions and not policy["allow_shared"]:
        keep.append({"code": "shared", "with": permissions})
    if policy["keep_newest"] and newer.get(image["ImageId"], 0) < policy["keep_newest"]:
        keep.append({"code": "newest_of_family", "newer_available": newer.get(image["ImageId"], 0)})
    launched = image.get("LastLaunchedTime")
    if launched and (now - moment(launched)).days < policy["min_idle_days"]:
        keep.append({"code": "recently_launched", "last_launched_at": launched})
    age = (now - moment(image["CreationDate"])).total_seconds()
    expired = {"age_seconds": int(age), "valid_hours": int(policy["valid_hours"])}
    if age <= policy["valid_hours"] * 3600:
        keep.append({"code": "too_young", **expired})
    if image["State"] == "available":
        action = "disable" if policy["grace_days"] else "deregister"
    elif image["State"] == "disabled" and record and record.get("disabled_at"):
        waited = (now - moment(record["disabled_at"])).total_seconds()
        action = "deregister"
        if waited < policy["grace_days"] * 86400:
            keep.append({"code": "in_grace", "disabled_at": record["disabled_at"]})
    elif image["State"] == "disabled":
        action = "disable" if policy["grace_days"] else "deregister"
    else:
        action = "keep"
        keep.append({"code": "state", "state": image["State"]})
    if keep:
        return "keep", keep
    return action, [{"code": "expired", **expired}, {"code": "unused"}]
