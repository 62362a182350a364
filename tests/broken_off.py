"""What `portcullis` does with a restore that was broken off: it resumes what was asked for, and nothing else.

    python3 tests/broken_off.py PORTCULLIS

A restore of one kind is killed early. The same words resume it, other words are refused with the words that would; and a run
whose files are damaged can be left behind.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

from kill_restore import Org


def ended(org, *words):
    """Exit code and stderr of one command."""
    done = subprocess.run(org.command(*words), cwd=org.directory, capture_output=True, text=True)
    return done.returncode, done.stderr


def main():
    portcullis = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="portcullis-broken-off-") as directory, Org(portcullis, directory) as org:
        org.wreck()
        narrow = ("restore", "latest", "--kind", "group", "--yes")
        assert ended(org, *narrow)[0] == 0, "groups were asked for and are there, whatever else is missing"
        runs = pathlib.Path(directory, "portcullis-state", "runs", "production")
        (run,) = runs.iterdir()
        assert (run / "plan.json").stat().st_mode & 0o077 == 0, "plans name people and are for their owner only"
        (run / "ended").unlink()  # as if it had been killed before its last word

        code, said = ended(org, "restore", "latest", "--yes")
        assert code == 7 and "--kind group" in said, f"a whole restore must not turn into one of groups: {code} {said}"
        code, said = ended(org, *narrow)
        assert code in (0, 6), f"the same words resume it: {code} {said}"

        (run / "ended").unlink()
        (run / "plan.json").write_text("{")
        code, said = ended(org, "restore", "latest", "--yes")
        assert code == 7 and "--afresh" in said, f"{code} {said}"
        code, said = ended(org, "restore", "latest", "--yes", "--afresh")
        assert code in (0, 6), f"a damaged run can be left behind: {code} {said}"
        assert ended(org, "plan", "latest", "--out", "plan.json")[0] == 0, "a plan is written beside the settings"
    print("broken_off: passed")


if __name__ == "__main__":
    main()
