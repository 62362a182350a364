"""Lives through what may befall an audit trail, with the real binary: a killed gateway, a full disk, a collector that goes away, an
auditor who has nothing but a copy and a public key, and people who tamper.

    python3 tests/trail.py PORTCULLIS
"""

import http.client
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
READER = ROOT / "docs" / "audit_reader.py"


class World:
    def __init__(self, portcullis, directory):
        self.portcullis, self.directory, self.running = portcullis, directory, []
        self.settings = directory / "portcullis.toml"
        self.audit = directory / "portcullis-state" / "audit"

    def start(self, *words):
        process = subprocess.Popen([self.portcullis, *words, "--json"], cwd=self.directory, stdout=subprocess.PIPE, text=True)
        self.running.append(process)
        line = process.stdout.readline()
        assert line, f"portcullis {' '.join(words)} did not start"
        return process, json.loads(line)

    def ran(self, *words):
        return subprocess.run([self.portcullis, *words, "--json"], cwd=self.directory, capture_output=True, text=True)

    def say(self, *words):
        done = self.ran(*words)
        assert done.returncode == 0, f"portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}{done.stdout}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    def serve(self):
        process, ready = self.start("serve")
        self.host = ready["url"].removeprefix("http://")
        return process

    def call(self, method="GET", path="/api/v1/users?limit=1", body=None):
        line = http.client.HTTPConnection(self.host, timeout=20)
        headers = {"Authorization": f"SSWS {self.key}", **({"Content-Type": "application/json"} if body else {})}
        line.request(method, path, body, headers)
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer.status

    def end(self):
        for process in reversed(self.running):
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=20)


def stop(process):
    process.terminate()
    assert process.wait(timeout=20) == 0


def chains(checked):
    return {chain["chain"]: chain for chain in checked["chains"]}


def reads(directory, *words):
    return subprocess.run([sys.executable, READER, directory, *words], capture_output=True, text=True)


def group(world, name):
    return world.call("POST", "/api/v1/groups", json.dumps({"profile": {"name": name}}))


def sound(world):
    gateway = world.serve()
    assert world.call() == 200 and group(world, "first") == 200
    live = chains(world.say("audit", "verify"))
    assert not live["gateway/production"]["stopped"]
    stop(gateway)
    checked = chains(world.say("audit", "verify", "--witness", "witness"))
    assert checked["gateway/production"]["stopped"] and checked["gateway/production"]["witnessed"] >= 1
    assert checked["gateway/production"]["signed_up_to"] == checked["gateway/production"]["entries"] == 4
    assert set(checked) == {"gateway/production", "operator/production"}
    print("a trail verifies while it is written and afterwards, against its witness, signed to its end")


def killed(world):
    gateway = world.serve()
    assert group(world, "second") == 200
    gateway.send_signal(signal.SIGKILL)
    gateway.wait()
    before = chains(world.say("audit", "verify"))["gateway/production"]
    assert before["entries"] >= 5 and not before["stopped"]
    file = sorted((world.audit / "gateway/production").glob("*.jsonl"))[-1]
    whole = file.read_bytes()
    # What a power failure may leave beyond what was flushed.
    file.write_bytes(whole + b'{"seq":7,"at' + bytes(5_000) + b"\n\xff\n")
    assert chains(world.say("audit", "verify"))["gateway/production"]["unfinished_bytes"] > 5_000
    stop(world.serve())
    after = chains(world.say("audit", "verify"))["gateway/production"]
    assert (after["entries"], after["stopped"], after["unfinished_bytes"]) == (before["entries"] + 1, True, 0), (before, after)
    shown = world.say("audit", "show", "--entry", str(after["entries"]), "--writer", "gateway")
    assert shown["entries"][0]["kind"] == "torn_line_moved_aside"
    print("after kill -9 and a torn end the trail goes on, and says what was moved aside")


