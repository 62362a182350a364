"""A script with ten keys takes the org apart as fast as it can, and stops at the budget. By the binary alone.

    python3 tests/mass_delete.py PORTCULLIS

People are deleted, switched off and stripped of factors, groups and apps go, over ten keys in parallel, across a restart and a `kill -9`
in the middle; what is gone is counted in the emulated org itself. Then people agree to more, and the org is frozen.
"""

import concurrent.futures
import http.client
import http.server
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

KEYS = 10
PEOPLE = 300
FREEZE_AT_MOST_S = 0.5
SCOPES = ["okta.users.manage", "okta.users.read", "okta.groups.manage", "okta.groups.read", "okta.apps.manage", "okta.apps.read"]
BUDGETS = {"deletes": 20, "deactivations": 15, "factor-resets": 10, "removals": 120}


class World:
    """One emulated org behind one gateway, with ten clients that may do everything."""

    def __init__(self, portcullis, directory, backup=False, webhook=None):
        self.portcullis, self.directory, self.running = portcullis, pathlib.Path(directory), []
        self.org = self.start("sandbox", "--seed", "company", "--limits", "off")
        self.secret("okta.token", self.org["token"])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            listen = "127.0.0.1:%d" % probe.getsockname()[1]
        self.say("init", "--okta", self.org["url"], "--token-file", "okta.token", "--listen", listen)
        with open(self.directory / "portcullis.toml", "a") as settings:
            lines = [f'{name} = "{most}/hour"' for name, most in BUDGETS.items()]
            settings.write("\n[org.production.budgets]\n" + "\n".join(lines) + "\n")
            if webhook:
                url = f"http://127.0.0.1:{webhook.server_port}/hook"
                settings.write(f'[notice]\nwebhook = "{url}"\nsecret-file = "{self.secret("notice.secret", "shared with the receiver")}"\n')
        self.keys = []
        for number in range(KEYS):
            self.say("client", "add", f"script-{number}", *itertools.chain(*(("--scope", scope) for scope in SCOPES)))
            self.keys.append(self.say("key", "issue", f"script-{number}")["key"])
        if backup:
            self.say("backup")
        self.serve()

    def ran(self, *words, **environment):
        return subprocess.run([self.portcullis, *words, "--json"], cwd=self.directory, capture_output=True, text=True,
                              env={**os.environ, **environment})

    def say(self, *words, **environment):
        done = self.ran(*words, **environment)
        assert done.returncode == 0, f"portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    def start(self, *words):
        log = open(self.directory / f"{words[0]}.stderr", "a")
        process = subprocess.Popen([self.portcullis, *words, "--json"], cwd=self.directory, stdout=subprocess.PIPE, stderr=log, text=True,
                                   env={**os.environ, "PORTCULLIS_LOG": "info"})
        self.running.append(process)
        return json.loads(process.stdout.readline())

    def serve(self):
        self.gateway = self.start("serve")["url"]

    def stop(self, how=signal.SIGTERM):
        process = self.running.pop()
        process.send_signal(how)
        process.wait(timeout=80)

    def secret(self, name, text):
        path = self.directory / name
        path.touch(mode=0o600)
        path.write_text(text)
        return name

    def end(self):
        for process in reversed(self.running):
            process.terminate()
            process.wait(timeout=80)

    def listed(self, path):
        """All objects of a list, asked of the org itself."""
        found, line = [], Line(self.org["url"], self.org["token"])
        while path:
            status, headers, body = line.call("GET", path)
            assert status == 200, (path, status, body)
            found += json.loads(body)
            links = [part.split(";") for part in headers.get("link", "").split(",") if 'rel="next"' in part]
            path = links[0][0].strip(" <>").removeprefix(self.org["url"]) if links else None
        return found

    def people(self):
        """Ids of those who are neither deleted nor deactivated, but for the owner of the gateway's token."""
        _, _, me = Line(self.org["url"], self.org["token"]).call("GET", "/api/v1/users/me")
        return [one["id"] for one in self.listed("/api/v1/users?limit=200") if one["id"] != json.loads(me)["id"]]


