"""HTTP/2 as RFC 9113 and RFC 7541 write it, and as those who mean harm do, against the real binary over TLS.

    python tests/http2 PORTCULLIS [--only WORD]

Every case states its section and what must happen; the list follows the sections as h2spec's does. Then every known abuse of the
protocol: each must end with its connection cut, while a good caller on another connection is served and memory stays bounded. Needs
`openssl`, and of PyPI `h2` and `hpack` (tests/clients/requirements.txt).
"""

import argparse
import collections
import sys
import tempfile
import time

import abuse
import casebook
import compression  # noqa: F401  (the modules fill the list)
import expecting
import frame_kinds  # noqa: F401
import framing  # noqa: F401
import semantics  # noqa: F401
from place import Place
from talking import Talk

RSS_GROWS_MIB_MAX = 64
LIMITS = "new-connections-per-second = 1000\nanswer-seconds = 5\n"


def judged(place, one):
    """What is wrong with a case, if anything."""
    try:
        with Talk(place, **one.how) as talk:
            one.run(talk, **one.values)
    except Exception as error:  # an answer that cannot be read is a case that failed
        return f"{type(error).__name__}: {error}"
    return None


def cases(place, only):
    failed, sections = 0, collections.Counter()
    for one in casebook.ALL:
        if only and only not in f"{one.section} {one.says}":
            continue
        wrong = judged(place, one)
        sections[one.section.rsplit(".", 1)[0] if "HPACK" not in one.section else "HPACK"] += 1
        if wrong:
            failed += 1
            print(f"FAIL {one.section} {one.says}: {wrong}")
    print(f"{sum(sections.values()) - failed} of {sum(sections.values())} cases of RFC 9113 and RFC 7541 end as they must, "
          f"{len(expecting.UNSPECIFIC)} of them with PROTOCOL_ERROR for a more telling error")
    return failed


def abuses(place):
    not_cut, good, before, most = abuse.run(place)
    served = len(good.took_ms) - len(good.failed)
    slowest = max(good.took_ms, default=0)
    print(f"{len(abuse.ALL) - len(not_cut)} of {len(abuse.ALL)} abuses are cut off; meanwhile {served} of {len(good.took_ms)} calls of a good caller "
          f"are served, the slowest in {slowest:.0f} ms; resident memory {before:.0f} MiB before, {most:.0f} MiB at most")
    wrong = [f"not cut: {says}" for says in not_cut]
    if good.failed or served < 100:
        wrong.append(f"the good caller: {good.failed[:5]}")
    if most - before > RSS_GROWS_MIB_MAX:
        wrong.append(f"memory grew by {most - before:.0f} MiB")
    return wrong


def told(place):
    """What the operator is told of the abusers."""
    reasons = {}
    for entry in place.trail():
        if entry["kind"] == "turned_away":
            reasons.setdefault(entry["source"], set()).update(entry["details"])
    missing = []
    for number, (says, reason, _, _) in enumerate(abuse.ALL):
        found = reasons.get(f"127.0.7.{number + 1}", set())
        if reason and reason not in found:
            missing.append(f"the trail does not name {reason} for `{says}`, but {sorted(found)}")
    named = sum(1 for number in range(len(abuse.ALL)) if reasons.get(f"127.0.7.{number + 1}"))
    print(f"{named} of {len(abuse.ALL)} abusers are named in the trail, one entry each a minute")
    return missing


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("portcullis")
    parser.add_argument("--only", help="only the cases whose section or sentence has this in it, and no abuse")
    arguments = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="portcullis-http2-") as directory:
        place = Place(arguments.portcullis, directory, LIMITS)
        with place:
            failed = cases(place, arguments.only)
            wrong = [] if arguments.only else abuses(place)
        wrong += [] if arguments.only else told(place)
    for line in wrong:
        print(f"FAIL {line}")
    print(f"done in {time.monotonic() - begun:.0f} s")
    sys.exit(1 if failed or wrong else 0)


if __name__ == "__main__":
    main()
