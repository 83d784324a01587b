"""The approval page: a template, and what is filled into it, every text of other people's escaped."""

import base64
import hashlib
import pathlib
import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from string import Template

from process import moment
from runbook import ACTIONS, in_words

HERE = pathlib.Path(__file__).resolve().parent
TEMPLATE = Template((HERE / "page.html").read_text(encoding="utf-8"))
STYLE = (HERE.parents[1] / "crates/page/src/style.css").read_text(encoding="utf-8")
SOURCE = "'sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode() + "'"
HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": (
        f"default-src 'none'; style-src {SOURCE}; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "strict-transport-security": "max-age=31536000",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-robots-tag": "noindex, nofollow",
}
NOT_PRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
SCALE = {"low": "●○○○", "medium": "●●○○", "high": "●●●○", "critical": "●●●●"}


@dataclass
class Shown:
    record: dict
    assessment: dict
    plan: dict
    votes: list
    person: str
    now: datetime
    decision: dict
    token: str
    form_token: str
    because: str
    timeline_url: str
    waiting_url: str


def answer(status, body):
    return {"statusCode": status, "headers": HEADERS, "body": body, "isBase64Encoded": False}


def one_line(text, longest=1000):
    line = " ".join(NOT_PRINTABLE.sub(" ", str(text)).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def said(text):
    return f"<bdi>{escape(one_line(text))}</bdi>"


def quote(text):
    quoted = one_line(text).replace('"', "'")
    return f"<bdi>{escape(chr(34) + quoted + chr(34))}</bdi>"


def code(text):
    return f"<code>{escape(one_line(text))}</code>"


def counted(count, one, more):
    return f"{count} {one if count == 1 else more}"


def when(at):
    at = moment(at)
    return f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at:%a} {at.day} {at:%b %Y, %H:%M} UTC</time>'


def distance(at, now):
    seconds = int((moment(at) - now).total_seconds())
    size = abs(seconds)
    unit = next((unit for most, unit in ((172_800, 86_400), (7200, 3600), (60, 60)) if size >= most), None)
    if unit is None:
        return "in less than a minute" if seconds > 0 else "just now"
    words = in_words(size - size % unit)
    return f"in {words}" if seconds > 0 else f"{words} ago"


def when_and_distance(at, now):
    return f"{when(at)} ({distance(at, now)})"


def dollars(micro):
    if micro is None:
        return "not known"
    sign, size = ("-" if micro < 0 else ""), abs(micro)
    if 0 < size < 10_000:
        return f"{sign}less than $0.01"
    return f"{sign}${size // 1_000_000}.{size % 1_000_000 // 10_000:02}"


def level(name):
    return (
        f'<span class="level level-{name}"><span class="scale" aria-hidden="true">{SCALE[name]}</span> {name} risk</span>'
    )


def section(name, title, content):
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>{content}</section>'


def fact(name, value):
    return f"<div><dt>{name}</dt><dd>{value}</dd></div>"


def items(lines, kind=""):
    return f"<ul{kind}>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def document(title, content, person=None, pages=(), skip=""):
    nav = "".join(f'<a href="{escape(address)}">{what}</a>' for address, what in pages)
    whose = person and (
        f"<p>This page is <strong>{said(person)}</strong>’s own. Whoever has its address can act as {said(person)}: do "
        "not pass it on.</p>"
    )
    return TEMPLATE.substitute(
        title=escape(one_line(title)),
        style=STYLE,
        skip=skip,
        links=f'<nav aria-label="Your pages">{nav}</nav>' if nav else "",
        content=content,
        whose=whose or "",
    )


def refusal(message):
    sentence = message[:1].upper() + message[1:] + "."
    return document("This link does not work", f"<h1>This link does not work</h1><p>{escape(sentence)}</p>")


def is_final(step):
    return step["effect"] == "irreversible"


def in_a_sentence(book):
    soak = next((at for at, step in enumerate(book["steps"]) if step["action"] == "soak"), len(book["steps"]))
    before, last = book["steps"][:soak], [step for step in book["steps"] if is_final(step)]
    said_first = counted(len(before), "step comes", "steps come") + " first"
    if not any(map(is_final, before)):
        said_first += ", and none of them is final"
    rest = f". Then it is left alone for {in_words(book['soak_seconds'])}. " if soak < len(book["steps"]) else ". "
    if not last:
        return said_first + rest + "Nothing in the plan is irreversible."
    never = " ".join(f"<strong>{said(step['description'])}</strong>" for step in last)
    return said_first + rest + "Never to be taken back: " + never


def recovery(step):
    if not step["recovery"]:
        return "<p><strong>Nothing brings it back.</strong></p>"
    again = f"<p><strong>To have it again: </strong>{said(step['recovery']['how'])}</p>"
    if not step["recovery"]["verified_by"]:
        again += '<p class="quiet">Its record is all that this needs.</p>'
    return again


