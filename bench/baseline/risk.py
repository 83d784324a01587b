"""What an observation of an instance means: the points, floors and blockers in short."""

import os
import re
from datetime import datetime, timezone

from process import moment, sha256

ACCOUNT_ID = os.environ["SUNSET_ACCOUNT_ID"]
LEVELS = ["low", "medium", "high", "critical"]
REQUIRED = (
    "resource",
    "resource_tracking",
    "resource_dependencies",
    "attributes",
    "volumes",
    "addresses",
    "network_interfaces",
    "target_groups",
    "auto_scaling_groups",
)
ENVIRONMENTS = {
    "high": "production prod prd live",
    "medium": "staging stage stg preproduction preprod preprd prelive pprod uat acceptance acc integration",
    "low": "development develop dev testing test tst qa sandbox sbx demo temporary temp tmp playground lab poc "
    "experimental experiment scratch training ci nonproduction nonprod nonprd nonlive",
}
WORDS = {word: criticality for criticality, words in ENVIRONMENTS.items() for word in words.split()}
QUALIFIERS = set(
    "env environment account stack team shared internal blue green us eu ap ca sa me af il mx cn gov uk de fr jp in "
    "emea apac amer east west north south central northeast northwest southeast southwest".split()
)
STRENGTH = ["low", "medium", "unknown", "high"]
MEANS = {
    "high": "production",
    "medium": "staging",
    "low": "development or the like",
    "unknown": "unknown and counts as production",
}
POINTS = {"low": 1, "medium": 2, "high": 3, "unknown": 3}
MANAGERS = {
    "aws:cloudformation:stack-name": ("CloudFormation", "take it out of the template of stack {}"),
    "aws:autoscaling:groupname": ("Auto Scaling", "lower the desired capacity of Auto Scaling group {}"),
    "aws:ec2:fleet-id": ("EC2 Fleet", "change or delete EC2 Fleet {}"),
    "aws:ec2spot:fleet-request-id": ("Spot Fleet", "change or cancel Spot Fleet request {}"),
    "aws:backup:source-resource": ("AWS Backup", "delete its recovery point in AWS Backup ({})"),
    "eks:nodegroup-name": ("EKS", "scale down or delete node group {}"),
    "eks:cluster-name": ("EKS", "remove it through Kubernetes cluster {}"),
    "karpenter.sh/nodepool": ("Karpenter", "drain the node, or change node pool {} of Karpenter"),
    "elasticbeanstalk:environment-name": ("Elastic Beanstalk", "change or terminate environment {}"),
    "aws:ecs:clustername": ("ECS", "change the capacity of ECS cluster {}"),
}
# Micro-dollars an hour of the size `large` in us-east-1.
FAMILIES = {
    "t2": 92_800, "t3": 83_200, "t3a": 75_200, "t4g": 67_200, "m4": 100_000, "m5": 96_000, "m5a": 86_000,
    "m6a": 86_400, "m6g": 77_000, "m6i": 96_000, "m7a": 115_920, "m7g": 81_600, "m7i": 100_800, "m8g": 89_760,
    "c4": 100_000, "c5": 85_000, "c5a": 77_000, "c6a": 76_500, "c6g": 68_000, "c6i": 85_000, "c7g": 72_500,
    "c7i": 89_250, "c8g": 79_760, "r4": 133_000, "r5": 126_000, "r5a": 113_000, "r6a": 113_400, "r6g": 100_800,
    "r6i": 126_000, "r7g": 107_100, "r7i": 132_300, "r8g": 117_820,
}
SIXTEENTHS = {"nano": 1, "micro": 2, "small": 4, "medium": 8, "large": 16, "xlarge": 32}
VOLUME_PRICES = {
    "gp2": 100_000, "gp3": 80_000, "io1": 125_000, "io2": 125_000, "st1": 45_000, "sc1": 15_000, "standard": 50_000,
}
SNAPSHOT_PRICE = 50_000
ADDRESS_PRICE = 5_000 * 730
RECENT_SECONDS = 30 * 86_400


def folded(value):
    return re.sub("[-_ ]", "", value).lower()


def tagged(found, *names):
    return [(key, value) for key, value in found["tags"].items() if folded(key) in names]


def denies(value):
    return folded(value) in ("no", "none", "false", "0", "n/a", "na", "notapplicable")


def classify(name):
    words = [word.strip("0123456789") for word in re.split(r"\W|_", name.lower())]
    found, stranger = [], False
    for word in filter(None, words):
        if word in WORDS:
            found.append(WORDS[word])
        elif word not in QUALIFIERS:
            stranger = True
    strongest = max(found, key=STRENGTH.index, default="unknown")
    return strongest if strongest == "high" or not stranger else "unknown"


