"""What Lambda's Python runtime does: import the handler, then one event after the other over the Runtime API."""

import http.client
import importlib
import json
import os
import sys
import traceback

PREFIX = "/2018-06-01/runtime"


class Context:
    def __init__(self, request_id, deadline_ms, arn):
        self.aws_request_id = request_id
        self.deadline_ms = deadline_ms
        self.invoked_function_arn = arn


def post(connection, path, body):
    connection.request("POST", PREFIX + path, body, {"Content-Type": "application/json"})
    connection.getresponse().read()


def failure(error):
    return json.dumps(
        {
            "errorType": type(error).__name__,
            "errorMessage": str(error),
            "stackTrace": traceback.format_exception(error),
        }
    ).encode()


def main():
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = importlib.import_module(sys.argv[1]).lambda_handler
    except Exception as error:
        post(connection, "/init/error", failure(error))
        raise
    while True:
        connection.request("GET", PREFIX + "/invocation/next")
        response = connection.getresponse()
        headers = response.headers
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        context = Context(
            request_id, int(headers["Lambda-Runtime-Deadline-Ms"]), headers["Lambda-Runtime-Invoked-Function-Arn"]
        )
        try:
            answer = json.dumps(handler(json.loads(response.read()), context), default=str).encode()
        except Exception as error:
            post(connection, f"/invocation/{request_id}/error", failure(error))
        else:
            post(connection, f"/invocation/{request_id}/response", answer)


main()