def one_step(number, step, until):
    final = is_final(step)
    if step["action"] == "soak":
        effect = "Changes nothing. Whoever ends it early has everything put back."
    elif final:
        effect = '<span aria-hidden="true">⚠ </span><strong>Cannot be taken back.</strong>'
    elif step["effect"] == "reversible":
        effect = f'<span aria-hidden="true">↩ </span>Can be taken back {until}.'
    else:
        effect = "Only adds something."
    done = f"Done when {said(step['verification'])}."
    parts = [
        f'<p class="what"><span class="number" aria-hidden="true">{number}</span> '
        f"<span>{said(step['description'])}</span></p>",
        f'<p class="effect">{effect}{"" if final else " " + done}</p>',
    ]
    if final:
        parts.append(recovery(step))
    if step["loses"]:
        parts.append(f"<p><strong>Lost even so: </strong>{said(step['loses'])}.</p>")
    if step["rollback"] and step["rollback"]["does_not_bring_back"]:
        parts.append(f"<p><strong>Not brought back: </strong>{said(step['rollback']['does_not_bring_back'])}.</p>")
    if final:
        parts.append(f"<p>{done}</p>")
    return f'<li class="step{" irreversible" if final else ""}">{"".join(parts)}</li>'


def part(title, steps, until):
    if not steps:
        return ""
    shown = "".join(one_step(number, step, until) for number, step in steps)
    return f'<h3>{title}</h3><ol class="steps" start="{steps[0][0]}">{shown}</ol>'


