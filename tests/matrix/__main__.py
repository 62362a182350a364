"""Every operation by every caller: holds what the gateway answers and writes down against an oracle that shares no code with it.

    python3 tests/matrix PORTCULLIS

The oracle is the files beside this one: it reads `okta/operations.jsonl` (what an operation needs) and its own statement of the callers below (what
they were given), and says for every pair what must come of it, and why. The gateway is asked over HTTP and its reasons are read from
the trail it wrote. What the oracle says is never learned from the program.

An emulated org is read into a snapshot and then put in the place of an empty one on the same port: the gateway knows people, groups and
apps that its org does not have, so that whatever passes changes nothing. Prints the number of pairs; ends 1 at the first differences.
"""

import concurrent.futures
import os
import sys
import tempfile
import time

from asking import asks_of, difference, send_all, trail_of
from callers import callers
from catalogue import OPERATIONS
from oracle import Ask, expected
from policies import policies
from stage import Stage, elevate, register, set_stage
from tokens import token


def main():
    portcullis = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="portcullis-matrix-") as directory:
        stage = Stage(portcullis, directory)
        try:
            return play(stage)
        finally:
            stage.end()


def play(stage):
    org, port = set_stage(stage)
    everyone, rules = callers(), policies(org)
    for number, caller in enumerate(everyone):
        caller.source = caller.source or f"127.0.1.{number + 1}"
        register(stage, caller)
    for policy in rules:
        stage.say("policy", "put", policy.name, stage.private(f"{policy.name}.cedar", policy.text))
    approvers = [stage.private(f"{name}.key", stage.say("approver", "add", name)["key"]) for name in ("ana", "ben")]
    for caller in everyone:
        if caller.elevated:
            elevate(stage, caller, approvers)
    _, gateway = stage.start("serve")
    for caller in everyone:
        if isinstance(caller.authorization, dict):
            token(f"http://127.0.0.1:{port}", caller)
    wait_until_known(port, everyone, org)
    began, plays = time.monotonic(), [list(asks_of(caller, org)) for caller in everyone]
    # Whoever may end the gateway's own credential does so when all else has been asked.
    first, last = ([[ask for ask in asks if (ask.operation["id"] == ENDS_ALL) == ends] for asks in plays] for ends in (False, True))
    with concurrent.futures.ThreadPoolExecutor(max_workers=8) as crew:
        send = lambda asks: send_all(asks, port)
        answered = [before + after for before, after in zip(list(crew.map(send, first)), list(crew.map(send, last)))]
    plays = [before + after for before, after in zip(first, last)]
    took = time.monotonic() - began
    stage.stop(gateway)
    return judge(stage, plays, answered, rules, took)


# Revokes the token it is called with: Okta's, which the gateway shows.
ENDS_ALL = "revokeCurrentApiToken"


def wait_until_known(port, everyone, org):
    """Until the gateway has read the snapshot, which it does by itself within seconds of its start."""
    careful = next(caller for caller in everyone if caller.name == "careful")
    operation = next(operation for operation in OPERATIONS if operation["id"] == "unlockUser")
    probe = [Ask(careful, operation, org.people[1], True, f"/api/v1/users/{org.people[1].id}/lifecycle/unlock")]
    for _ in range(200):
        if send_all(probe, port)[0][0] != 403:
            return
        time.sleep(0.1)
    sys.exit("matrix: the gateway does not know its org")


def judge(stage, plays, answered, rules, took):
    entries, pairs, wrong = trail_of(stage.directory), 0, []
    outcomes = {}
    for asks, answers in zip(plays, answered):
        for ask, answer in zip(asks, answers):
            pairs += 1
            wanted = expected(ask, rules) if ask.caller.refused is None else None
            outcome = "not identified" if wanted is None else wanted.reason or "passes"
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            problem = difference(ask, answer, entries, wanted)
            if problem:
                thing = f" ({ask.thing.type} {ask.thing.id})" if ask.thing else ""
                wrong.append(f"{ask.caller.name}: {ask.operation['id']}{thing} {problem}")
    doors = {asks[0].caller.source: asks[0].caller for asks in plays if asks[0].caller.refused is not None}
    for entry in entries.values():
        caller = doors.get(entry.get("source"))
        # Of those who guess too often, the trail says once a minute how often.
        reasons = set(entry.get("details", {})) if entry["kind"] == "turned_away" else {entry.get("reason")}
        unlike = caller and not (entry["kind"] in ("refused", "turned_away") and reasons and reasons <= caller.refused)
        if unlike:
            wrong.append(f"{caller.name}: an entry says {entry['kind']} {entry.get('reason')} {entry.get('details')}")
    for line in wrong[:40]:
        print(line)
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items(), key=lambda item: -item[1]))
    callers_count = len(plays)
    operations_count = len({ask.operation["id"] for asks in plays for ask in asks})
    print(f"{pairs} pairs of {operations_count} operations and {callers_count} callers in {took:.0f} s, {len(wrong)} differ: {told}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
