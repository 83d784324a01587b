"""Tells a function behind a URL who calls it, as AWS does.

MiniStack 1.5.33 lets every request through that looks signed, and its events never hold `requestContext.authorizer`. Behind a
URL with AuthType AWS_IAM the signature is verified here against MiniStack's own IAM users, access keys and STS sessions, and
what it proves becomes `authorizer.iam`. A request that proves nothing is answered with 403 and reaches no function: no identity
is ever assumed. Behind AuthType NONE everybody is let in, and nobody has an identity, whatever they sign.

The deployed address of a URL ends in `on.aws`, and no browser finds it here. It finds `localhost`, and MiniStack tells the
function the deployed `host`; what the browser says of where it comes from is told in the same terms.

Left out: whether the caller's policies allow lambda:InvokeFunctionUrl, presigned URLs, and `/_aws/lambda-url/` paths.
"""

import contextvars
import hashlib
import json

from ministack.core import iam_evaluator, sigv4
from ministack.services import lambda_svc

from emulators.wrapping import wrapping

CALLER = contextvars.ContextVar("sunset_function_url_caller", default=None)


class Refused(Exception):
    """Why a request proves nobody's identity."""


def know_the_caller():
    wrapping(lambda_svc, "handle_function_url_request")(handle)
    wrapping(lambda_svc, "_build_function_url_event")(event)


async def handle(original, url_id, method, path, headers, body, query_params, resolved=None, source_ip=None):
    resolved = resolved or lambda_svc.resolve_function_url(url_id)
    caller = None
    if resolved and resolved[4].get("AuthType") == "AWS_IAM":
        account, region = resolved[:2]
        try:
            caller = authenticated(account, region, method, path, headers, body, query_params)
        except Refused as why:
            return 403, {"Content-Type": "application/json"}, json.dumps({"Message": str(why)}).encode()
    CALLER.set(caller)
    return await original(
        url_id, method, path, headers, body, query_params, resolved=resolved, source_ip=source_ip
    )


def event(original, url_id, account, region, method, path, headers, *arguments, **named):
    built = original(url_id, account, region, method, path, headers, *arguments, **named)
    caller = CALLER.get()
    if caller:
        built["requestContext"]["authorizer"] = {"iam": caller}
    here, deployed = "http://" + headers.get("host", ""), "https://" + built["headers"]["host"]
    for name in ("origin", "referer"):
        came_from = built["headers"].get(name, "")
        if came_from == here or came_from.startswith(here + "/"):
            built["headers"][name] = deployed + came_from[len(here):]
    return built


def authenticated(account, region, method, path, headers, body, query_params):
    """The caller that a signature in the headers proves, as `authorizer.iam` has it."""
    if not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
        raise Refused("Forbidden")
    signature = sigv4.parse_header_signature(headers)
    if isinstance(signature, tuple):
        raise Refused(signature[1])
    signed = signature.signed_headers.split(";")
    if (signature.region, signature.service) != (region, "lambda") or not {"host", "x-amz-date"} <= set(signed):
        raise Refused(f"The signature must be scoped to {region}/lambda and cover host and x-amz-date.")
    if headers.get("x-amz-content-sha256", digest(body)) != digest(body):
        raise Refused("The body is not the one that x-amz-content-sha256 names.")
    skewed = sigv4.request_time_failure(signature)
    if skewed:
        raise Refused(skewed[1])
    token = headers.get("x-amz-security-token", "")
    credential = iam_evaluator.resolve_credential(signature.access_key_id, account, token)
    if isinstance(credential, iam_evaluator.CredentialResolutionError):
        raise Refused(credential.message)
    wrong = sigv4.header_signature_failure(
        signature, credential.secret_access_key, method, path, query_params, headers, body
    )
    if wrong:
        raise Refused(wrong[1])
    return {
        "accessKey": credential.access_key_id,
        "accountId": credential.account_id,
        "callerId": credential.principal_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": credential.principal_arn,
        "userId": credential.principal_id,
    }


def digest(body):
    return hashlib.sha256(body).hexdigest()