def steps(book):
    numbered = list(enumerate(book["steps"], 1))
    soak = next((at for at, (_, step) in enumerate(numbered) if step["action"] == "soak"), len(numbered))
    before, rest, after = numbered[:soak], numbered[soak : soak + 1], numbered[soak + 1 :]
    final = next((number for number, step in numbered if is_final(step)), None)
    soaks, days = in_words(book["soak_seconds"]), book["backup_retention_days"]
    until = f"until step {final}, which comes after {soaks} of rest at the earliest" if final else "while it goes on"
    usual = sum(ACTIONS[step["action"]][5] for step in book["steps"]) + book["soak_seconds"]
    whole = -(-usual // 86_400) * 86_400 if usual >= 172_800 else usual
    return "".join(
        [
            part("First: what can be taken back", before, until),
            part("Then: nothing, so that everybody can notice", rest, until),
            '<p class="no-return"><span aria-hidden="true">▼ </span>From here on there is no way back'
            '<span aria-hidden="true"> ▼</span></p>'
            if after
            else "",
            part("Last: what cannot be taken back", after, until),
            f'<p class="quiet">In all it takes about {in_words(whole)}, and longer where a change window has to open '
            f"first. Backups are kept for {days} days.</p>",
        ]
    )


def unread(observation):
    return [(name, one["detail"]) for name, one in observation["coverages"].items() if one["coverage"] != "complete"]


def risk(assessment):
    observation = assessment["observation"]
    parts = [
        f"<p>{level(assessment['level'])}, with {counted(assessment['score'], 'point', 'points')} by profile "
        f"{escape(assessment['profile'])}, as seen {when(observation['observed_at'])}.</p>"
    ]
    points = [f"<strong>+{point['points']}</strong> {said(point['reason'])}" for point in assessment["points"]]
    parts.append(items(points, ' class="points"') if points else "<p>It has no points.</p>")
    if assessment["floors"]:
        floors = [f"<strong>{floor['level']}</strong>: {said(floor['reason'])}" for floor in assessment["floors"]]
        parts.append("<h3>Never below</h3>" + items(floors))
    gaps = unread(observation)
    if gaps or not assessment["evidence_complete"]:
        parts.append(
            '<div class="warning"><h3><span aria-hidden="true">▲ </span>Not everything could be read</h3>'
            "<p>Something may depend on it that nobody saw.</p>"
            + items(f"{escape(source)}: {said(what)}" for source, what in gaps)
            + "</div>"
        )
    else:
        parts.append("<p>Every source was read completely.</p>")
    parts.append("<h3>What depends on it</h3>")
    if observation["dependents"]:
        parts.append(
            items(
                f"<strong>{said(one['id'])}</strong> ({said(one['kind'])}) {said(one['relation'])}"
                for one in observation["dependents"]
            )
        )
    else:
        parts.append("<p>Nothing was found that does.</p>")
    against = [f"Blocked, {said(one['code'])}: {said(one['detail'])}" for one in assessment["blocked"]]
    against += [f"Protected, {said(one['code'])}: {said(one['detail'])}" for one in observation["protections"]]
    if against:
        parts.append("<h3>What stands against it</h3>" + items(against))
    if observation["last_activity"]:
        activity = observation["last_activity"]
        parts.append(f"<p>Last sign of life: {said(activity['what'])} {when(activity['at'])}.</p>")
    if assessment["recommendations"]:
        parts.append("<h3>What to do first</h3>" + items(map(said, assessment["recommendations"])))
    return "".join(parts)


def savings(saved):
    def row(what, micro, strong=False):
        cost = f"<strong>{dollars(micro)}</strong>" if strong else dollars(micro)
        return f'<tr><th scope="row">{what}</th><td class="number">{cost}</td></tr>'

    kept = f", kept for {saved['backups_kept_days']} days"
    lines = [row(said(line["what"]), line["micro_dollars_a_month"]) for line in saved["cost"]["saved"]]
    for line in saved["cost"]["backups"]:
        micro = line["micro_dollars_a_month"]
        lines.append(row(said(line["what"]) + kept, None if micro is None else -micro))
    return (
        "<table><caption>Dollars a month. An estimate at the public prices of us-east-1, never a bill.</caption>"
        '<thead><tr><th scope="col">What</th><th class="number" scope="col">A month</th></tr></thead>'
        f"<tbody>{''.join(lines)}</tbody><tfoot>"
        f"{row('Saved while the backups are kept', saved['net_micro_dollars_a_month'], True)}"
        f"{row('Saved after that', saved['saved_micro_dollars_a_month'], True)}</tfoot></table>"
        + ("" if saved["complete"] else "<p>What has no known price is left out of the sums.</p>")
    )


def checks(plan):
    warnings = [f"{one['severity']}: {one['message']}" for one in plan["findings"] if one["severity"] != "info"]
    attested = [one for one in plan["checklist"] if one["state"] == "attested_needed"]
    parts = ""
    if warnings:
        parts += section("warnings", "What the checker found in the plan", items(map(said, warnings)))
    if attested:
        listed = items(f"<strong>{said(one['text'])}</strong>: {said(one['how'])}" for one in attested)
        parts += section("attested", "What you attest by approving", listed)
    return parts


def answered(vote):
    if vote is None:
        return "no answer yet"
    yes = vote["answer"] == "approve"
    mark = '<span class="yes"><span aria-hidden="true">✓ </span>approved</span>'
    mark = mark if yes else '<span class="no"><span aria-hidden="true">✕ </span>rejected</span>'
    return f"{mark}, {when(vote['at'])}" + (f": {quote(vote['reason'])}" if vote["reason"] else "")


def one_role(shown, at, role):
    current = shown.record["round"]
    of_round = {
        vote["person"]: vote
        for vote in shown.votes
        if vote["round"] == current["number"] and vote["plan_hash"] == current["plan_hash"]
    }
    people = []
    for name in role["people"]:
        you = " (you)" if name == shown.person else ""
        away = role["standing_in"].get(name)
        away = f", standing in for {said(away)}" if away else ""
        people.append(f"<strong>{said(name)}</strong>{you}{away}: {answered(of_round.get(name))}")
    kind, _, owner = role["role"].partition(":")
    title = f"owner {said(owner)}" if kind == "owner" else said(role["role"])
    return (
        f'<h3 id="role-{at}">{title}</h3><p>Asked because {said(role["because"])}. {role["quorum"]} of '
        f"{len(role['people'])} must approve.</p>"
        + items(people, f' class="people" aria-labelledby="role-{at}"')
    )


def who_decides(shown):
    current, decision = shown.record["round"], shown.decision
    if decision["decision"] == "waiting":
        stands = (
            f"<strong>Not decided yet.</strong> Missing: {said(decision['missing'])}. Answers count until "
            f"{when_and_distance(current['deadline'], shown.now)}."
        )
    else:
        stands = f"<strong>{decision['decision'].capitalize()}</strong>"
    least = counted(int(current["minimum_approvers"]), "person", "different people")
    parts = [f"<p>{stands}</p>"]
    parts += [one_role(shown, at, role) for at, role in enumerate(current["required"], 1)]
    parts.append(
        f"<p>In all at least {least} must approve. One no ends it. Whoever started it never approves.</p>"
    )
    coming = [one for one in current["escalations"] if moment(one["at"]) > shown.now]
    if coming:
        later = items(
            f"{', '.join(map(said, one['people']))} for {said(one['role'])}, if it is not decided by {when(one['at'])}"
            for one in coming
        )
        parts.append("<h3>Who is asked later</h3>" + later)
    return "".join(parts)


def glance(shown):
    record, assessment, saved = shown.record, shown.assessment, shown.plan["savings"]
    steps_of = shown.plan["runbook"]["steps"]
    final = sum(map(is_final, steps_of))
    proof = "proved by AWS" if record["initiator_verified"] else "which nobody can prove"
    net, later = dollars(saved["net_micro_dollars_a_month"]), dollars(saved["saved_micro_dollars_a_month"])
    facts = [
        fact("Answer before", f"<strong>{when_and_distance(record['round']['deadline'], shown.now)}</strong>"),
        fact("Risk", f'{level(assessment["level"])} <a href="#risk">Why it is {assessment["level"]}</a>'),
        fact("Cannot be taken back", f'<a href="#steps">{final} of {counted(len(steps_of), "step", "steps")}</a>'),
        fact("Saves", f"{net} a month, {later} once its backups are gone"),
        fact("Why", quote(record["reason"])),
        fact(
            "Started by",
            f"{quote(record['initiator'])}, {proof}, {when_and_distance(record['created_at'], shown.now)}",
        ),
        fact("Owner", said(record["resource_owner"]) if record["resource_owner"] else "not known"),
        fact("Environment", said(assessment["business"]["environment"])),
        fact("Account", escape(record["account_id"])),
    ]
    tags = assessment["observation"]["found"]["tags"]
    details = ""
    if tags:
        listed = "".join(fact(said(key), said(value)) for key, value in tags.items())
        details = f'<details><summary>Its tags</summary><dl class="facts">{listed}</dl></details>'
    return f'<dl class="facts">{"".join(facts)}</dl>{details}'


def bound_to(shown):
    record, plan = shown.record, shown.plan
    head = f"{record['audit']['seq']}:{record['audit']['hash']}"
    facts = [
        fact("Plan", f"number {plan['number']}, made {when(plan['made_at'])}"),
        fact("Plan hash", code(plan["hash"])),
        fact("Audit head", code(head)),
        fact("Process", code(record["process_id"])),
        fact("Known as", said(record["display_id"])),
    ]
    return (
        "<p>An answer counts for this plan and no other. If the plan changes, people are asked again.</p>"
        f'<dl class="facts">{"".join(facts)}</dl>'
    )


def form(shown):
    if shown.because:
        return f'<p class="note">{said(shown.because)}</p>'
    resource_id = shown.record["resource"]["resource_id"]
    start, end = resource_id[:-6], resource_id[-6:]
    return (
        f'<form method="post" action="{escape("?l=" + shown.token)}">'
        f'<input type="hidden" name="form_token" value="{escape(shown.form_token)}">'
        '<button type="submit" disabled hidden>Enter sends nothing</button>'
        f'<div class="field"><label for="confirm">Type the last {len(end)} characters of the resource’s id</label>'
        f'<p class="hint" id="confirm-hint">It is <code>{escape(start)}<mark>{escape(end)}</mark></code>.</p>'
        '<input id="confirm" name="confirm" type="text" value="" required autocomplete="off" autocapitalize="none" '
        'autocorrect="off" spellcheck="false" aria-describedby="confirm-hint"></div>'
        '<div class="field"><label for="reason">Your reason</label><p class="hint" id="reason-hint">Needed for a no, '
        "welcome for a yes, up to 1000 characters. Everybody who works on this process can read it.</p>"
        '<textarea id="reason" name="reason" rows="4" maxlength="1000" aria-describedby="reason-hint"></textarea></div>'
        '<div class="choices"><button class="approve" type="submit" name="answer" value="approve">Approve: retire it'
        '</button><button class="reject" type="submit" name="answer" value="reject">Reject: keep it</button></div>'
        f'<p class="quiet">You answer as {said(shown.person)}, once. It is written into the audit trail with the time '
        "and your reason.</p></form>"
    )


def question(shown):
    record, assessment, plan = shown.record, shown.assessment, shown.plan
    resource = f"{record['resource']['resource_type']} {record['resource']['resource_id']}"
    state = "Not decided yet" if shown.because else "Your answer is needed"
    name = assessment["observation"]["found"]["name"]
    named = f' <span class="name">{quote(name)}</span>' if name else ""
    content = "".join(
        [
            f'<p class="state">{state}</p><h1>Retire {escape(resource)}{named}?</h1>',
            f'<p class="lead">{in_a_sentence(plan["runbook"])}</p>',
            glance(shown),
            "" if shown.because else '<p><a class="button" href="#answer">Go to your answer</a></p>',
            section("risk", f"Why the risk is {assessment['level']}", risk(assessment)),
            section("steps", "What will happen, step by step", steps(plan["runbook"])),
            section("savings", "What it saves", savings(plan["savings"])),
            checks(plan),
            section("people", "Who decides", who_decides(shown)),
            section("proof", "What your answer is bound to", bound_to(shown)),
            section("answer", "Your answer", form(shown)),
        ]
    )
    pages = [(shown.waiting_url, "What waits for you"), (shown.timeline_url, "Timeline")]
    skip = "" if shown.because else '<a href="#answer">Skip to your answer</a>'
    return document(f"{state}: {resource}", content, shown.person, pages, skip)