def auditor(world, key):
    """With a copy, the public key, and nothing else: no settings, no state."""
    with tempfile.TemporaryDirectory() as elsewhere:
        copy = pathlib.Path(elsewhere) / "evidence"
        shutil.copytree(world.audit, copy)
        words = [world.portcullis, "audit", "verify", "--dir", copy, "--key", key, "--witness", world.directory / "witness", "--json"]

        def verify():
            return subprocess.run(words, cwd=elsewhere, capture_output=True, text=True)

        done, read = verify(), reads(copy, "--key", key, "--witness", world.directory / "witness")
        assert done.returncode == 0, done.stderr + done.stdout
        assert read.returncode == 0 and read.stdout.count("unbroken") == 2, read.stdout + read.stderr
        stranger = "portcullis-audit+26ab543d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
        other = subprocess.run([*words[:6], stranger, *words[7:]], cwd=elsewhere, capture_output=True, text=True)
        assert other.returncode == 9, other.stdout
        chain = copy / "gateway/production"
        file = chain / "00000001.jsonl"

        def found(what):
            done, read = verify(), reads(copy, "--key", key, "--witness", world.directory / "witness")
            assert done.returncode == 9 and read.returncode == 1, f"{what}: {done.stdout}{read.stdout}"
            shutil.rmtree(copy)
            shutil.copytree(world.audit, copy)
            return json.loads(done.stdout.splitlines()[-1]) if done.stdout else None

        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join([*lines[:2], lines[2].replace(b"call_opened", b"call_0pened"), *lines[3:]]))
        broken = next(chain["broken"] for chain in found("an edit")["chains"] if chain["broken"])
        assert broken["line"] == broken["entry"] == 3 and broken["file"].endswith("00000001.jsonl"), broken
        file.write_bytes(b"".join(lines[:2] + lines[3:]))
        found("a removal")
        file.write_bytes(b"".join(lines[:-1]))
        found("a cut")
        (chain / "checkpoints").write_bytes(b"")
        found("cut checkpoints")
        chain.rename(copy / "gateway/elsewhere")
        (copy / "operator/production").rename(chain)
        (copy / "gateway/elsewhere").rename(copy / "operator/production")
        found("swapped chains")
        shutil.rmtree(chain)
        found("a whole chain removed")
        (copy / "keys").unlink()
        assert verify().returncode == 0, "the key that was written down is enough"
    print("an auditor with a copy and the public key finds edits, removals, cuts and swaps, and so does the independent reader")


def rolled_back(world):
    with tempfile.TemporaryDirectory() as elsewhere:
        older = pathlib.Path(elsewhere) / "older"
        shutil.copytree(world.audit, older)
        gateway = world.serve()
        assert group(world, "to be forgotten") == 200
        stop(gateway)
        newer = pathlib.Path(elsewhere) / "newer"
        shutil.copytree(world.audit, newer)
        shutil.rmtree(world.audit)
        shutil.copytree(older, world.audit)
        assert world.ran("audit", "verify").returncode == 0
        refused = world.ran("audit", "verify", "--witness", "witness")
        assert refused.returncode == 9 and "witness saw checkpoint" in refused.stdout, refused.stdout
        assert reads(world.audit, "--witness", world.directory / "witness").returncode == 1
        shutil.rmtree(world.audit)
        shutil.copytree(newer, world.audit)
    print("an older copy of the whole trail is found by the witness")


def rotated(world, key):
    new = world.say("audit", "key", "--rotate")["key"]
    gateway = world.serve()
    assert world.call() == 200
    stop(gateway)
    for believed in (key, new):
        world.say("audit", "verify", "--key", believed, "--witness", "witness")
        assert reads(world.audit, "--key", believed).returncode == 0
    assert world.say("audit", "key")["key"] == new
    print("a key follows another, and who believes one believes both")


def full(world):
    """A disk that is full: a real one, of one megabyte."""
    state = world.directory / "portcullis-state"
    kept = world.directory / "kept"
    world.audit.rename(kept)
    world.audit.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", world.audit], capture_output=True)
    if mounted.returncode != 0:
        world.audit.rmdir()
        kept.rename(world.audit)
        print("a full disk is not tried here: nothing can be mounted")
        return
    try:
        shutil.copytree(kept, world.audit, dirs_exist_ok=True)
        gateway = world.serve()
        assert group(world, "with room") == 200
        ballast = world.audit / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        statuses = [group(world, f"without room {number}") for number in range(40)]
        assert statuses[-1] == 503 and set(statuses) <= {200, 503}, statuses
        assert world.call() == 503, "reads, too"
        refused = statuses.index(503)
        assert all(status == 503 for status in statuses[refused:]), statuses
        ballast.unlink()
        deadline = time.monotonic() + 10
        while (status := group(world, "room again")) != 200:
            assert status == 503 and time.monotonic() < deadline, status
            time.sleep(0.1)
        stop(gateway)
        checked = world.say("audit", "verify")
        entries = world.say("audit", "show", "--limit", "1000")["entries"]
        succeeded = [entry for entry in entries if entry["kind"] == "call_closed" and entry.get("status") == 200]
        assert checked["verified"] and len(succeeded) >= refused + 2, (len(succeeded), refused)
    finally:
        subprocess.run(["umount", world.audit], check=True)
        world.audit.rmdir()
        kept.rename(world.audit)
    print(f"on a full disk nothing passes (after {refused} more calls), and all of it again when there is room")


