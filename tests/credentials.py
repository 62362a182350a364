"""Lives through the life of credentials with a gateway in one process and the command line in another.

    python3 tests/credentials.py PORTCULLIS

A key that one process issues, rotates, revokes or bounds is that to the other within a second; a scanner that has only the
documents tells real keys from false alarms; and an address that guesses is shut while its owner is not.
"""

import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
AT_MOST_S = 1.0


class World:
    def __init__(self, portcullis, directory):
        self.portcullis, self.directory, self.running = portcullis, directory, []

    def start(self, *words):
        process = subprocess.Popen([self.portcullis, *words, "--json"], cwd=self.directory, stdout=subprocess.PIPE, text=True)
        self.running.append(process)
        return json.loads(process.stdout.readline())

    def ran(self, *words):
        return subprocess.run([self.portcullis, *words, "--json"], cwd=self.directory, capture_output=True, text=True)

    def say(self, *words):
        done = self.ran(*words)
        assert done.returncode == 0, f"portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    def end(self):
        for process in reversed(self.running):
            process.terminate()
            process.wait(timeout=20)


class Gateway:
    def __init__(self, url):
        self.url = url
        self.addresses = (f"127.1.{high}.{low}" for high in range(256) for low in range(1, 255))

    def answer(self, key, source="127.0.0.1", scheme="SSWS"):
        """Status and body of a call with this key from this address of the machine."""
        host, port = self.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10, source_address=(source, 0)) as line:
            line.sendall(f"GET /api/v1/users?limit=1 HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n"
                         f"Authorization: {scheme} {key}\r\n\r\n".encode())
            answer = b""
            while chunk := line.recv(65536):
                answer += chunk
        head, body = answer.decode().split("\r\n\r\n", 1)
        return int(head.split()[1]), re.sub(r'"errorId":"[^"]*"', "", body)

    def status(self, key, source="127.0.0.1", scheme="SSWS"):
        return self.answer(key, source, scheme)[0]

    def becomes(self, status, key, source=None):
        """How many seconds it took until a call with this key is answered so. Each try comes from an address of its own unless one is
        named: whoever tries a key that is not known yet fifty times is taken for a guesser."""
        begun = time.monotonic()
        while self.status(key, source or next(self.addresses)) != status:
            assert time.monotonic() - begun < 5, f"never {status}"
            time.sleep(0.01 if source is None else 0.1)
        return time.monotonic() - begun


def revocation(world, gateway):
    slowest = 0
    for _ in range(5):
        issued = world.say("key", "issue", "reader")
        took = [gateway.becomes(200, issued["key"])]
        assert gateway.status(issued["key"], scheme="Bearer") == 200
        world.say("key", "revoke", issued["id"])
        took.append(gateway.becomes(401, issued["key"]))
        slowest = max(slowest, *took)
    assert slowest < AT_MOST_S, f"{slowest:.3f} s"
    return f"a revoked key is refused by another process within {slowest * 1000:.0f} ms (5 of 5)"


def rotation(world, gateway):
    first = world.say("key", "issue", "reader")
    second = world.say("key", "rotate", first["id"])
    gateway.becomes(200, second["key"])
    assert gateway.status(first["key"]) == 200
    assert second["succeeds"]["id"] == first["id"] and second["lineage"] == first["id"]
    assert world.ran("key", "rotate", first["id"]).returncode == 2, "a third of one lineage"
    world.say("key", "revoke", first["id"])
    third = world.say("key", "rotate", second["id"], "--overlap", "0")
    gateway.becomes(200, third["key"])
    assert [gateway.status(key["key"]) for key in (first, second, third)] == [401, 401, 200]
    world.say("key", "revoke", third["id"])
    return "two keys of a lineage work during an overlap, then one"


def networks(world, gateway):
    issued = world.say("key", "issue", "reader", "--network", "127.0.0.2")
    gateway.becomes(200, issued["key"], "127.0.0.2")
    assert gateway.status(issued["key"], "127.0.0.1") == 401
    world.say("client", "change", "reader", "--network", "127.0.0.3", "--network", "127.0.0.0/31")
    gateway.becomes(401, issued["key"], "127.0.0.2")
    world.say("client", "change", "reader", "--no-networks")
    gateway.becomes(200, issued["key"], "127.0.0.2")
    listed = world.say("key", "list", "reader")
    assert [one["networks"] for one in listed if one["id"] == issued["id"]] == [["127.0.0.2/32"]]
    world.say("key", "revoke", issued["id"])
    return "a key bound to a network is refused elsewhere, and so is its client"


def caps(world):
    capped = world.ran("--config", "capped.toml", "key", "issue", "reader", "--days", "8")
    assert capped.returncode == 2 and "1 to 7" in capped.stderr, capped.stderr
    default = world.say("--config", "capped.toml", "key", "issue", "reader")
    created, expires = (time.strptime(default[name], "%Y-%m-%dT%H:%M:%SZ") for name in ("created", "expires"))
    assert time.mktime(expires) - time.mktime(created) == 7 * 86_400
    world.say("key", "revoke", default["id"])
    return "no key outlives what the org permits"