def environment(observation):
    said = []
    if observation["coverages"]["resource_tracking"]["coverage"] != "complete":
        said.append(("unknown", None, "ResourceTracking, which could not be read, may say so"))
    written = [("ResourceTracking", (observation["tracking"] or {}).get("environment"))]
    written += [
        (f"tag {key}", value) for key, value in tagged(observation["found"], "environment", "env", "stage")
    ]
    for by, name in written:
        if name and name.strip():
            said.append((classify(name), name.strip(), f'{by} says "{name.strip()}"'))
    if not said:
        return "unknown", None, "its environment is unknown and counts as production", None
    strongest = max((one[0] for one in said), key=STRENGTH.index)
    agreeing = [one for one in said if one[0] == strongest]
    others = [one for one in said if one[0] != strongest]
    says = ", ".join(one[2] for one in agreeing)
    disagreement = f"{says}, but {', '.join(one[2] for one in others)}" if others else None
    name = next((one[1] for one in agreeing if one[1]), None)
    return strongest, name, f"its environment is {MEANS[strongest]}: {says}", disagreement


def known(observation, name):
    """What ResourceTracking or a tag says, unless it only says that nobody knows."""
    said = [(observation["tracking"] or {}).get(name)] + [value for _, value in tagged(observation["found"], name)]
    said = [value.strip() for value in said if value and value.strip().lower() not in ("", "unknown")]
    return said[0] if said else None


def business(observation):
    criticality, name, reason, disagreement = environment(observation)
    may_be_production = criticality in ("high", "unknown")
    found, critical_by, sensitive_by = observation["found"], [], []
    for key, value in tagged(found, "criticality"):
        levels = {"low": "low", "none": "low", "medium": "medium", "moderate": "medium", "high": "high"}
        says = levels.get(folded(value), "high" if "critical" in folded(value) else "unknown")
        if folded(value) not in levels:
            critical_by.append(f'tag {key} says "{value}"')
        if POINTS[says] > POINTS[criticality]:
            criticality, reason = says, f'tag {key} says "{value}"'
    for key, value in tagged(found, "revenue", "compliance"):
        if not denies(value):
            critical_by.append(f'tag {key} says "{value}"')
    harmless = ("public", "internal", "nonsensitive", "notsensitive", "synthetic", "test", "unclassified")
    for key, value in tagged(found, "dataclass", "dataclassification"):
        if not denies(value) and folded(value) not in harmless:
            sensitive_by.append(f'tag {key} says "{value}"')
    impact = {
        "criticality": criticality,
        "environment": name or "unknown",
        "project": known(observation, "project") or "unknown",
        "owner": known(observation, "owner") or "unknown",
        "business_hours_impact": POINTS[criticality] == 3,
    }
    return impact, reason, may_be_production, critical_by, sensitive_by, name, disagreement


def named(dependents):
    names = ", ".join(f"{one['kind']} {one['id']}" for one in dependents[:3])
    return names if len(dependents) <= 3 else f"{names} and {len(dependents) - 3} more"


def unread(observation):
    gaps = [(source, "not read") for source in REQUIRED if source not in observation["coverages"]]
    for source, coverage in observation["coverages"].items():
        if coverage["coverage"] != "complete":
            gaps.append((source, coverage.get("detail", coverage["coverage"])))
    return sorted(gaps)


def ebs_only(instance_type):
    return instance_type.partition(".")[0] in FAMILIES


def data_at_risk(it):
    if it["volumes"]:
        return "what lies on its EBS volumes " + ", ".join(volume["volume_id"] for volume in it["volumes"])
    if it["root_device_type"] != "ebs" or not ebs_only(it["instance_type"]):
        return "what lies on its instance-store volumes"
    return None


def managers(observation):
    found = {}
    for key, value in observation["found"]["tags"].items():
        lower = key.strip().lower()
        if lower in MANAGERS:
            service, instead = MANAGERS[lower]
            found[service] = {"service": service, "name": value, "change_instead": instead.format(value)}
        elif lower.startswith("aws:") and not lower.startswith("aws:ec2launchtemplate:"):
            service = f"an AWS service (tag {key})"
            instead = f"change or delete it in that service ({value})"
            found[service] = {"service": service, "name": value, "change_instead": instead}
    for one in observation["dependents"]:
        if one["source"] == "auto_scaling_groups":
            service, instead = MANAGERS["aws:autoscaling:groupname"]
            found[service] = {"service": service, "name": one["id"], "change_instead": instead.format(one["id"])}
    return [found[service] for service in sorted(found)]


