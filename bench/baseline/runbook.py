"""The plan of an instance: its steps, what the checker says, and what people weigh it by."""

from process import sha256

# What each action is: effect, inputs, outputs, IAM actions, what takes it back, usual and longest seconds.
ACTIONS = {
    "record_configuration": ("additive", (), (), (), None, 5, 900),
    "tag_resource": ("additive", ("resource_id",), (), ("ec2:CreateTags",), "untag_resource", 5, 900),
    "untag_resource": ("additive", ("resource_id",), (), ("ec2:DeleteTags",), None, 5, 900),
    "stop_instance": ("reversible", ("instance_id",), (), ("ec2:StopInstances",), "start_instance", 120, 3600),
    "start_instance": ("reversible", ("instance_id",), (), ("ec2:StartInstances",), "stop_instance", 120, 3600),
    "create_image": (
        "additive", ("instance_id",), ("image_id",), ("ec2:CreateImage", "ec2:CreateTags"), None, 1800, 172_800,
    ),
    "verify_backup": ("additive", ("backup", "of"), (), (), None, 5, 3600),
    "soak": ("additive", (), (), (), None, 0, 900),
    "terminate_instance": ("irreversible", ("instance_id",), (), ("ec2:TerminateInstances",), None, 120, 3600),
}
GRANTED = {iam for action in ACTIONS.values() for iam in action[3]}
LOST_BY_STOPPING = (
    "its auto-assigned public IPv4 address if it has one (an Elastic IP stays), the data on its instance store "
    "volumes, and what is only in its memory"
)
NOT_BROUGHT_BACK = (
    "the public IPv4 address that was assigned to it (it is assigned another one), the data on its instance store "
    "volumes, and what was only in its memory"
)
SOAKED = [
    "the soak is over, and nobody ended it early",
    "an assessment made right before it is no worse than the approved one, and finds the same fingerprint",
]
TRIGGERS = [
    "a step before the soak fails for good",
    "somebody ends the soak early",
    "the resource is looked at again after the soak, and the risk is higher, something new depends on it, somebody "
    "tagged it to be kept, or it is no longer made of what was approved",
]


def in_words(seconds):
    for unit, name in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds % unit == 0:
            count = seconds // unit
            return f"{count} {name}{'' if count == 1 else 's'}"


def shown(resource):
    return f"{resource['resource_type']} {resource['resource_id']}"


def step(name, action, description, inputs=None, after=(), requires=(), proved_by="", **more):
    effect, taken, _, _, back, _, longest = ACTIONS[action]
    irreversible = effect == "irreversible"
    rollback = None
    if back:
        same = {name: value for name, value in (inputs or {}).items() if name in taken}
        rollback = {"action": back, "inputs": same, "does_not_bring_back": more.pop("does_not_bring_back", None)}
    return {
        "id": name,
        "action": action,
        "effect": effect,
        "description": description,
        "inputs": inputs or {},
        "after": list(after),
        "preconditions": (SOAKED if irreversible else []) + list(requires),
        "verification": proved_by,
        "rollback": rollback,
        "loses": None,
        "timeout_seconds": longest,
        "on_failure": "hold" if irreversible else "rollback",
        "recovery": None,
        **more,
    }


def stays(it):
    stay = []
    volumes = sorted(volume["volume_id"] for volume in it["volumes"] if not volume["delete_on_termination"])
    if volumes:
        stay.append(f"volumes {', '.join(volumes)} (not deleted on termination)")
    if it["allocation_ids"]:
        stay.append(f"Elastic IPs {', '.join(it['allocation_ids'])} (disassociated, and paid for)")
    if it["network_interface_ids"]:
        interfaces = ", ".join(it["network_interface_ids"])
        stay.append(f"of the network interfaces {interfaces} those not deleted on termination")
    return f"What stays behind: {'; '.join(stay)}." if stay else "Nothing of it stays behind."


def recovery(it):
    zone = f" in {it['availability_zone']}" if it["availability_zone"] else ""
    groups = ", ".join(it["security_group_ids"])
    groups = f" with security groups {groups}" if groups else ""
    return (
        f"Launch a {it['instance_type']} from the image that create-image gives{zone}{groups}. It has all data of the "
        "EBS volumes, but another id, another private address unless the old one is asked for, and its Elastic IPs "
        "only once they are associated with it."
    )