class Collector:
    """A syslog collector with octet counting, on a port of its own."""

    def __init__(self):
        self.messages, self.lines = [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            line, _ = self.listener.accept()
            self.lines.append(line)
            threading.Thread(target=self.take, args=(line,), daemon=True).start()

    def take(self, line):
        stream = line.makefile("rb")
        try:
            while digits := b"".join(iter(lambda: stream.read(1), b" ")):
                self.messages.append(stream.read(int(digits)).decode())
        except (OSError, ValueError):
            pass

    def hang_up(self):
        for line in self.lines:
            line.shutdown(socket.SHUT_RDWR)
            line.close()
        self.lines.clear()

    def numbers(self):
        gateway = [message for message in self.messages if 'chain="gateway/' in message]
        return [int(message.split(' number="')[1].split('"')[0]) for message in gateway]

    def waits_for(self, number):
        deadline = time.monotonic() + 20
        while number not in self.numbers():
            assert time.monotonic() < deadline, f"entry {number} did not come: {self.numbers()[-5:]}"
            time.sleep(0.05)


def shipped(world):
    collector = Collector()
    with open(world.settings, "a") as settings:
        settings.write(f'[audit.export]\nformat = "syslog"\nto = "tcp://127.0.0.1:{collector.port}"\n')
    gateway = world.serve()
    assert world.call() == 200
    stop(gateway)
    last = chains(world.say("audit", "verify"))["gateway/production"]["entries"]
    gateway = world.serve()
    collector.waits_for(last)
    collector.hang_up()
    for _ in range(5):
        assert world.call() == 200, "no call waits for a collector"
    collector.waits_for(last + 10)
    stop(gateway)
    numbers = collector.numbers()
    once = list(dict.fromkeys(numbers))
    assert once == sorted(once) == list(range(1, max(once) + 1)), numbers
    print(f"a collector that hung up got all {len(once)} entries in order, {len(numbers) - len(once)} of them twice")
    events = [json.loads(line) for line in world.ran("audit", "export", "--format", "ocsf").stdout.splitlines()]
    assert all(event["class_uid"] == 6003 for event in events) and len(events) >= len(once)
    lines = world.ran("audit", "export", "--format", "jsonl", "--position", "mine.json").stdout.splitlines()
    assert len(lines) == len(events)
    assert world.ran("audit", "export", "--position", "mine.json").stdout == "", "it goes on from its position"
    print(f"{len(events)} entries as OCSF events and as JSON Lines")


def main(portcullis):
    portcullis = pathlib.Path(portcullis).resolve()
    with tempfile.TemporaryDirectory() as place:
        world = World(portcullis, pathlib.Path(place))
        try:
            _, org = world.start("sandbox", "--seed", "small", "--limits", "off")
            token = world.directory / "okta.token"
            token.touch(mode=0o600)
            token.write_text(org["token"])
            world.say("init", "--okta", org["url"], "--token-file", "okta.token", "--listen", "127.0.0.1:18991")
            with open(world.settings, "a") as settings:
                settings.write('\n[audit]\nwitness = "witness"\n')
            world.say("client", "add", "auditor", "--scope", "okta.users.read", "--scope", "okta.groups.manage")
            world.key = world.say("key", "issue", "auditor")["key"]
            key = world.say("audit", "key")["key"]
            sound(world)
            killed(world)
            auditor(world, key)
            rolled_back(world)
            rotated(world, key)
            full(world)
            shipped(world)
        finally:
            world.end()


if __name__ == "__main__":
    main(sys.argv[1])
