"""A script's call waits for two people, goes through, and is denied again; and the glass is broken, loudly. By the binary alone.

    python3 tests/just_in_time.py PORTCULLIS

A webhook listens the while: every step must reach it, signed, in order.
"""

import hashlib
import hmac
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

SECRET = "shared with the receiver"
PATIENCE = 30


class Webhook(http.server.ThreadingHTTPServer):
    """Takes notices that are properly signed and fresh."""

    def __init__(self):
        self.events = []
        super().__init__(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait_for(self, *events):
        """The facts of these events, which must have come in this order."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            names = iter(event for event, _ in self.events)
            if all(event in names for event in events):
                return
            time.sleep(0.05)
        raise AssertionError(f"{events} in {[event for event, _ in self.events]}")


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        fields = dict(part.split("=", 1) for part in self.headers["x-portcullis-signature"].split(","))
        right = hmac.new(SECRET.encode(), f"{fields['t']}.".encode() + body, hashlib.sha256).hexdigest()
        fresh = abs(time.time() - int(fields["t"])) < 60
        if not (fresh and hmac.compare_digest(right, fields["v1"])):
            self.send_response(403)
        else:
            notice = json.loads(body)
            self.server.events.append((notice["event"], notice["facts"]))
            self.send_response(204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class World:
    def __init__(self, portcullis, directory):
        self.portcullis, self.directory, self.running = portcullis, pathlib.Path(directory), []
        self.shown_once = []

    def ran(self, *words, **environment):
        return subprocess.run([self.portcullis, *words, "--json"], cwd=self.directory, capture_output=True, text=True,
                              env={**os.environ, **environment})

    def say(self, *words, **environment):
        done = self.ran(*words, **environment)
        assert done.returncode == 0, f"{' '.join(words)} ended {done.returncode}: {done.stderr}"
        said = json.loads(done.stdout.strip().splitlines()[-1])
        if isinstance(said, dict):
            self.shown_once += [said[name] for name in ("key", "passphrase") if name in said]
        return said

    def start(self, *words, **where):
        process = subprocess.Popen([self.portcullis, *words, "--json"], cwd=self.directory, stdout=subprocess.PIPE, text=True, **where)
        self.running.append(process)
        return json.loads(process.stdout.readline())

    def secret(self, name, text):
        path = self.directory / name
        path.touch(mode=0o600)
        path.write_text(text)
        return name

    def end(self):
        for process in reversed(self.running):
            process.terminate()
            process.wait(timeout=20)


def call(gateway, key, method, path, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers |= {"Authorization": f"SSWS {key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(gateway + path, method=method, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as reply:
            return reply.status, dict(reply.headers), reply.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, dict(refusal.headers), refusal.read()


def held(gateway, key, results, *request, **headers):
    thread = threading.Thread(target=lambda: results.append(call(gateway, key, *request, **headers)))
    thread.start()
    return thread


def asked(world):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if open_ones := world.say("elevation", "list", "--open"):
            return open_ones[0]
        time.sleep(0.05)
    raise AssertionError("nobody asked")


def two_people_agree(world, webhook, gateway, org, key):
    people = {}
    for name, owns in (("ana", []), ("ben", []), ("cem", ["--owns", "helpdesk"])):
        people[name] = world.say("approver", "add", name, *owns)["key"]
    _, _, users = call(org["url"], org["token"], "GET", "/api/v1/users?limit=1")
    role = ("POST", f"/api/v1/users/{json.loads(users)[0]['id']}/roles", {"type": "HELP_DESK_ADMIN"})

    status, _, body = call(gateway, key, *role)
    assert status == 403 and b"/portcullis/v1/elevations" in body, body
    results = []
    waiting = held(gateway, key, results, *role, Prefer="wait=60", X_Portcullis_Reason="ticket 4711")
    one = asked(world)
    assert one["reason"] == "ticket 4711" and one["approvals"] == {"needed": 2, "given": 0}, one
    webhook.wait_for("elevation.asked")
    refused = world.ran("elevation", "approve", one["id"], PORTCULLIS_APPROVER_KEY=people["cem"])
    assert refused.returncode == 2 and "own" in refused.stderr, refused.stderr
    for _ in range(2):
        ana = world.say("elevation", "approve", one["id"], "--key-file", world.secret("ana.key", people["ana"]))
        assert ana["approvals"]["given"] == 1 and ana["stage"] == "open", ana
    assert waiting.is_alive() and not results
    world.say("elevation", "approve", one["id"], PORTCULLIS_APPROVER_KEY=people["ben"])
    waiting.join(PATIENCE)
    status, headers, body = results[0]
    assert status in (200, 201) and headers.get("preference-applied") == "wait=60", (status, headers, body)
    webhook.wait_for("elevation.asked", "elevation.approved", "elevation.approved")

    assert call(gateway, key, "GET", role[1])[0] == 403, "nothing beside what was asked for"
    world.say("elevation", "end", one["id"])
    ended = time.monotonic()
    while call(gateway, key, *role)[0] != 403:
        assert time.monotonic() < ended + 1, "an elevation that was ended goes on in the gateway"
    webhook.wait_for("elevation.approved", "elevation.ended")

    results = []
    waiting = held(gateway, key, results, *role, Prefer="wait=60", X_Portcullis_Reason="again")
    world.say("elevation", "deny", asked(world)["id"], PORTCULLIS_APPROVER_KEY=people["ben"])
    waiting.join(PATIENCE)
    assert results[0][0] == 403 and b"denied" in results[0][2], results
    webhook.wait_for("elevation.ended", "elevation.denied")


def the_glass_is_broken(world, webhook, gateway, heard):
    closed = world.ran("break-glass", "open", "--reason", "fire", "--passphrase-file", world.secret("sheet", "x"))
    assert closed.returncode == 2, closed.stderr
    passphrase = world.say("break-glass", "seal")["passphrase"]
    wrong = world.ran("break-glass", "open", "--reason", "fire", "--passphrase-file", "sheet")
    assert wrong.returncode == 2 and "passphrase" in wrong.stderr, wrong.stderr
    soon = world.ran("break-glass", "open", "--reason", "fire", "--passphrase-file", world.secret("sheet", passphrase))
    assert soon.returncode == 2 and "too soon" in soon.stderr, soon.stderr
    time.sleep(2.1)
    opened = world.say("break-glass", "open", "--reason", "fire", "--passphrase-file", "sheet")
    until = time.monotonic() + 1
    while call(gateway, opened["key"], "GET", "/api/v1/apps")[0] != 200:
        assert time.monotonic() < until, "the gateway takes the key within a second"
        time.sleep(0.1)  # whoever shows unknown keys too often is not looked at for a minute
    webhook.wait_for("break_glass.sealed", "break_glass.refused", "break_glass.opened", "break_glass.used")
    assert "break-glass key used" in heard.read_text(), heard.read_text()
    world.say("break-glass", "close")
    ended = time.monotonic()
    while call(gateway, opened["key"], "GET", "/api/v1/apps")[0] != 401:
        time.sleep(0.1)
        assert time.monotonic() < ended + 1, "a key that was closed goes on"
    again = world.ran("break-glass", "open", "--reason", "fire", "--passphrase-file", "sheet")
    assert again.returncode == 2 and "seal is broken" in again.stderr, again.stderr


def nothing_kept(world, webhook):
    """What is shown once, and what notices are signed with, is nowhere in the state, the traces or the notices."""
    kept = {file: file.read_bytes() for file in world.directory.rglob("portcullis-state/**/*") if file.is_file()}
    kept["traces"] = (world.directory / "gateway.stderr").read_bytes()
    kept["notices"] = json.dumps(webhook.events).encode()
    assert len(world.shown_once) >= 6, world.shown_once
    for secret in [*world.shown_once, SECRET]:
        found = [str(place) for place, content in kept.items() if secret.encode() in content]
        assert not found, f"a secret lies in {found}"


def trails(world):
    lines = [line for file in world.directory.glob("portcullis-state/audit/*/production/*.jsonl") for line in file.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def main():
    portcullis = pathlib.Path(sys.argv[1]).resolve()
    webhook = Webhook()
    with tempfile.TemporaryDirectory(prefix="portcullis-just-in-time-") as directory:
        world = World(portcullis, directory)
        try:
            org = world.start("sandbox", "--seed", "small", "--limits", "off")
            world.secret("okta.token", org["token"])
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                listen = "127.0.0.1:%d" % probe.getsockname()[1]
            world.say("init", "--okta", org["url"], "--token-file", "okta.token", "--listen", listen)
            world.secret("notice.secret", SECRET)
            with open(world.directory / "portcullis.toml", "a") as settings:
                url = "http://127.0.0.1:%d/hook" % webhook.server_port
                settings.write(f'\n[notice]\nwebhook = "{url}"\nsecret-file = "notice.secret"\n')
            world.say("client", "add", "helpdesk", "--scope", "okta.users.read", "--eligible", "okta.roles.manage")
            key = world.say("key", "issue", "helpdesk")["key"]
            heard = world.directory / "gateway.stderr"
            with open(heard, "w") as stderr:
                gateway = world.start("serve", stderr=stderr)["url"]
            two_people_agree(world, webhook, gateway, org, key)
            the_glass_is_broken(world, webhook, gateway, heard)
        finally:
            world.end()
        world.say("audit", "verify")
        nothing_kept(world, webhook)
        entries = trails(world)
        by = [entry["details"]["by"] for entry in entries if entry["kind"] == "elevation_approved"]
        assert by == ["ana", "ana", "ben"], by
        calls = [entry for entry in entries if entry["kind"] == "call_opened" and entry.get("details", {}).get("elevation")]
        assert len(calls) >= 1, "the elevated call names its elevation"
        assert [entry["reason"] for entry in entries if entry["kind"] == "break_glass_opened"] == ["fire"]
        assert any(entry["kind"] == "break_glass_used" and entry["operation"] == "listApplications" for entry in entries)
    print(f"just_in_time: passed, {len(webhook.events)} notices")


if __name__ == "__main__":
    main()
