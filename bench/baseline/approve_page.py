"""approve-page with boto3: the same calls, the same page, for somebody who opens the link of a question."""

import re
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl

import ledger
import links
import page
import process
import votes
from process import text
from votes import Refused

POLICY = votes.read()
LINKS_MAY_DECIDE = POLICY.get("links_may_decide", ["low", "medium"])
SHOWN = timedelta(days=7)
WELL_ESCAPED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")
NO_LINK = "this link does not work: open it as it was sent"


def token_of(event):
    if event.get("version") != "2.0" or event.get("rawPath", "/") != "/":
        raise Refused(404, "there is nothing here: open the link as it was sent")
    if event["requestContext"]["http"]["method"] != "GET":
        raise Refused(405, "only GET is measured here")
    query = event.get("rawQueryString", "")
    fields = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    if not WELL_ESCAPED.fullmatch(query) or [name for name, _ in fields] != ["l"]:
        raise Refused(400, "the address has other fields than the link's: open the link as it was sent")
    return fields[0][1]


def opened(token, now):
    """What the link stands for, of somebody whom the policy file knows."""
    keys = links.read()
    try:
        link = links.verify(keys, token, now)
    except links.BadLink as bad:
        raise Refused(404, str(bad)) from None
    if link["person"] not in POLICY["people"]:
        raise Refused(404, NO_LINK)
    return link, keys


def why_no_form(link, record, cast, now):
    """Why the link cannot answer; nothing, where it can. One that is not about this question shows nothing."""
    person, current = link["person"], record["round"]
    if link["for"] != "decide" or link["process"] != record["process_id"]:
        raise Refused(404, NO_LINK)
    if any(vote["round"] == link["round"] and vote["person"] == person for vote in cast):
        raise Refused(404, NO_LINK)
    if current is None or current["number"] != link["round"] or current["plan_hash"] != link["plan"]:
        raise Refused(404, NO_LINK)
    if all(person not in role["people"] for role in current["required"]):
        raise Refused(404, NO_LINK)
    identities = POLICY["people"][person]["identities"]
    try:
        votes.is_repeated(record, cast, person, identities, link["plan"], "reject", now)
    except Refused as refused:
        if refused.status == 403:
            raise
        return str(refused)
    levels = [level for level in (current["risk_level"], record["risk_level"]) if level]
    if not levels or any(level not in LINKS_MAY_DECIDE for level in levels):
        return f"the risk is {levels[0] if levels else 'unknown'}, and a link does not decide at that"
    return None


def show(event):
    now = datetime.now(timezone.utc).replace(microsecond=0)
    token = token_of(event)
    link, keys = opened(token, now)
    process_id = link["process"]
    record = process.read(process_id)
    cast = ledger.query(process.pk(process_id), f"VOTE#{link['round']:04}#")
    because = why_no_form(link, record, cast, text(now))
    number = record["approved_assessment"] or record["assessment"]
    assessment = process.document(process_id, "ASSESSMENT", number)
    plan = process.document(process_id, "PLAN", record["plan"])
    every = ledger.query(process.pk(process_id), "VOTE#")
    of_person = {"person": link["person"], "round": 0, "until": text(now + SHOWN)}
    timeline = links.sign(keys, {"for": "timeline", "process": process_id, **of_person})
    waiting = links.sign(keys, {"for": "waiting", **of_person})
    shown = page.Shown(
        record=record,
        assessment=assessment,
        plan=plan,
        votes=every,
        person=link["person"],
        now=now,
        decision=votes.tally(record["round"], every, text(now)),
        token=token,
        form_token=links.form_token(keys, token, now),
        because=because,
        timeline_url=f"?l={timeline}",
        waiting_url=f"?l={waiting}",
    )
    print({"level": "INFO", "process_id": process_id, "person": link["person"], "message": "shown"})
    return page.answer(200, page.question(shown))


def lambda_handler(event, context):
    try:
        return show(event)
    except Refused as refused:
        return page.answer(refused.status, page.refusal(str(refused)))
