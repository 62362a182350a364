"""Reads the demo's last line on stdin and holds it to its promise."""

import json
import sys

KEYS = ["objects_destroyed", "objects_restored", "unexplained_differences", "unrecoverable", "allowed_calls", "refused_calls",
        "audit_verified", "calls_used", "calls_minimum", "seconds"]

said = json.loads(sys.stdin.read())
missing = [key for key in KEYS if key not in said]
assert not missing, f"the last line lacks {missing}: {said}"
assert said["unexplained_differences"] == 0, said
assert said["objects_destroyed"] > 0 and said["objects_restored"] > 0, said
assert said["allowed_calls"] > 0 and said["refused_calls"] > 0, said
assert said["audit_verified"] is True, said
assert said["unrecoverable"], "a restore that claims to lose nothing is not honest"
print(f"demo: {json.dumps(said)}")