def steps(resource, it, soak_seconds, days):
    instance_id, of = resource["resource_id"], shown(resource)
    literal = {"value": instance_id}
    count = len(it["volumes"])
    volumes = "its EBS volume" if count == 1 else f"each of its {count} EBS volumes"
    soaks = in_words(soak_seconds)
    return [
        step(
            "record-configuration",
            "record_configuration",
            f"Stores what {of} is made of, for the way back.",
            requires=["the assessment that confirmed this plan found the fingerprint of this runbook"],
            proved_by="the ledger holds the assessment of this fingerprint, with the whole configuration",
        ),
        step(
            "tag-resource",
            "tag_resource",
            f"Tags {of} as this process's own, for everybody to see that it is on its way out.",
            {"resource_id": literal},
            ["record-configuration"],
            ["it has no tag sunset:process of another process"],
            "its tag sunset:process names this process",
        ),
        step(
            "stop-instance",
            "stop_instance",
            f"Stops instance {instance_id}.",
            {"instance_id": literal},
            ["tag-resource"],
            ["its state is running or stopped; a stopped one is left as it is, and never started by a rollback"],
            "its state is stopped",
            loses=LOST_BY_STOPPING,
            does_not_bring_back=NOT_BROUGHT_BACK,
        ),
        step(
            "create-image",
            "create_image",
            f"Makes an image of the stopped instance {instance_id}, with a snapshot of {volumes}, and keeps it for "
            f"{in_words(days * 86_400)}. The instance is not restarted.",
            {"instance_id": literal},
            ["stop-instance"],
            ["stop-instance is proved done, so that the image holds its last state"],
            "the image's state is available",
        ),
        step(
            "verify-backup",
            "verify_backup",
            f"Holds the image against instance {instance_id}.",
            {"backup": {"output": {"step": "create-image", "name": "image_id"}}, "of": literal},
            ["create-image"],
            ["the image's state is available"],
            "for every EBS volume of the instance the image has, at the same device, a completed snapshot of that "
            "volume, of the same size and no less encrypted, under the same key",
        ),
        step(
            "soak",
            "soak",
            f"Leaves it alone for {soaks}: the instance stands stopped, and can be started again.",
            after=["verify-backup"],
            requires=["every step before it is done"],
            proved_by=f"{soaks} have passed since it began, and nobody ended it early",
            timeout_seconds=soak_seconds,
        ),
        step(
            "terminate-instance",
            "terminate_instance",
            f"Terminates instance {instance_id}. {stays(it)}",
            {"instance_id": literal},
            ["soak"],
            [
                "its state is stopped",
                "its backup is still there, and passes verify-backup once more",
                "its termination protection is off",
            ],
            "its state is terminated, or EC2 does not know it any more",
            recovery={"how": recovery(it), "verified_by": "verify-backup"},
        ),
    ]


def runbook(assessment, terms):
    resource, found = assessment["observation"]["resource"], assessment["observation"]["found"]
    it = found["configuration"]
    if assessment["blocked"] or it["root_device_type"] != "ebs" or it["lifecycle"] or not it["volumes"]:
        return None
    soak_seconds, days = int(terms["soak_seconds"]), int(terms["backup_retention_days"])
    return {
        "schema": 1,
        "name": f"Retire {shown(resource)}",
        "resource": resource,
        "fingerprint": assessment["fingerprint"],
        "soak_seconds": soak_seconds,
        "backup_retention_days": days,
        "steps": steps(resource, it, soak_seconds, days),
    }


def check(book):
    """What is wrong with a runbook, the worst first."""
    findings, places, soaked = [], {}, False

    def find(severity, one, message):
        findings.append({"severity": severity, "step": one and one["id"], "message": message})

    for place, one in enumerate(book["steps"]):
        effect, inputs, _, iam, back, _, _ = ACTIONS[one["action"]]
        if one["id"] in places:
            find("error", one, "is the name of more than one step")
        if one["effect"] != effect or one["timeout_seconds"] == 0 or set(one["inputs"]) != set(inputs):
            find("error", one, f"is no {one['action']}")
        for before in one["after"]:
            if before not in places:
                find("error", one, f"comes after {before}, but stands before it")
        for name, value in one["inputs"].items():
            given = value.get("output")
            if given and given["name"] not in ACTIONS[places.get(given["step"], {}).get("action", "soak")][2]:
                find("error", one, f"takes {name} from {given['step']}, which gives no {given['name']}")
            if not given and name != "backup" and value["value"] != book["resource"]["resource_id"]:
                find("error", one, f"acts on {value['value']}, and this runbook is for {shown(book['resource'])}")
        if (one["rollback"] or {}).get("action") != back:
            find("error", one, f"is to be taken back by {back}")
        needed = iam + (ACTIONS[back][3] if back else ())
        for missing in set(needed) - GRANTED:
            find("error", one, f"needs {missing}, and the role does not have it")
        if one["on_failure"] == ("rollback" if effect == "irreversible" else "hold"):
            find("error", one, "does the wrong thing when it fails")
        if effect == "irreversible":
            verify = places.get((one["recovery"] or {}).get("verified_by"))
            if not soaked or verify is None or verify["action"] != "verify_backup":
                find("error", one, "stands on no verified backup, or on no soak")
            find("info", one, f"cannot be taken back. The way to have it again: {one['recovery']['how']}")
        soaked = soaked or one["action"] == "soak"
        places[one["id"]] = one
    if book["soak_seconds"] < 900:
        find("warning", None, f"soaks for {book['soak_seconds']} seconds")
    return sorted(findings, key=lambda one: ("error", "warning", "info").index(one["severity"]))


