"""Sends the requests of a caller, and holds answers and entries against what the oracle says."""

import http.client
import json

from catalogue import OPERATIONS, OWN
from oracle import Ask
from things import fill, subject


def asks_of(caller, org):
    for operation in OPERATIONS:
        if operation["path"] in OWN:
            continue
        variants = org.variants(subject(operation["path"]))
        for thing in variants if caller.refused is None else variants[:1]:
            path, known = fill(operation, thing, org)
            yield Ask(caller, operation, thing, known, path)


def send_all(asks, port):
    """Sends one caller's requests over one connection; gives status and number of the entry for each."""
    caller = asks[0].caller
    link = http.client.HTTPConnection("127.0.0.1", port, source_address=(caller.source, 0), timeout=60)
    answers = []
    for ask in asks:
        headers = {"Authorization": caller.authorization} if caller.authorization else {}
        body = ask.body()
        if body is not None:
            headers["Content-Type"], body = "application/json", json.dumps(body)
        for attempt in (0, 1):
            try:
                link.request(ask.operation["method"], ask.path, body=body, headers=headers)
                answer = link.getresponse()
                answer.read()
                break
            except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
                link.close()
                if attempt:
                    raise
        entry = answer.getheader("X-Portcullis-Entry")
        answers.append((answer.status, int(entry) if entry else None))
    link.close()
    return answers


def trail_of(directory):
    entries = {}
    for file in sorted((directory / "portcullis-state" / "audit" / "gateway" / "production").glob("*.jsonl")):
        for line in file.read_text().splitlines():
            entry = json.loads(line)
            entries[entry["seq"]] = entry
    return entries


def difference(ask, answer, entries, wanted):
    """What is wrong with an answer, if anything."""
    status, number = answer
    if ask.caller.refused is not None:
        return None if (status, number) == (401, None) else f"answered {status}, not 401"
    entry = entries.get(number)
    if entry is None:
        return f"answered {status} without an entry"
    if entry.get("operation") != ask.operation["id"] or entry.get("client") != ask.caller.id:
        return f"is written down as {entry.get('operation')} by {entry.get('client')}"
    details = {name: value for name, value in entry.get("details", {}).items() if name not in ("error_id", "effects")}
    effects = entry.get("details", {}).get("effects")
    # What exactly a call takes away is the question of mass_delete.py; here: reads take nothing, and what is deleted is counted.
    if effects and ask.operation["method"] == "GET":
        return f"reads, and is counted as {effects}"
    if entry["kind"] == "call_opened" and ask.operation["method"] == "DELETE" and not effects:
        return "deletes, and is not counted"
    if wanted.passes:
        if entry["kind"] != "call_opened":
            return f"refused with {entry.get('reason')}, and should pass"
        return None if details == wanted.details else f"passes with {details}, not {wanted.details}"
    if entry["kind"] != "refused" or status != 403:
        return f"{entry['kind']} and answered {status}, and should be refused with {wanted.reason}"
    return None if entry["reason"] == wanted.reason else f"refused with {entry['reason']}, not {wanted.reason}"
