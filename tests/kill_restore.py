"""Kills `portcullis restore` with SIGKILL at random moments, resumes it, and holds the result against an undisturbed restore.

    python3 tests/kill_restore.py PORTCULLIS [MOMENTS]

Each round wrecks a fresh emulated org the same way, restores it, kills the restore, runs it again until it ends by itself, and
compares what the org then holds with what an undisturbed restore gave: the same objects, none twice, nothing unexplained.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.request

NATURAL = {"users": lambda o: o["profile"]["login"], "groups": lambda o: o["profile"]["name"], "apps": lambda o: o["label"],
           "zones": lambda o: o["name"], "groups/rules": lambda o: o["name"],
           "policies?type=ACCESS_POLICY": lambda o: o["name"]}


class Org:
    """An emulated org and what `portcullis` keeps of it."""

    def __init__(self, portcullis, directory):
        self.portcullis, self.directory = portcullis, directory
        words = [portcullis, "sandbox", "--seed", "small", "--limits", "off", "--json"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        said = json.loads(self.process.stdout.readline())
        self.url, self.token = said["url"], said["token"]
        token = pathlib.Path(directory, "okta.token")
        token.touch(mode=0o600)
        token.write_text(self.token)
        self.run("init", "--okta", self.url, "--token-file", "okta.token")
        self.run("backup")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)

    def command(self, *words):
        return [self.portcullis, *words, "--json"]

    def run(self, *words):
        done = subprocess.run(self.command(*words), cwd=self.directory, capture_output=True, text=True)
        if done.returncode not in (0, 6, 7):
            sys.exit(f"portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    def okta(self, method, path):
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", method=method,
                                         headers={"Authorization": f"SSWS {self.token}", "Accept": "application/json"})
        if method == "POST":
            request.data = b""
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def wreck(self):
        """Deletes every user, team, zone, rule, app and access policy that Okta lets go."""
        for rule in self.okta("GET", "groups/rules"):
            if rule["status"] == "ACTIVE":
                self.okta("POST", f"groups/rules/{rule['id']}/lifecycle/deactivate")
            self.okta("DELETE", f"groups/rules/{rule['id']}")
        for app in self.okta("GET", "apps"):
            if app["name"] in ("saasure", "okta_enduser", "okta_browser_plugin") or app["name"].startswith("okta_"):
                continue
            if app["status"] == "ACTIVE":
                self.okta("POST", f"apps/{app['id']}/lifecycle/deactivate")
            self.okta("DELETE", f"apps/{app['id']}")
        for policy in self.okta("GET", "policies?type=ACCESS_POLICY"):
            if not policy["system"]:
                self.okta("DELETE", f"policies/{policy['id']}")
        me = self.okta("GET", "users/me")["id"]  # a token dies with its owner
        for user in self.okta("GET", "users?search=status%20pr"):
            if user["id"] == me:
                continue
            if user["status"] != "DEPROVISIONED":
                self.okta("DELETE", f"users/{user['id']}")
            self.okta("DELETE", f"users/{user['id']}")
        for group in self.okta("GET", "groups"):
            if group["type"] == "OKTA_GROUP":
                self.okta("DELETE", f"groups/{group['id']}")

    def holds(self):
        found = {}
        for path, name in NATURAL.items():
            query = path.replace("users", "users?search=status%20pr") if path == "users" else path
            found[path] = sorted(name(item) for item in self.okta("GET", query))
        return found


def restored(portcullis, kill_after):
    """One round: what the org held, what it holds, the last words of the restore, how often it was killed, how long it lasted."""
    with tempfile.TemporaryDirectory(prefix="portcullis-kill-") as directory, Org(portcullis, directory) as org:
        before = org.holds()
        org.wreck()
        kills, started = 0, time.monotonic()
        if kill_after is not None:
            process = subprocess.Popen(org.command("restore", "latest", "--yes"), cwd=directory, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=kill_after)
                lasted = time.monotonic() - started
                return before, org.holds(), org.run("restore", "latest", "--yes"), 0, lasted
            except subprocess.TimeoutExpired:
                os.kill(process.pid, 9)
                process.wait()
                kills = 1
        said = org.run("restore", "latest", "--yes")
        lasted = time.monotonic() - started
        return before, org.holds(), said, kills, lasted


def main():
    portcullis = os.path.abspath(sys.argv[1])
    moments = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    dice = random.Random(int(os.environ.get("PORTCULLIS_DICE", "1")))
    before, undisturbed, said, _, seconds = restored(portcullis, None)
    assert undisturbed == before, "an undisturbed restore brings back every object"
    assert said["unexplained_differences"] == 0, said
    killed = failed = rounds = 0
    while killed < moments and rounds < 4 * moments:
        rounds += 1
        after = dice.uniform(0, seconds)
        _, held, words, kills, lasted = restored(portcullis, after)
        if not kills:  # a moment behind the end of a restore does not count; this machine has become faster since
            seconds = min(seconds, lasted)
        killed += kills
        sound = held == undisturbed and words["unexplained_differences"] == 0
        if not sound:
            failed += 1
            print(f"killed after {after:.3f} s: {words}", file=sys.stderr)
    print(f"kill_restore: {killed} restores killed in {rounds} rounds, undisturbed {seconds:.2f} s")
    print(f"{rounds - failed} passed, {failed} failed")
    sys.exit(1 if failed or killed < moments else 0)


if __name__ == "__main__":
    main()
