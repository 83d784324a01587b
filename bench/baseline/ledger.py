"""The ledger: the same items and conditions as the functions write."""

import os
from datetime import datetime, timezone
from decimal import Decimal

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")
TABLE = os.environ["SUNSET_TABLE"]
LOCK, PENDING, BASELINE = "LOCK#ami-cleanup", "PENDING#snapshots", "BASELINE#ami-cleanup"
NULL = {":null": {"S": "NULL"}}
STILL_OPEN = "attribute_not_exists(closed_at) OR attribute_type(closed_at, :null)"

serialize = TypeSerializer().serialize
deserialize = TypeDeserializer().deserialize


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def key(pk, sk="META"):
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def plain(value):
    """Floats as DynamoDB takes them."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


def item(pk, sk, record):
    written = {name: serialize(plain(value)) for name, value in record.items()}
    return {**written, **key(pk, sk)}


def record(found):
    return {name: deserialize(value) for name, value in found.items() if name not in ("pk", "sk")}


def get(pk, sk="META"):
    found = dynamodb.get_item(TableName=TABLE, Key=key(pk, sk), ConsistentRead=True).get("Item")
    return record(found) if found else None


def batch_get(pks):
    records = []
    for at in range(0, len(pks), 100):
        wanted = {"Keys": [key(pk) for pk in pks[at : at + 100]], "ConsistentRead": True}
        answer = dynamodb.batch_get_item(RequestItems={TABLE: wanted})
        records += [record(found) for found in answer["Responses"].get(TABLE, [])]
    return records


def query(pk, prefix=""):
    condition, values = "pk = :pk", {":pk": {"S": pk}}
    if prefix:
        condition += " AND begins_with(sk, :prefix)"
        values[":prefix"] = {"S": prefix}
    arguments = {}
    records = []
    while True:
        page = dynamodb.query(
            TableName=TABLE,
            ConsistentRead=True,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            **arguments,
        )
        records += [record(found) for found in page["Items"]]
        if "LastEvaluatedKey" not in page:
            return records
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def conditional(call, **arguments):
    """Whether the condition held."""
    try:
        call(TableName=TABLE, **arguments)
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise


def put_if(new, condition, values=None):
    arguments = {"ExpressionAttributeValues": values} if values else {}
    return conditional(dynamodb.put_item, Item=new, ConditionExpression=condition, **arguments)


def put(new):
    dynamodb.put_item(TableName=TABLE, Item=new)


def delete_if(where, condition, values):
    return conditional(
        dynamodb.delete_item, Key=where, ConditionExpression=condition, ExpressionAttributeValues=values
    )


def check(where, condition, values=None):
    arguments = {"ExpressionAttributeValues": values} if values else {}
    return {
        "ConditionCheck": {"TableName": TABLE, "Key": where, "ConditionExpression": condition, **arguments}
    }


def putting(new, condition=None, values=None):
    arguments = {"ConditionExpression": condition} if condition else {}
    if values:
        arguments["ExpressionAttributeValues"] = values
    return {"Put": {"TableName": TABLE, "Item": new, **arguments}}


def deleting(where):
    return {"Delete": {"TableName": TABLE, "Key": where}}


def guard(run_id):
    """What must hold at the moment of every intent of a run."""
    return [
        check(key(LOCK), "run_id = :mine", {":mine": {"S": run_id}}),
        check(key("PAUSE"), "attribute_not_exists(pk)"),
        check(key("RUN#" + run_id), f"attribute_exists(pk) AND ({STILL_OPEN})", NULL),
    ]


def putting_image(image):
    new = item("IMAGE#" + image["image_id"], "META", image)
    if image["version"] <= 1:
        return putting(new, "attribute_not_exists(pk)")
    return putting(new, "version = :before", {":before": {"N": str(image["version"] - 1)}})


def transact(items):
    dynamodb.transact_write_items(TransactItems=items)


def open_run(run_id):
    run = get("RUN#" + run_id)
    if run is None:
        raise ValueError(f"run_id {run_id}: no such run in the ledger")
    if run["closed_at"] is not None:
        raise ValueError(f"run {run_id} was closed {run['closed_at']}")
    return run