def blockers(observation, managed_by, own, now):
    def blocker(code, detail):
        return {"code": code, "detail": detail}

    found = observation["found"]
    it, tags = found["configuration"], {key.strip().lower(): value for key, value in found["tags"].items()}
    if it["state"] == "terminated":
        return [blocker("state", "it is in state terminated: there is nothing left to retire")]
    blocked = [
        blocker("unread", f"{source} could not be relied on ({what})")
        for source, what in unread(observation)
        if source in REQUIRED
    ]
    if found["owner_id"] != ACCOUNT_ID:
        blocked.append(blocker("not_owned", f"it is owned by account {found['owner_id']}"))
    if "sunset:keep" in tags:
        blocked.append(blocker("opted_out", "remove tag sunset:keep to let it go"))
    until = tags.get("sunset:keep-until")
    holder = tags.get("sunset:process")
    if (until and moment(until) > now) or (holder and not until and holder.strip() != own):
        blocked.append(blocker("kept_by_process", "wait for that process and that day, or remove its tags"))
    for manager in managed_by:
        detail = f"managed by {manager['service']}, {manager['name']}: {manager['change_instead']}"
        blocked.append(blocker("managed_by", detail))
    blocked += observation["protections"]
    if it["state"] not in ("running", "stopping", "stopped"):
        blocked.append(blocker("state", f"it is in state {it['state']}: assess again once it is running or stopped"))
    if it["root_device_type"] != "ebs":
        blocked.append(blocker("instance_store", f"its root device is {it['root_device_type']}"))
    return blocked


def roles(impact, level, environment_reason, may_be_production, data, sensitive_by):
    asked = []
    if impact["owner"] != "unknown":
        asked.append(("owner:" + impact["owner"], "it is theirs"))
    if LEVELS.index(level) >= 2:
        asked += [(role, f"its risk is {level}") for role in ("infrastructure-manager", "security-team")]
    if LEVELS.index(level) >= 3:
        asked += [(role, f"its risk is {level}") for role in ("cto", "compliance-officer")]
    if may_be_production:
        asked.append(("production-manager", environment_reason))
    if data:
        asked.append(("data-protection-officer", "data goes with it"))
    elif sensitive_by:
        asked.append(("data-protection-officer", f"its data may be sensitive: {sensitive_by[0]}"))
    asked = asked or [("infrastructure-manager", "its owner is unknown, and somebody has to agree")]
    return [{"role": role, "because": because} for role, because in asked]


def recommendations(observation, managed_by, name, disagreement, owner, terms, now):
    it, activity = observation["found"]["configuration"], observation["last_activity"]
    advice = [f"It is managed by {one['service']}: {one['change_instead']}." for one in managed_by]
    gaps = unread(observation)
    if gaps:
        advice.append(f"Assess again once this can be read: {', '.join(source for source, _ in gaps)}.")
    critical = [one for one in observation["dependents"] if one["dependency"] != "optional"]
    if critical:
        advice.append(f"Move what needs it first, or agree with its owners that it ends too: {named(critical)}.")
    elif observation["dependents"]:
        advice.append(f"Tell those who use it: {named(observation['dependents'])}.")
    if activity and (now - moment(activity["at"])).total_seconds() < RECENT_SECONDS:
        advice.append(f"It {activity['what']} as late as {activity['at']}: ask who did that.")
    if name is None:
        advice.append("Find out its environment and write it down, in ResourceTracking or in a tag Environment.")
    if disagreement:
        advice.append(f"Settle which environment it belongs to: {disagreement}.")
    if owner == "unknown":
        advice.append("Find its owner and write the name down, in ResourceTracking or in a tag owner.")
    days = terms["backup_retention_days"]
    advice.append(f"If its data must be kept longer than {days} days, copy the backup before they are over.")
    if it["auto_assigned_public_ip"]:
        advice.append(f"Look for {it['auto_assigned_public_ip']} in DNS records.")
    if not ebs_only(it["instance_type"]):
        advice.append("Save what lies on instance-store volumes: it is lost as soon as the instance stops.")
    staying = [volume["volume_id"] for volume in it["volumes"] if not volume["delete_on_termination"]]
    if staying:
        advice.append(f"Retire the volumes that stay behind it after it: {', '.join(staying)}.")
    return advice


def instance_price(instance_type):
    family, _, size = instance_type.partition(".")
    times = SIXTEENTHS.get(size) or (int(size[:-6]) * 32 if re.fullmatch(r"\d+xlarge", size) else None)
    return FAMILIES[family] * times // 16 * 730 if family in FAMILIES and times else None


