"""Reads the last line of `cargo xtask conformance --json` on stdin and holds the emulated org to its floor."""

import json
import sys

FLOOR = 0.70  # of the self-contained conversations

said = json.loads(sys.stdin.read())
if said.get("skipped"):
    print("conformance: skipped, no recorded conversations (set PORTCULLIS_CORPUS)")
    sys.exit(0)
share = said["equal"] / said["self_contained"]
print(f"conformance: {said['equal']} of {said['self_contained']} self-contained conversations equal ({share:.1%})")
sys.exit(0 if share >= FLOOR else f"conformance: below the floor of {FLOOR:.0%}")
