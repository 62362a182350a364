"""Puts attack text and harmless look-alikes into every place of a call, and counts what arrives at Okta.

    python3 tests/payloads PORTCULLIS [--payloads DIR] [--sample N] [--misses N]

Truth is what the recording upstream saw: a text that stands in a path segment, a query value or a string of a body that arrived.
The own sets beside this file always run. Public sets are read from DIR (or PORTCULLIS_PAYLOADS): `*.jsonl` with one object a line,
{"set": "gotestwaf", "class": "xss", "kind": "attack" | "harmless" | "apart", "text": "…"}. They are nobody's to commit; docs/inspection.md
says where they come from. Each text is sent plain and percent-encoded (in addresses: once more than the address needs).
"""

import argparse
import collections
import json
import os
import pathlib
import re
import sys
import tempfile
import urllib.parse
import zlib

from stage import Stage
from upstream import Upstream

HERE = pathlib.Path(__file__).resolve().parent
STRUCTURAL_MIN, FREE_MIN, HARMLESS_MIN = 99.9, 95.0, 99.0
PERSON = {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com", "login": "ada@example.com"}


def person(**changes):
    return "POST", "/api/v1/users?activate=false", {"profile": PERSON | changes}


def group(**changes):
    return "POST", "/api/v1/groups", {"profile": {"name": "Engineers"} | changes}


def quoted(text):
    return urllib.parse.quote(text, safe="")


# Where a text can stand: name, whether any text belongs there, and the call with the text in it.
STRUCTURAL = {
    "path users/{id}": lambda text: ("GET", f"/api/v1/users/{quoted(text)}", None),
    "path groups/{id}": lambda text: ("GET", f"/api/v1/groups/{quoted(text)}", None),
    "query name": lambda text: ("GET", f"/api/v1/users?{quoted(text)}=1", None),
    "query value, unknown": lambda text: ("GET", f"/api/v1/users?debug={quoted(text)}", None),
    "query limit": lambda text: ("GET", f"/api/v1/users?limit={quoted(text)}", None),
    "query after": lambda text: ("GET", f"/api/v1/users?after={quoted(text)}", None),
    "query search": lambda text: ("GET", f"/api/v1/users?search={quoted(text)}", None),
    "body name, unknown": lambda text: ("POST", "/api/v1/groups", {"profile": {"name": "Engineers"}, text: "x"}),
    "body value, unknown": lambda text: ("POST", "/api/v1/groups", {"profile": {"name": "Engineers"}, "note": text}),
    "login": lambda text: person(login=text),
    "email": lambda text: person(email=text),
}
FREE = {
    "profile displayName": lambda text: person(displayName=text),
    "group description": lambda text: group(description=text),
    "query q": lambda text: ("GET", f"/api/v1/users?q={quoted(text)}", None),
}
# A text that is nothing but an id, a word or a number is no attack where an id belongs.
WORD = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*\.?")


def own(kind):
    for name, texts in json.loads((HERE / f"{kind}.json").read_text()).items():
        yield from ({"set": "own", "class": name, "kind": kind, "text": text} for text in texts)


def public(directory):
    for file in sorted(pathlib.Path(directory).glob("*.jsonl")):
        yield from map(json.loads, file.read_text().splitlines())


def sampled(texts, most):
    """At most so many of each set and class, chosen by their own checksum."""
    groups = collections.defaultdict(list)
    for text in texts:
        groups[text["set"], text["class"], text["kind"]].append(text)
    for members in groups.values():
        yield from sorted(members, key=lambda one: zlib.crc32(one["text"].encode()))[:most]


def is_held_out(text):
    """The half of the public texts that nobody looked at while the detectors were written."""
    checksum = 5381
    for byte in text.encode():
        checksum = (checksum * 33 & 0xFFFFFFFF) ^ byte
    return checksum % 2 == 1


def forms(text):
    """As it is, and percent-encoded; once, when that changes nothing."""
    return {text: "plain", quoted(text): "encoded"}


def sendable(text):
    """What JSON and an address can carry: no lone surrogates, not longer than the gateway reads of a query."""
    return text and len(quoted(quoted(text))) < 6_000 and not any("\ud800" <= sign <= "\udfff" for sign in text)


def calls(texts):
    for about in texts:
        if not sendable(about["text"]):
            continue
        harmless = about["kind"] == "harmless"
        for text, form in forms(about["text"]).items():
            for slot, call in FREE.items():
                if harmless and slot.startswith("query") and any(sign < " " for sign in text):
                    continue  # no address carries a line break
                yield about | {"slot": slot, "form": form, "sent": text, "call": call(text)}
            if not harmless and about["kind"] == "attack":
                for slot, call in STRUCTURAL.items():
                    if not WORD.fullmatch(text):
                        yield about | {"slot": slot, "form": form, "sent": text, "call": call(text)}


class Count:
    def __init__(self):
        self.good, self.all = collections.Counter(), collections.Counter()

    def add(self, key, good):
        self.all[key] += 1
        self.good[key] += good

    def share(self, key):
        return 100 * self.good[key] / self.all[key] if self.all[key] else 100.0

    def told(self, key):
        return f"{self.good[key]} of {self.all[key]} ({self.share(key):.2f} %)"


def controls(stage, upstream):
    """Every place takes what belongs there: else nothing below means anything."""
    fitting = {"path users/{id}": "00u1gjtxk4XLkTQTt1d7", "path groups/{id}": "00g1gjtxk4XLkTQTt1d7", "query limit": "200", "query after": "00u1cursor", "query search": 'profile.lastName eq "Smith"',
               "login": "o'brien@acme.com", "email": "ada@acme.com", "profile displayName": "Zoë D'or & Sons", "group description": "C++ > C, 50% off", "query q": "O'Reilly"}
    for slot, text in fitting.items():
        method, target, body = (STRUCTURAL | FREE)[slot](text)
        status = stage.ask([(method, target, body)])[0]
        assert status == 200 and upstream.arrived_in(slot, text), f"{slot} refused {text!r} with {status}: {stage.last}"


def main():
    words = argparse.ArgumentParser()
    words.add_argument("portcullis")
    words.add_argument("--payloads", default=os.environ.get("PORTCULLIS_PAYLOADS"))
    words.add_argument("--sample", type=int, default=10**9, help="most texts of each set and class")
    words.add_argument("--misses", type=int, default=0, help="how many misses of each set to print")
    words.add_argument("--held-out", action="store_true", help="only the half of the texts that was never looked at")
    given = words.parse_args()
    texts = [*own("attack"), *own("harmless")]
    if given.payloads and pathlib.Path(given.payloads).is_dir():
        texts += sampled(public(given.payloads), given.sample)
    else:
        print("public sets: skipped, no directory of them is given")
    if given.held_out:
        texts = [text for text in texts if text["set"] == "own" or is_held_out(text["text"])]
    with tempfile.TemporaryDirectory(prefix="portcullis-payloads-") as directory:
        upstream = Upstream()
        stage = Stage(os.path.abspath(given.portcullis), directory, upstream.port)
        try:
            controls(stage, upstream)
            told = list(calls(texts))
            statuses = stage.ask([one["call"] for one in told])
        finally:
            stage.end()
            upstream.stop()
    sys.exit(report(told, statuses, upstream, given.misses))


def report(told, statuses, upstream, misses):
    by_slot, by_class, totals = Count(), Count(), Count()
    missed = collections.defaultdict(list)
    for one, status in zip(told, statuses):
        # One text goes to several places, so only a path tells by itself; what was answered 200 came from upstream.
        reached = status == 200 or one["slot"].startswith("path") and upstream.arrived_in(one["slot"], one["sent"])
        stopped = not reached
        kind = "free" if one["slot"] in FREE else "structural"
        good = reached if one["kind"] == "harmless" else stopped
        key = {"harmless": "harmless", "apart": "apart"}.get(one["kind"], kind)
        own_set = "own" if one["set"] == "own" else "public"
        totals.add((own_set, key), good)
        by_slot.add((own_set, key, one["slot"], one["form"]), good)
        by_class.add((one["set"], key, one["class"].split("-")[0]), good)
        if not good:
            missed[one["set"], key, one["class"]].append((one["slot"], one["form"], one["sent"]))
    for count in (by_slot, by_class):
        for key in sorted(count.all):
            print(f"{' · '.join(key)}: {count.told(key)}")
    for key, those in sorted(missed.items()):
        for slot, form, text in those[:misses]:
            print(f"missed {' · '.join(key)} · {slot} · {form}: {text[:160]!r}")
    failed = False
    for own_set in ("own", "public"):
        for key, least in (("structural", STRUCTURAL_MIN), ("free", FREE_MIN), ("harmless", HARMLESS_MIN)):
            if totals.all[own_set, key]:
                below = totals.share((own_set, key)) < least
                failed |= below
                word = "passed" if key == "harmless" else "stopped"
                print(f"{own_set} {key}: {totals.told((own_set, key))} {word}, at least {least} %{' MISSED' if below else ''}")
        if totals.all[own_set, "apart"]:
            print(f"{own_set} apart, not counted: {totals.told((own_set, 'apart'))} stopped")
    return failed


if __name__ == "__main__":
    main()