def scanners(world):
    said = world.say("key", "pattern")
    keys = [world.say("key", "issue", "reader"), world.say("client", "secret", "issue", "secretive")]
    texts = [keys[0]["key"], keys[1]["secret"]]
    assert all(re.fullmatch(said["pattern"], text) for text in texts)
    wrong = [text[:-1] + ("0" if text[-1] != "0" else "1") for text in texts]
    lines = "\n".join(["nothing", *(f'token = "{text}"' for text in wrong), *(f"export KEY={text};" for text in texts)])
    scanned = subprocess.run([sys.executable, ROOT / "docs/key_check.py"], input=lines, capture_output=True, text=True)
    assert scanned.returncode == 1 and [line.split(":")[0] for line in scanned.stdout.splitlines()] == ["4", "5"], scanned.stdout
    assert not any(text in scanned.stdout for text in texts)
    world.say("key", "revoke", keys[0]["id"])
    return "a scanner with the documents alone tells 2 real keys from 2 false alarms"


class Issuer(http.server.BaseHTTPRequestHandler):
    """An outside issuer's discovery document, which says what `claims` says of it."""

    def do_GET(self):
        body = json.dumps(self.server.claims).encode()
        self.send_response(200 if self.path == "/.well-known/openid-configuration" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def issuers(world):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    words = ["issuer", "add", "reader", "--issuer", url, "--audience", "okta", "--subject", "repo:acme/*:ref:refs/heads/main", "--discover"]
    server.claims = {"issuer": url, "jwks_uri": f"{url}/keys"}
    added = world.say(*words, "--private")
    assert (added["jwks_uri"], added["private"], added["direct"]) == (f"{url}/keys", True, False), added
    refused = {"not said to be private": world.ran(*words)}
    for why, claims in (("another issuer", {"issuer": f"{url}/", "jwks_uri": f"{url}/keys"}), ("no place", {"issuer": url}),
                        ("a file", {"issuer": url, "jwks_uri": "file:///etc/passwd"})):
        server.claims = claims
        refused[why] = world.ran(*words, "--private")
    wide = [word if word != "repo:acme/*:ref:refs/heads/main" else "repo:acme*" for word in words]
    refused["a pattern for a stranger too"] = world.ran(*wide, "--private")
    server.shutdown()
    assert all(one.returncode not in (0, 1) for one in refused.values()), {why: one.stderr for why, one in refused.items()}
    world.say("issuer", "remove", added["id"])
    assert [bool(one["removed"]) for one in world.say("issuer", "list")] == [True]
    return f"an issuer is asked where its keys are and pinned; {len(refused)} of {len(refused)} doubtful ones are refused"


def throttle(world, gateway):
    owner, unseen = (world.say("key", "issue", "reader")["key"] for _ in range(2))
    for key in (owner, unseen):  # from other addresses
        gateway.becomes(200, key)
    assert gateway.status(owner) == 200
    wrong = "pcl_" + "0" * 38
    refusals = {gateway.answer(wrong) for _ in range(50)}
    refusals.add(gateway.answer(unseen))
    assert len(refusals) == 1 and refusals.pop()[0] == 401, refusals
    served = (gateway.status(owner), gateway.status(unseen, "127.0.0.9"))
    assert served == (200, 200), served
    return "after 50 guesses the 51st, right one is refused alike; the owner and other addresses are served"


def recorded(world):
    world.say("audit", "verify")
    chain = pathlib.Path(world.directory, "portcullis-state/audit/operator/production")
    entries = [json.loads(line) for file in sorted(chain.glob("*.jsonl")) for line in file.read_text().splitlines()]
    kinds = {entry["kind"] for entry in entries}
    expected = {"client_added", "key_issued", "key_rotated", "key_revoked", "issuer_trusted", "issuer_removed"}
    assert expected <= kinds, expected - kinds
    named = {entry["details"]["credential"] for entry in entries if entry["kind"].startswith("key_")}
    live = {key["id"] for key in world.say("key", "list", "reader")}
    assert live <= named, live - named
    return f"{len(entries)} changes of the operator's are in the trail, every key among them"


def main():
    portcullis = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="portcullis-credentials-") as directory:
        world = World(portcullis, directory)
        try:
            org = world.start("sandbox", "--seed", "small", "--limits", "off")
            token = pathlib.Path(directory, "okta.token")
            token.touch(mode=0o600)
            token.write_text(org["token"])
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            world.say("init", "--okta", org["url"], "--token-file", "okta.token", "--listen", f"127.0.0.1:{port}")
            settings = pathlib.Path(directory, "portcullis.toml").read_text()
            capped = settings.replace("[org.production]\n", "[org.production]\nkey-days-max = 7\n")
            pathlib.Path(directory, "capped.toml").write_text(capped)
            world.say("client", "add", "reader", "--scope", "okta.users.read")
            world.say("client", "add", "secretive", "--scope", "okta.users.read", "--auth", "client-secret-basic")
            gateway = Gateway(world.start("serve")["url"])
            for told in (revocation(world, gateway), rotation(world, gateway), networks(world, gateway), caps(world),
                         scanners(world), issuers(world), throttle(world, gateway), recorded(world)):
                print(told)
        finally:
            world.end()


if __name__ == "__main__":
    main()