def volume_price(volume):
    price = VOLUME_PRICES.get(volume["volume_type"])
    return price * volume["size_gib"] if price else None


def cost(it):
    saved = []
    if it["state"] != "stopped":
        price = instance_price(it["instance_type"])
        saved.append({"what": f"a {it['instance_type']} that runs", "micro_dollars_a_month": price})
        if it["auto_assigned_public_ip"]:
            what = f"its public address {it['auto_assigned_public_ip']}"
            saved.append({"what": what, "micro_dollars_a_month": ADDRESS_PRICE})
    for volume in it["volumes"]:
        if volume["delete_on_termination"]:
            what = f"{volume['volume_id']}, {volume['size_gib']} GiB of {volume['volume_type']}"
            saved.append({"what": what, "micro_dollars_a_month": volume_price(volume)})
    gib = sum(volume["size_gib"] for volume in it["volumes"])
    what = f"the snapshots of its image, at most {gib} GiB"
    return {"saved": saved, "backups": [{"what": what, "micro_dollars_a_month": gib * SNAPSHOT_PRICE}] if gib else []}


def fingerprint(found):
    it = found["configuration"]
    tags = {key: value for key, value in found["tags"].items() if not key.lower().startswith("sunset:")}
    lasting = ("instance_type", "image_id", "availability_zone", "root_device_type", "lifecycle")
    essence = [it[name] for name in lasting]
    essence += [sorted(it["volumes"], key=lambda volume: volume["volume_id"])]
    essence += [it["network_interface_ids"], it["security_group_ids"]]
    return sha256({"owner_id": found["owner_id"], "tags": tags, "is": essence})


def assess(observation, record, number, now):
    at = datetime.now(timezone.utc)
    it = observation["found"]["configuration"]
    impact, reason, may_be_production, critical_by, sensitive_by, name, disagreement = business(observation)
    dependents = observation["dependents"]
    critical = [one for one in dependents if one["dependency"] != "optional"]
    data = data_at_risk(it)
    recoverable = it["root_device_type"] == "ebs" and bool(it["volumes"])
    in_use = it["state"] != "stopped"
    points = [(POINTS[impact["criticality"]], reason)]
    gaps = unread(observation)
    if gaps:
        points.append((7, f"who needs it is unknown and counts as many: {gaps}"))
    elif critical:
        points.append((3, f"needed by {named(critical)}"))
    elif in_use:
        points.append((2, f"in use: it is {it['state']}"))
    elif dependents:
        points.append((2, f"a service may be disturbed: used by {named(dependents)}"))
    if len(critical) > 5:
        points.append((2, f"{len(critical)} need it, more than 5"))
    if len(dependents) > 5:
        points.append((2, f"{len(dependents)} depend on it, more than 5"))
    elif len(dependents) > 1:
        points.append((1, f"{len(dependents)} depend on it"))
    if data:
        points.append((2, f"data goes with it: {data}"))
        if not recoverable:
            points.append((2, "nothing brings that data back"))
    floors = []
    if may_be_production:
        floors.append(("medium", reason))
    if data:
        floors.append(("medium", f"a data store: {data}"))
    if not recoverable:
        floors.append(("high", "nothing brings it back once it is gone"))
    floors += [("critical" if may_be_production else "high", f"critical to the business: {by}") for by in critical_by]
    floors += [("high", f"its data may be sensitive: {by}") for by in sensitive_by]
    score = sum(count for count, _ in points)
    level = LEVELS[(score >= 3) + (score >= 5) + (score >= 7)]
    level = max([level] + [floor for floor, _ in floors], key=LEVELS.index)
    managed_by = managers(observation)
    return {
        "number": number,
        "assessed_at": now,
        "profile": record["terms"]["profile"],
        "observation": observation,
        "fingerprint": fingerprint(observation["found"]),
        "business": impact,
        "technical": {
            "dependency_count": len(dependents),
            "has_critical_dependencies": bool(critical),
            "data_loss_risk": bool(data),
            "service_disruption_risk": bool(in_use or dependents),
        },
        "points": [{"points": count, "reason": why} for count, why in points],
        "score": score,
        "floors": [{"level": floor, "reason": why} for floor, why in floors],
        "level": level,
        "roles": roles(impact, level, reason, may_be_production, data, sensitive_by),
        "recommendations": recommendations(
            observation, managed_by, name, disagreement, impact["owner"], record["terms"], at
        ),
        "cost": cost(it),
        "evidence_complete": not gaps,
        "managed_by": managed_by,
        "blocked": blockers(observation, managed_by, record["process_id"], at),
    }