class Webhook(http.server.ThreadingHTTPServer):
    """Hears what is told; whether it is signed is for `just_in_time.py` to see."""

    def __init__(self):
        self.heard = []
        super().__init__(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def times(self, event):
        return sum(one["event"] == event for one in self.heard)


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Line:
    """One connection for one key."""

    def __init__(self, url, key):
        self.address, self.key, self.connection = urllib.parse.urlsplit(url).netloc, key, None

    def call(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers |= {"Authorization": f"SSWS {self.key}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection = self.connection or http.client.HTTPConnection(self.address, timeout=60)
        try:
            self.connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
            reply = self.connection.getresponse()
            return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            return 0, {}, b""


def raid(world, targets, how):
    """Lets every key have its share of the targets; how often each status was answered."""
    answered = {}

    def share(number):
        line = Line(world.gateway, world.keys[number])
        return [line.call(*request)[0] for target in targets[number::KEYS] for request in how(target)]

    with concurrent.futures.ThreadPoolExecutor(KEYS) as pool:
        for statuses in pool.map(share, range(KEYS)):
            for status in statuses:
                answered[status] = answered.get(status, 0) + 1
    return answered


def deleted_people(portcullis, directory):
    world = World(portcullis, directory)
    try:
        before = world.people()[:PEOPLE]
        begun = time.monotonic()
        answered = raid(world, before, lambda one: [("DELETE", f"/api/v1/users/{one}")] * 2)
        took = time.monotonic() - begun
        gone = len(set(before) - set(world.people()))
        assert gone == BUDGETS["deletes"], (gone, answered)
        assert answered[429] == 2 * (len(before) - gone), answered
        world.stop()
        world.serve()
        answered = raid(world, before, lambda one: [("DELETE", f"/api/v1/users/{one}")])
        assert len(set(before) - set(world.people())) == gone, "a restart"
        return f"{len(before)} people deleted over {KEYS} keys: {gone} gone at a budget of {BUDGETS['deletes']}, also after a restart ({took:.1f} s)"
    finally:
        world.end()


def killed_in_the_middle(portcullis, directory):
    world = World(portcullis, directory)
    try:
        before = world.people()[:PEOPLE]
        kills = 0
        for pause in (0.05, 0.02, 0.1):
            killer = threading.Timer(pause, lambda: world.stop(signal.SIGKILL))
            killer.start()
            raid(world, before, lambda one: [("DELETE", f"/api/v1/users/{one}")])
            killer.join()
            kills += 1
            world.serve()
        raid(world, before, lambda one: [("DELETE", f"/api/v1/users/{one}")])
        gone = len(set(before) - set(world.people()))
        assert 0 < gone <= BUDGETS["deletes"], gone
        return f"{kills} times kill -9 in the middle: {gone} gone at a budget of {BUDGETS['deletes']}"
    finally:
        world.end()


def other_ways(portcullis, directory):
    world = World(portcullis, directory, backup=True)
    try:
        was = {one["id"]: one["status"] for one in world.listed("/api/v1/users?limit=200")}
        people = [one for one in world.people() if was[one] != "SUSPENDED"][:PEOPLE]
        known_until = time.monotonic() + 20
        groups = [one for one in world.listed("/api/v1/groups?limit=200") if one["type"] == "OKTA_GROUP"]
        members = {one["id"]: len(world.listed(f"/api/v1/groups/{one['id']}/users?limit=200")) for one in groups}
        apps = [one for one in world.listed("/api/v1/apps?limit=100") if one["status"] == "ACTIVE"]
        assert "are known" in until_said(world, "are known", known_until), "the gateway knows the snapshot"

        raid(world, [one["id"] for one in groups], lambda one: [("DELETE", f"/api/v1/groups/{one}")])
        left = {one["id"] for one in world.listed("/api/v1/groups?limit=200")}
        lost = [size for group, size in members.items() if group not in left]
        assert sum(lost) <= BUDGETS["removals"] and len(lost) <= BUDGETS["deletes"] and lost, lost
        yield f"{len(groups)} groups deleted: {len(lost)} gone with {sum(lost)} memberships at budgets of {BUDGETS['deletes']} and {BUDGETS['removals']}"

        answered = raid(world, people, lambda one: [("POST", f"/api/v1/users/{one}/lifecycle/reset_factors")])
        assert answered.get(200, 0) == BUDGETS["factor-resets"], answered
        yield f"factors of {len(people)} people reset: {answered[200]} done at a budget of {BUDGETS['factor-resets']}"

        raid(world, [one["id"] for one in apps], lambda one: [("POST", f"/api/v1/apps/{one}/lifecycle/deactivate")])
        off = [one for one in world.listed("/api/v1/apps?limit=100") if one["status"] == "INACTIVE" and one["id"] in {app["id"] for app in apps}]
        assert len(off) <= BUDGETS["deactivations"], len(off)
        both = lambda one: [("POST", f"/api/v1/users/{one}/lifecycle/deactivate"), ("DELETE", f"/api/v1/users/{one}")]
        raid(world, people[::2], both)
        raid(world, people[1::2], lambda one: [("POST", f"/api/v1/users/{one}/lifecycle/suspend"), ("DELETE", f"/api/v1/users/{one}")])
        there = {one["id"]: one["status"] for one in world.listed("/api/v1/users?limit=200")}
        hurt = [one for one in people if there.get(one) in (None, "SUSPENDED")]
        most = BUDGETS["deactivations"] + BUDGETS["deletes"]
        assert len(off) + len(hurt) + len(lost) <= most, (len(off), len(hurt), len(lost))
        yield (f"{len(apps)} apps and {len(people)} people switched off, suspended and deleted: {len(off)} and {len(hurt)} gone at budgets that "
               f"come to {most}, {len(lost)} groups included")
    finally:
        world.end()


def until_said(world, words, until):
    while time.monotonic() < until:
        said = (world.directory / "serve.stderr").read_text()
        if words in said:
            return said
        time.sleep(0.1)
    return ""


def agreed_and_frozen(portcullis, directory):
    webhook = Webhook()
    world = World(portcullis, directory, backup=True, webhook=webhook)
    try:
        people = world.people()[:PEOPLE]
        raid(world, people, lambda one: [("DELETE", f"/api/v1/users/{one}")])
        assert len(world.people()) + BUDGETS["deletes"] >= len(people)
        one = world.people()[0]
        ana = world.say("approver", "add", "ana")["key"]
        line, results = Line(world.gateway, world.keys[0]), []
        waits = threading.Thread(target=lambda: results.append(
            line.call("DELETE", f"/api/v1/users/{one}", Prefer="wait=60", X_Portcullis_Reason="leavers of March")))
        waits.start()
        until = time.monotonic() + 20
        while not (asked := world.say("elevation", "list", "--open")):
            assert time.monotonic() < until, "nobody asked"
        assert one in asked[0]["about"] and asked[0]["approvals"]["needed"] == 1, asked
        world.say("elevation", "approve", asked[0]["id"], PORTCULLIS_APPROVER_KEY=ana)
        waits.join(30)
        assert results and results[0][0] in (200, 204), results
        assert one not in world.people()
        yield f"a call above the budget waited, was approved ({', '.join(asked[0]['raises'])}) and went through"

        worst = 0.0
        for _ in range(5):
            worst = max(worst, froze_after(world, people))
            assert world.say("freeze", "--show")["frozen"]
            assert line.call("GET", "/api/v1/users?limit=1")[0] == 200
            world.say("thaw")
            until = time.monotonic() + 2
            while line.call("POST", f"/api/v1/users/{world.people()[0]}", {"profile": {"city": "Ulm"}})[0] != 200:
                assert time.monotonic() < until, "thawed"
        assert worst < FREEZE_AT_MOST_S, f"{worst:.3f} s"
        yield from restored_despite_freeze(world, one)
        heard = {event: webhook.times(event) for event in ("budget.reached", "elevation.asked", "elevation.approved", "org.frozen", "org.thawed")}
        assert heard == {"budget.reached": 1, "elevation.asked": 1, "elevation.approved": 1, "org.frozen": 6, "org.thawed": 6}, heard
        yield f"frozen by another process, the last write passed within {worst * 1000:.0f} ms (5 of 5), and reading went on"
    finally:
        world.end()
    assert world.say("audit", "verify")


def restored_despite_freeze(world, deleted):
    """A restore stops at a freeze like everybody, and goes on where it stopped once it is told to."""
    world.say("freeze", "--reason", "stolen key")
    restore = ("restore", "latest", "--kind", "user", "--yes")
    there = len(world.people())
    refused = world.ran(*restore)
    assert refused.returncode != 0 and "is frozen since" in refused.stderr, (refused.returncode, refused.stderr)
    assert len(world.people()) == there, "a restore wrote to a frozen org"
    went_on = world.ran(*restore, "--despite-freeze")
    assert went_on.returncode in (0, 6), (went_on.returncode, went_on.stderr)
    back = len(world.people()) - there
    assert back >= BUDGETS["deletes"], back
    world.say("thaw")
    yield f"a restore stopped at the freeze, and brought {back} people back with --despite-freeze"


def froze_after(world, people):
    """Ten keys write without a pause; how long after `freeze` had returned the last of them passed."""
    stop, last = threading.Event(), [0.0] * KEYS

    def write(number):
        line = Line(world.gateway, world.keys[number])
        while not stop.is_set():
            status, _, _ = line.call("POST", f"/api/v1/users/{people[-1 - number]}", {"profile": {"city": "Ulm"}})
            if status == 200:
                last[number] = time.monotonic()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(KEYS)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    world.say("freeze", "--reason", "stolen key")
    frozen = time.monotonic()
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert all(last), "every key wrote before"
    return max(last) - frozen


def main():
    portcullis = pathlib.Path(sys.argv[1]).resolve()
    begun = time.monotonic()
    for part in (deleted_people, killed_in_the_middle, other_ways, agreed_and_frozen):
        with tempfile.TemporaryDirectory(prefix="portcullis-mass-delete-") as directory:
            facts = part(portcullis, directory)
            for fact in [facts] if isinstance(facts, str) else facts:
                print(f"mass_delete: {fact}", flush=True)
    print(f"mass_delete: passed in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
