"""approve with boto3: the same calls, the same answer, for a vote that comes through the Function URL."""

import json
import os
import re

import boto3
import yaml

import ledger
import process

sfn = boto3.client("stepfunctions")
ACCOUNT_ID = os.environ["SUNSET_ACCOUNT_ID"]
POLICY = os.path.join(os.environ["LAMBDA_TASK_ROOT"], "policy", "approvers.yaml")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ROLES = {
    "infrastructure-manager",
    "security-team",
    "cto",
    "compliance-officer",
    "production-manager",
    "data-protection-officer",
}
PERMISSION_SET = re.compile(r"AWSReservedSSO_.+_[0-9a-f]{16}")
PROCESS_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
PLAN_HASH = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):
    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


def approvers():
    """The policy file, as it is now, held against its own rules."""
    with open(POLICY, encoding="utf-8") as file:
        policy = yaml.load(file, Loader=LOADER)
    if policy.get("schema") != 1 or set(policy) - {"schema", "people", "roles", "owners"}:
        raise Refused(500, "policy/approvers.yaml: a field of it is not known")
    people, identities = policy["people"], {}
    for name, person in people.items():
        for identity in person["identities"]:
            if identities.setdefault(identity.lower(), name) != name:
                raise Refused(500, f"policy/approvers.yaml: {identity} is two people")
    for name, group in {**policy["roles"], **policy.get("owners", {})}.items():
        if set(group) - {"people", "quorum"} or set(group["people"]) - set(people):
            raise Refused(500, f"policy/approvers.yaml: {name} names somebody who is not there")
        if group["people"] and group.get("quorum", 1) > len(group["people"]):
            raise Refused(500, f"policy/approvers.yaml: {name} has too few people")
    if set(policy["roles"]) - ROLES:
        raise Refused(500, "policy/approvers.yaml: a role does not exist")
    return people


def identity_of(event):
    """Who AWS says it is."""
    iam = (event["requestContext"].get("authorizer") or {}).get("iam")
    if not iam or not iam.get("userArn"):
        raise Refused(403, "the request names no caller")
    scheme, partition, service, region, account, name = iam["userArn"].split(":", 5)
    if account != ACCOUNT_ID or iam.get("accountId") != account:
        raise Refused(403, f"{iam['userArn']} belongs to another account")
    kind, _, name = name.partition("/")
    if (service, kind) == ("iam", "user"):
        return f"user/{name}"
    if (service, kind) == ("sts", "assumed-role"):
        role, _, session = name.partition("/")
        return f"sso/{session}" if PERMISSION_SET.fullmatch(role) else f"role/{role}"
    raise Refused(403, f"{iam['userArn']} is neither an IAM user nor a role's session")


def request(event):
    if event.get("version") != "2.0" or event["requestContext"]["http"]["method"] != "POST":
        raise Refused(405, "use POST")
    headers = {name.lower(): value for name, value in event["headers"].items()}
    if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused(415, "the header content-type must be application/json")
    if len(event["body"]) > 8192:
        raise Refused(413, "the body is longer than 8192 bytes")
    body = json.loads(event["body"])
    if set(body) - {"schema", "action", "process_id", "plan_hash", "answer", "reason"} or body.get("schema") != 1:
        raise Refused(400, "a field is not known")
    if body["action"] != "vote" or body["answer"] not in ("approve", "reject"):
        raise Refused(400, "answer must be approve or reject")
    if body["answer"] == "reject" and not body.get("reason"):
        raise Refused(400, "a rejection needs its reason")
    if not PROCESS_ID.fullmatch(body["process_id"]) or not PLAN_HASH.fullmatch(body["plan_hash"]):
        raise Refused(400, "process_id or plan_hash is none")
    return body


def is_repeated(record, votes, person, identity, body, now):
    current = record["round"]
    if current is None:
        raise Refused(409, f"nobody is asked: the process is {record['status']}")
    initiator = record["initiator"].strip().lower()
    if initiator in (person.lower(), identity.lower(), identity.rpartition("/")[2].lower()):
        raise Refused(403, f"{person} started the process, and the initiator never approves")
    if all(person not in role["people"] for role in current["required"]):
        raise Refused(403, f"{person} is not asked in round {current['number']}")
    if body["plan_hash"] != current["plan_hash"]:
        raise Refused(409, f"the plan that is asked about is {current['plan_hash']}")
    own = [vote for vote in votes if vote["person"] == person and vote["plan_hash"] == body["plan_hash"]]
    if own:
        if own[0]["answer"] == body["answer"]:
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


def wake_up(process_id):
    token = ledger.get(process.pk(process_id), "TOKEN#approval")
    if token:
        try:
            sfn.send_task_success(taskToken=token["task_token"], output="{}")
        except (sfn.exceptions.TaskTimedOut, sfn.exceptions.TaskDoesNotExist, sfn.exceptions.InvalidToken):
            print({"level": "INFO", "process_id": process_id, "message": "nobody waits any more"})


def answer(status, body):
    headers = {"content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff"}
    body = json.dumps(body, default=int)
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}


def vote(event):
    identity = identity_of(event)
    known = {one.lower(): name for name, person in approvers().items() for one in person["identities"]}
    person = known.get(identity.lower())
    if person is None:
        raise Refused(403, f"{identity} is nobody in policy/approvers.yaml")
    body = request(event)
    process_id, now = body["process_id"], ledger.now()
    before = process.read(process_id)
    number = int((before["round"] or {"number": 0})["number"])
    votes = ledger.query(process.pk(process_id), f"VOTE#{number:04}#")
    repeated, record = is_repeated(before, votes, person, identity, body, now), before
    if not repeated:
        cast = {
            "round": number,
            "person": person,
            "identity": identity,
            "answer": body["answer"],
            "reason": body.get("reason"),
            "plan_hash": body["plan_hash"],
            "at": now,
        }
        item = ledger.item(process.pk(process_id), f"VOTE#{number:04}#{person}", cast)
        record = process.commit(before, before, "VOTE_CAST", f"person:{person}", {"vote": cast}, [(item, True)])
        votes.append(cast)
    decision = tally(before["round"], votes, now)
    if decision["decision"] in ("approved", "rejected"):
        wake_up(process_id)
    print({"level": "INFO", "process_id": process_id, "person": person, "answer": body["answer"]})
    return {
        "process_id": process_id,
        "resource": record["resource"],
        "status": record["status"],
        "repeated": repeated,
        "audit_head": record["audit"],
        "decision": decision,
    }


def lambda_handler(event, context):
    try:
        return answer(200, vote(event))
    except Refused as refused:
        return answer(refused.status, {"error": str(refused)})
