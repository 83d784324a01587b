"""Tells a function behind a DynamoDB stream again what it said that it could not take, as AWS does.

MiniStack 1.5.33 reads `batchItemFailures` for queues only: a stream moves on, and what failed is never told again. The same
becomes of a batch that was throttled. Here both stay where they are, and MiniStack offers them again a second later, as it does
after an error; what came before the first failure is not told twice.

Left out: MaximumRetryAttempts and BisectBatchOnFunctionError. A batch that always fails is told until its maximum age.
"""

import json

from ministack.services import lambda_svc

from emulators.wrapping import wrapping

# By function: the records of its failing batch that came before the first failure.
TAKEN = {}


def tell_again():
    wrapping(lambda_svc, "_execute_function")(execute)


def execute(original, function, event):
    if not from_a_stream(event):
        return original(function, event)
    arn = (function.get("config") or function).get("FunctionArn")
    taken = TAKEN.get(arn, set())
    records = [record for record in event["Records"] if sequence(record) not in taken]
    if not records:
        return {"body": {}}
    result = original(function, event | {"Records": records})
    if result.get("error") or result.get("throttle"):
        return result | {"error": True}
    failed = failures(result.get("body"))
    if failed:
        numbers = [sequence(record) for record in records]
        # A failure that names no record of the batch fails it all.
        first = min((numbers.index(number) for number in failed if number in numbers), default=0)
        TAKEN[arn] = taken | set(numbers[:first])
        return result | {"error": True}
    TAKEN.pop(arn, None)
    return result


def from_a_stream(event):
    records = event.get("Records") if isinstance(event, dict) else None
    return bool(records) and isinstance(records, list) and all(
        isinstance(record, dict) and record.get("eventSource") == "aws:dynamodb" and "SequenceNumber" in record.get("dynamodb", {})
        for record in records
    )


def sequence(record):
    return record["dynamodb"]["SequenceNumber"]


def failures(body):
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return []
    found = body.get("batchItemFailures") if isinstance(body, dict) else None
    return [failure.get("itemIdentifier") for failure in found or []]
