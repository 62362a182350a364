"""Makes the directory of public payload sets that `python3 tests/payloads --payloads DIR` reads, from the sets as their authors publish them.

    python3 tests/payloads/gather.py --out DIR [--gotestwaf TESTCASES] [--crs CORERULESET] [--wfuzz WORDLIST] [--sqlmap PAYLOADS]

Each argument is a directory: `testcases` of GoTestWAF, the tree of the OWASP Core Rule Set, `wordlist` of wfuzz, `data/xml/payloads` of
sqlmap. Needs PyYAML. What is left out, and why:

- CRS: tests of other rule files than 930 to 944 (methods, protocol, answers); tests whose payload is a header, a cookie or a path; tests
  that expect no match. Kept apart and not counted: rules above paranoia level 1, which the rule set itself leaves off because they
  match fragments (`date(`, `) as t from`), and texts that are base64 and nothing else.
- wfuzz: comments; kept apart: single words and single signs (`'`, `select`), which are prose to anybody.
- GoTestWAF: requests of a form that has no place here (gRPC, multipart bodies, padding of 8 to 128 kB around the same payloads).
"""

import argparse
import json
import pathlib
import re
import urllib.parse
import xml.etree.ElementTree

import yaml

CLASSES = {"930": "path", "931": "inclusion", "932": "command", "933": "php", "934": "node", "941": "xss", "942": "sql", "943": "session", "944": "java"}
# Where sqlmap's payloads break out of a literal, and how they end.
BOUNDARIES = [("'", " AND 'a'='a"), ("')", " AND ('a'='a"), ("", " -- x"), ('"', ' AND "a"="a'), (")", "-- x"), ("1", "#")]


def gotestwaf(directory):
    for file in sorted(pathlib.Path(directory).rglob("*.y*ml")):
        if re.search(r"\d+kb|grpc|multipart|user-agent|buffer", file.name):
            continue
        harmless = file.parent.name == "false-pos"
        for text in yaml.safe_load(file.read_text())["payload"]:
            yield file.stem, "harmless" if harmless else "attack", str(text)


def crs(directory):
    levels = {}
    for file in pathlib.Path(directory, "rules").glob("*.conf"):
        for rule in re.finditer(r"id:(\d{6}),(.*?)(?=\nSecRule|\Z)", file.read_text(errors="replace"), re.S):
            level = re.search(r"paranoia-level/(\d)", rule[2][:3000])
            levels[rule[1]] = int(level[1]) if level else 1
    for file in sorted(pathlib.Path(directory, "tests/regression/tests").rglob("*.yaml")):
        rule = file.stem
        if rule[:3] not in CLASSES:
            continue
        for test in yaml.safe_load(file.read_text())["tests"]:
            for stage in test["stages"]:
                text = crs_text(rule, stage["stage"])
                if text:
                    apart = levels.get(rule, 1) > 1 or rule[:3] in ("934", "944") and re.fullmatch(r"[A-Za-z0-9+/]{8,}={0,2}", text)
                    yield f"{CLASSES[rule[:3]]}-{rule}", "apart" if apart else "attack", text


def crs_text(rule, stage):
    """The longest value of the query or body of a stage that must match its rule."""
    sent, expected = stage["input"], stage.get("output", {})
    if rule not in str(expected.get("log_contains", "")) or "no_log_contains" in expected:
        return None
    data = sent.get("data") or ""
    data = "\r\n".join(map(str, data)) if isinstance(data, list) else str(data)
    kind = str({name.lower(): value for name, value in (sent.get("headers") or {}).items()}.get("content-type", ""))
    texts = [data] if re.search("json|xml|multipart", kind) else [*pairs_of(data)]
    texts += pairs_of(str(sent.get("uri", "/")).partition("?")[2])
    return max((text for text in texts if text.strip()), key=len, default=None)


def pairs_of(form):
    for pair in filter(None, form.split("&")):
        name, equals, value = (urllib.parse.unquote_plus(part, errors="replace") for part in pair.partition("="))
        yield value if equals else name
        if equals and not re.fullmatch(r"[\w.\-\[\]]*", name):
            yield name


def wfuzz(directory):
    lists = {"Injections/SQL.txt": "sql", "vulns/sql_inj.txt": "sql", "Injections/XSS.txt": "xss", "Injections/XML.txt": "xml", "Injections/Traversal.txt": "path",
             "vulns/dirTraversal.txt": "path", "vulns/dirTraversal-nix.txt": "path", "vulns/dirTraversal-win.txt": "path"}
    for name, kind in lists.items():
        for line in pathlib.Path(directory, name).read_text(errors="replace").splitlines():
            if line.strip() and not line.startswith("# "):
                text = line.replace("{FILE}", "etc/passwd")
                word = len(text.strip()) < 5 or re.fullmatch(r"['#]?[\w ]+|(\\x\w\w|%\w\w|\W)+", text)
                yield kind, "apart" if word else "attack", text


def sqlmap(directory):
    number = 0
    for file in sorted(pathlib.Path(directory).glob("*.xml")):
        for request in xml.etree.ElementTree.parse(file).getroot().iter("request"):
            payload = request.findtext("payload") or ""
            for mark, value in {"[SLEEPTIME]": "5", "[DELIMITER_START]": "qxpbq", "[DELIMITER_STOP]": "qzvkq", "[ORIGVALUE]": "1", "[UNION]": "UNION ALL SELECT NULL,NULL",
                                "[INFERENCE]": "1=1", "[COLSTART]": "1", "[COLSTOP]": "10", "[CHAR]": "NULL"}.items():
                payload = payload.replace(mark, value)
            payload = re.sub(r"\[RANDNUM\d?\]", "4521", re.sub(r"\[RANDSTR\d?\]", "qwer", re.sub(r"\[\w+_REPLACE\]", "q", payload)))
            if payload.strip():
                start, end = BOUNDARIES[number % len(BOUNDARIES)]
                comment = (request.findtext("comment") or "").replace("[GENERIC_SQL_COMMENT]", "-- abcd")
                yield "sql", "attack", start + ("" if payload.startswith(";") else " ") + payload + (comment or end)
                number += 1


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--out", required=True)
    readers = {"gotestwaf": gotestwaf, "crs": crs, "wfuzz": wfuzz, "sqlmap": sqlmap}
    for name in readers:
        words.add_argument(f"--{name}")
    given = words.parse_args()
    for name, read in readers.items():
        if directory := getattr(given, name):
            texts = {text: {"set": name, "class": kind, "kind": counted, "text": text} for kind, counted, text in read(directory)}
            lines = "".join(json.dumps(one) + "\n" for one in texts.values())
            pathlib.Path(given.out, f"{name}.jsonl").write_text(lines)
            print(f"{name}: {len(texts)} texts")


if __name__ == "__main__":
    main()
