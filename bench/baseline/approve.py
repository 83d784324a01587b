"""approve with boto3: the same calls, the same answer, for a vote that comes through the Function URL."""

import json
import os
import re

import boto3

import ledger
import process
import votes
from votes import Refused

sfn = boto3.client("stepfunctions")
ACCOUNT_ID = os.environ["SUNSET_ACCOUNT_ID"]
POLICY = votes.read()
PERMISSION_SET = re.compile(r"AWSReservedSSO_.+_[0-9a-f]{16}")
PROCESS_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
PLAN_HASH = re.compile(r"[0-9a-f]{64}")


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
    people = POLICY["people"]
    known = {one.lower(): name for name, person in people.items() for one in person["identities"]}
    person = known.get(identity.lower())
    if person is None:
        raise Refused(403, f"{identity} is nobody in policy/approvers.yaml")
    body = request(event)
    process_id, now = body["process_id"], ledger.now()
    before = process.read(process_id)
    number = int((before["round"] or {"number": 0})["number"])
    cast = ledger.query(process.pk(process_id), f"VOTE#{number:04}#")
    identities, plan_hash = people[person]["identities"], body["plan_hash"]
    repeated = votes.is_repeated(before, cast, person, identities, plan_hash, body["answer"], now)
    record = before
    if not repeated:
        new = {
            "round": number,
            "person": person,
            "identity": identity,
            "answer": body["answer"],
            "reason": body.get("reason"),
            "plan_hash": plan_hash,
            "at": now,
        }
        record = process.cast(before, new, f"person:{person}")
        cast.append(new)
    decision = votes.tally(before["round"], cast, now)
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
