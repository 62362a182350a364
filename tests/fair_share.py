"""Lets one noisy script and nine modest callers share an org's rate budget through a gateway.

    python3 tests/fair_share.py PORTCULLIS

The modest ones are served whatever the noisy one does, and none of their calls is refused by the org; a 429 of the gateway's own can be
waited for the way Okta's SDKs do; a caller sees what is left for it; identical reads at the same moment are one call to the org.
"""

import email.utils
import http.client
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

MODEST = 9
SECONDS = 66
EVERY_S = 1.5  # forty a minute each; the budget is 600
NOISE = 20  # times as many


class World:
    def __init__(self, portcullis, directory):
        self.portcullis, self.directory, self.running = portcullis, directory, []

    def start(self, *words):
        process = subprocess.Popen([self.portcullis, *words, "--json"], cwd=self.directory, stdout=subprocess.PIPE, text=True)
        self.running.append(process)
        return json.loads(process.stdout.readline())

    def say(self, *words):
        done = subprocess.run([self.portcullis, *words, "--json"], cwd=self.directory, capture_output=True, text=True)
        assert done.returncode == 0, f"portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    def guard(self, okta, token):
        path = pathlib.Path(self.directory, "okta.token")
        path.touch(mode=0o600)
        path.write_text(token)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.say("init", "--okta", okta, "--token-file", "okta.token", "--listen", f"127.0.0.1:{port}")

    def key(self, name, *words):
        self.say("client", "add", name, "--scope", "okta.users.read", "--scope", "okta.apps.read", *words)
        return self.say("key", "issue", name)["key"]

    def end(self):
        for process in reversed(self.running):
            process.terminate()
            process.wait(timeout=20)


class Caller:
    """One connection with one key; counts what it was answered."""

    def __init__(self, url, key):
        self.host, self.key, self.line = url.removeprefix("http://"), key, None
        self.statuses, self.refused_by_org = {}, 0

    def get(self, path, **headers):
        for attempt in (1, 2):  # an idle connection may have been closed at the other end
            self.line = self.line or http.client.HTTPConnection(self.host, timeout=60)
            try:
                self.line.request("GET", path, headers={"Authorization": f"SSWS {self.key}", **headers})
                answer = self.line.getresponse()
                body = answer.read()
                break
            except (http.client.HTTPException, OSError):
                self.line = None
                if attempt == 2:
                    raise
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        if answer.status == 429 and answer.headers.get("X-Okta-Request-Id"):
            self.refused_by_org += 1
        return answer, body

    def every(self, seconds, until, path, turn=0):
        due = time.monotonic() + turn
        while due < until:
            time.sleep(max(0, due - time.monotonic()))
            self.get(path)
            due = max(due + seconds, time.monotonic())


def together(callers, work):
    threads = [threading.Thread(target=work, args=(turn, caller), daemon=True) for turn, caller in enumerate(callers)]
    for thread in threads:
        thread.start()
    return threads


def waited_out(caller, told):
    """Uses a budget of the caller's up, waits as Okta's SDKs do, and calls again."""
    for _ in range(200):
        answer, _ = caller.get("/api/v1/apps?limit=1", Prefer="wait=0")
        if answer.status == 429:
            break
    headers = answer.headers
    assert answer.status == 429 and not headers.get("X-Okta-Request-Id"), (answer.status, headers.items())
    date = email.utils.parsedate_to_datetime(headers["Date"]).timestamp()
    wait = int(headers["X-Rate-Limit-Reset"]) - date + 1
    assert headers["X-Rate-Limit-Remaining"] == "0" and 0 < wait <= 92, headers.items()
    assert abs(int(headers["Retry-After"]) - (wait - 1)) <= 1, headers.items()
    time.sleep(wait)
    again, _ = caller.get("/api/v1/apps?limit=1", Prefer="wait=0")
    assert again.status == 200, again.status
    told.append(f"a 429 of the gateway's own, waited for as SDKs do ({wait:.0f} s by Date and X-Rate-Limit-Reset), is none the next time")


