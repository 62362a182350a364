"""Reads the last line of `cargo xtask inspect --json` on stdin: nothing accepted or published may be refused, everything bent must be."""

import json
import sys

FLOOR = 0.999  # of requests bent at places that do not take such a value

said = json.loads(sys.stdin.read())
failed = []
tried = refused = 0
for title, row in said.items():
    if row.get("skipped"):
        print(f"inspection: {title} skipped, not there (set PORTCULLIS_CORPUS, PORTCULLIS_SPEC)")
    elif "requests" in row:
        print(f"inspection: {title}: {row['refused']} of {row['requests']} refused")
        if row["refused"]:
            failed.append(title)
    elif "tried" in row:
        tried += row["tried"]
        refused += row["refused"]
if tried:
    print(f"inspection: {refused} of {tried} bent requests refused ({refused / tried:.3%})")
    if refused / tried < FLOOR:
        failed.append("bent requests")
sys.exit(f"inspection: {', '.join(failed)}" if failed else 0)
