"""Personal links: signed with HMAC, bound to what they are for, and verified before they are read."""

import base64
import hashlib
import hmac
import json
import os
import re
import time

import boto3

from process import moment

ssm = boto3.client("ssm")
PARAMETER = os.environ["SUNSET_LINK_KEYS_PARAMETER"]
KEPT_SECONDS = 300
LONGEST_TOKEN = 1024
KEY_ID = re.compile(r"[0-9A-Za-z-]{1,32}")
BINDS = {
    "decide": (True, True, True),
    "opt_out": (True, True, False),
    "timeline": (True, False, False),
    "waiting": (False, False, False),
}
cached = (None, 0)


class BadLink(Exception):
    pass


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text):
    """What a text stands for, which must be the only text that does."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encoded(data) != text:
        raise ValueError("not canonical")
    return data


def parse(document):
    document = json.loads(document)
    if document["schema"] != 1 or not 1 <= len(document["keys"]) <= 8:
        raise ValueError(f"{PARAMETER} holds no keys of this release")
    keys = []
    for index, key in enumerate(document["keys"]):
        secret = decoded(key["secret"])
        if len(secret) != 32 or len(set(secret)) < 16 or not KEY_ID.fullmatch(key["id"]):
            raise ValueError(f"{PARAMETER}: keys[{index}] is none")
        if (index == 0) == ("until" in key) or any(known["id"] == key["id"] for known in keys):
            raise ValueError(f"{PARAMETER}: keys[{index}] is wrong")
        keys.append({"id": key["id"], "secret": secret, "until": moment(key["until"]) if "until" in key else None})
    return keys


def read():
    """The keys, at most five minutes old."""
    global cached
    keys, at = cached
    if keys is None or time.monotonic() - at >= KEPT_SECONDS:
        keys = parse(ssm.get_parameter(Name=PARAMETER, WithDecryption=True)["Parameter"]["Value"])
        cached = (keys, time.monotonic())
    return keys


def code(key, domain, signed):
    return hmac.new(key["secret"], f"{domain}\n{signed}".encode(), hashlib.sha256).digest()


def sign(keys, link):
    content = encoded(json.dumps(link, separators=(",", ":")).encode())
    signed = f"v1.{keys[0]['id']}.{content}"
    return f"{signed}.{encoded(code(keys[0], 'sunset link v1', signed))}"


def form_token(keys, token, now):
    head = f"v1.{keys[0]['id']}.{int(now.timestamp())}"
    signature = encoded(code(keys[0], "sunset form v1", f"{head}\n{token}"))
    return f"{head}.{signature}"


def verify(keys, token, now):
    if len(token) > LONGEST_TOKEN or token.count(".") != 3:
        raise BadLink("it does not have the form of a link")
    version, key_id, content, signature = token.split(".")
    signed = token.rpartition(".")[0]
    key = next((key for key in keys if key["id"] == key_id and (key["until"] is None or now < key["until"])), None)
    if version != "v1" or key is None:
        raise BadLink("it is signed with a key that is not known, or no longer")
    try:
        given = decoded(signature)
    except ValueError:
        raise BadLink("it does not have the form of a link") from None
    if not hmac.compare_digest(code(key, "sunset link v1", signed), given):
        raise BadLink("its signature is wrong")
    link = json.loads(decoded(content))
    binds = ("process" in link, "plan" in link, link["round"] != 0)
    if set(link) - {"for", "person", "process", "round", "plan", "until"} or BINDS.get(link["for"]) != binds:
        raise BadLink("it does not have the form of a link")
    if now >= moment(link["until"]):
        raise BadLink(f"it worked until {link['until']}")
    return link