def shares(world, told):
    org = world.start("sandbox", "--seed", "small", "--limits", "workforce")
    world.guard(org["url"], org["token"])
    keys = [world.key(f"modest-{number}") for number in range(MODEST)]
    noisy_key, patient_key = world.key("noisy"), world.key("patient")
    console = world.key("console", "--priority", "people", "--weight", "3")
    url = world.start("serve")["url"]
    until = time.monotonic() + SECONDS
    modest = [Caller(url, key) for key in keys]
    lines = 16
    noisy = [Caller(url, noisy_key) for _ in range(lines)]
    threads = together(modest, lambda turn, caller: caller.every(EVERY_S, until, f"/api/v1/users?limit={turn + 1}", turn * EVERY_S / MODEST))
    threads += together(noisy, lambda turn, caller: caller.every(EVERY_S / NOISE * lines, until, f"/api/v1/users?limit={turn + 50}"))
    threads += together([Caller(url, patient_key)], lambda _, caller: waited_out(caller, told))
    time.sleep(10)
    seen, body = Caller(url, console).get("/portcullis/v1/budget")
    view = json.loads(body)
    bucket = {bucket["name"]: bucket for bucket in view["buckets"]}["/api/v1/users"]
    assert (seen.status, view["priority"], view["weight"]) == (200, "people", 3), view
    assert bucket["limit"] == 600 and bucket["used"] == 0 < bucket["used_by_all"] and 0 < bucket["left"] <= bucket["remaining"], bucket
    told.append(f"a caller sees its budget: {bucket['left']} of {bucket['remaining']} left are for it")
    for thread in threads:
        thread.join()
    served = sum(caller.statuses.get(200, 0) for caller in modest)
    asked = sum(sum(caller.statuses.values()) for caller in modest)
    noise = {status: sum(caller.statuses.get(status, 0) for caller in noisy) for status in (200, 429)}
    told.append(f"modest callers: {served} of {asked} calls served; noisy: {noise[200]} served, {noise[429]} refused")
    assert served >= asked * 0.99, [caller.statuses for caller in modest]
    assert sum(caller.refused_by_org for caller in modest) == 0
    assert noise[429] > 0 and noise[200] > 100, noise
    world.say("audit", "verify")


class SlowOrg(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock, targets = threading.Lock(), []

    def do_GET(self):
        with self.lock:
            self.targets.append(self.path)
        time.sleep(0.5)
        body = b"[]"
        self.send_response(200)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("X-Okta-Request-Id", "req1")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def merged(world, told):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowOrg)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world.guard(f"http://127.0.0.1:{server.server_port}", "00token-of-nobody")
    keys = [world.key("one"), world.key("two")]
    url = world.start("serve")["url"]
    callers = [Caller(url, keys[number % 2]) for number in range(20)]
    ready = threading.Barrier(len(callers))

    def ask(_, caller):
        ready.wait()
        caller.get("/api/v1/users?limit=7")

    for thread in together(callers, ask):
        thread.join()
    assert all(caller.statuses == {200: 1} for caller in callers), [caller.statuses for caller in callers]
    reached = len(SlowOrg.targets)
    assert reached <= 2, reached
    world.end()
    world.running.clear()
    chain = pathlib.Path(world.directory, "portcullis-state/audit/gateway/production")
    entries = [json.loads(line) for file in sorted(chain.glob("*.jsonl")) for line in file.read_text().splitlines()]
    closed = [entry for entry in entries if entry.get("kind") == "call_closed"]
    marked = [entry for entry in closed if entry.get("details", {}).get("merged") == "true"]
    assert len(closed) == 20 and len(marked) == 20 - reached, (len(closed), len(marked))
    told.append(f"20 identical reads of two clients at one moment: {reached} reached the org, 20 are in the trail, {len(marked)} marked as merged")


def main():
    portcullis = os.path.abspath(sys.argv[1])
    for story in (merged, shares):
        with tempfile.TemporaryDirectory(prefix="portcullis-shares-") as directory:
            world, told = World(portcullis, directory), []
            try:
                story(world, told)
            finally:
                world.end()
                print("\n".join(told), flush=True)
    # A thread that failed has said why and told nothing.
    assert any("waited for as SDKs do" in line for line in told), "the 429 was not waited out"


if __name__ == "__main__":
    main()
