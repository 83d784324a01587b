"""Who may vote, and what votes decide."""

import os

import yaml

POLICY = os.path.join(os.environ["LAMBDA_TASK_ROOT"], "policy", "approvers.yaml")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FIELDS = {
    "schema",
    "people",
    "roles",
    "owners",
    "delegations",
    "deadline_hours",
    "reminders_percent",
    "links_may_decide",
}
ROLES = {
    "infrastructure-manager",
    "security-team",
    "cto",
    "compliance-officer",
    "production-manager",
    "data-protection-officer",
}
LEVELS = ("low", "medium", "high", "critical")


class Refused(Exception):
    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


def read():
    """The policy file, held against its own rules."""
    with open(POLICY, encoding="utf-8") as file:
        policy = yaml.load(file, Loader=LOADER)
    if policy.get("schema") != 1 or set(policy) - FIELDS:
        raise Refused(500, "policy/approvers.yaml: a field of it is not known")
    people, identities, channels = policy["people"], {}, {}
    for name, person in people.items():
        if set(person) - {"identities", "channels"}:
            raise Refused(500, f"policy/approvers.yaml: a field of {name} is not known")
        for identity in person["identities"]:
            if identities.setdefault(identity.lower(), name) != name:
                raise Refused(500, f"policy/approvers.yaml: {identity} is two people")
        for channel in person.get("channels", []):
            if not channel.startswith("sns:") or channels.setdefault(channel, name) != name:
                raise Refused(500, f"policy/approvers.yaml: {channel} is no channel of {name} alone")
    for name, group in {**policy["roles"], **policy.get("owners", {})}.items():
        chain = group.get("escalation", [])
        named = set(group["people"]).union(*(further["people"] for further in chain))
        if set(group) - {"people", "quorum", "escalation"} or named - set(people):
            raise Refused(500, f"policy/approvers.yaml: {name} names somebody who is not there")
        quorum = group.get("quorum", 1)
        most = max(quorum.values()) if isinstance(quorum, dict) else quorum
        if group["people"] and most > len(group["people"]):
            raise Refused(500, f"policy/approvers.yaml: {name} has too few people")
    for one in policy.get("delegations", []):
        if {one["from"], one["to"]} - set(people) or one["last_day"] < one["first_day"]:
            raise Refused(500, "policy/approvers.yaml: a delegation is wrong")
    if set(policy["roles"]) - ROLES or set(policy.get("deadline_hours", {})) - set(LEVELS):
        raise Refused(500, "policy/approvers.yaml: a role or a level does not exist")
    if set(policy.get("links_may_decide", [])) - set(LEVELS):
        raise Refused(500, "policy/approvers.yaml: a level does not exist")
    return policy


def is_repeated(record, votes, person, identities, plan_hash, answer, now):
    current = record["round"]
    if current is None:
        raise Refused(409, f"nobody is asked: the process is {record['status']}")
    initiator = record["initiator"].strip().lower()
    names = [person, *identities, *(identity.rpartition("/")[2] for identity in identities)]
    if initiator in (name.lower() for name in names):
        raise Refused(403, f"{person} started the process, and the initiator never approves")
    if all(person not in role["people"] for role in current["required"]):
        raise Refused(403, f"{person} is not asked in round {current['number']}")
    if plan_hash != current["plan_hash"]:
        raise Refused(409, f"the plan that is asked about is {current['plan_hash']}")
    own = [vote for vote in votes if vote["person"] == person and vote["plan_hash"] == plan_hash]
    if own:
        if own[0]["answer"] == answer:
            return True
        raise Refused(409, f"{person} answered {own[0]['answer']} before, and the first answer stands")
    if record["status"] != "awaiting_approval":
        raise Refused(409, f"it is decided already: the process is {record['status']}")
    if now >= current["deadline"]:
        raise Refused(410, f"the deadline was {current['deadline']}")
    return False


def tally(current, votes, now):
    asked = {person for role in current["required"] for person in role["people"]}
    counted = [
        vote
        for vote in votes
        if vote["round"] == current["number"]
        and vote["plan_hash"] == current["plan_hash"]
        and vote["at"] < current["deadline"]
        and vote["person"] in asked
    ]
    no = sorted((vote["at"], vote["person"], vote["reason"]) for vote in counted if vote["answer"] == "reject")
    if no:
        return {"decision": "rejected", "by": no[0][1], "reason": no[0][2]}
    by = {vote["person"] for vote in counted}
    missing = []
    for role in current["required"]:
        more = role["quorum"] - len(by & set(role["people"]))
        if more > 0:
            left = ", ".join(person for person in role["people"] if person not in by)
            missing.append(f"{role['role']} needs {more} more of {left}")
    if len(by) < max(current["minimum_approvers"], 1):
        missing.append(f"{len(by)} of at least {current['minimum_approvers']} people have approved")
    if not missing:
        return {"decision": "approved", "by": sorted(by)}
    if now >= current["deadline"]:
        return {"decision": "expired"}
    return {"decision": "waiting", "missing": "; ".join(missing)}