def change(book, assessment, record, made_at):
    """The sections of a change request."""
    observation, business = assessment["observation"], assessment["business"]
    name = observation["found"]["name"]
    what = shown(book["resource"]) + (f" ({name})" if name else "")
    proved = "proved" if record["initiator_verified"] else "as they say, not proved"
    soak = next(place for place, one in enumerate(book["steps"]) if one["action"] == "soak")
    undone = [one for one in reversed(book["steps"][:soak]) if one["rollback"]]
    users = [f"owner: {record['resource_owner'] or business['owner']}", f"project: {business['project']}"]
    users += [f"concerned: {who}" for who in record["stakeholders"]]
    if business["business_hours_impact"]:
        users.append("whoever uses it in business hours")
    if assessment["technical"]["service_disruption_risk"]:
        users.append("whoever uses a service that stops with it")
    risk = [f"{assessment['level']}, with {assessment['score']} points"]
    risk += [f"{point['points']} for {point['reason']}" for point in assessment["points"]]
    risk += [f"never below {floor['level']}: {floor['reason']}" for floor in assessment["floors"]]
    losses = [f"{one['id']}: {one['loses']}" for one in book["steps"] if one["loses"]]
    if observation["found"]["configuration"]["auto_assigned_public_ip"]:
        losses.append("the public address that it has now")
    for one in book["steps"]:
        if one["rollback"] and one["rollback"]["does_not_bring_back"]:
            kept_away = one["rollback"]["does_not_bring_back"]
            losses.append(f"the rollback of {one['id']} does not bring back {kept_away}")
    systems = [f"{one['kind']} {one['id']} {one['relation']}" for one in observation["dependents"]]
    usual = sum(ACTIONS[one["action"]][5] for one in book["steps"])
    soaks = in_words(book["soak_seconds"])
    return {
        "id": record["display_id"],
        "requester": f"{record['initiator']} ({proved})",
        "date": made_at,
        "environment": business["environment"],
        "description": f"Retire {what} of account {record['account_id']}",
        "justification": record["reason"],
        "impact": {"systems": [what, *systems], "users": users, "risk": risk},
        "implementation": {
            "start": "as soon as this plan is approved; what cannot be taken back, in a change window"
            if record["mode"] == "live"
            else "never: this is a dry run",
            "estimated_seconds": usual + book["soak_seconds"],
            "at_most_seconds": sum(one["timeout_seconds"] for one in book["steps"]),
            "steps": [f"{one['id']}: {one['description']}" for one in book["steps"]],
        },
        "rollback": {
            "triggers": TRIGGERS,
            "until": f"until the first irreversible call, {soaks} after the soak begins at the earliest",
            "steps": [f"{one['rollback']['action']} takes back {one['id']}" for one in undone],
            "estimated_seconds": sum(ACTIONS[one["rollback"]["action"]][5] for one in undone),
            "losses": losses,
            "recovery": [f"{one['id']}: {one['recovery']['how']}" for one in book["steps"] if one["recovery"]],
        },
        "testing": [f"{one['id']} is done when {one['verification']}" for one in book["steps"]]
        + ["what breaks without the resource shows during the soak, while it can still be taken back"],
        "approvals": assessment["roles"],
    }


def savings(cost, days):
    def total(lines):
        return sum(line["micro_dollars_a_month"] or 0 for line in lines)

    saved, backups = total(cost["saved"]), total(cost["backups"])
    return {
        "cost": cost,
        "saved_micro_dollars_a_month": saved,
        "backups_micro_dollars_a_month": backups,
        "net_micro_dollars_a_month": saved - backups,
        "backups_kept_days": days,
        "complete": all(line["micro_dollars_a_month"] is not None for line in cost["saved"] + cost["backups"]),
    }


def plan(assessment, record, number, made_at, checklist):
    """A plan as it is stored; nothing, where none leads to its end."""
    book = runbook(assessment, record["terms"])
    if book is None:
        return None
    findings = check(book)
    return {
        "number": number,
        "runbook": book,
        "hash": sha256(book),
        "made_at": made_at,
        "assessment": assessment["number"],
        "change": change(book, assessment, record, made_at),
        "checklist": checklist(book, assessment, record, findings),
        "savings": savings(assessment["cost"], book["backup_retention_days"]),
        "findings": findings,
    }
