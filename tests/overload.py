"""Ten times more is asked of the gateway than it may give, in every way at once; those who behave must not notice.

    python3 tests/overload.py PORTCULLIS [--seconds 15] [--json]

Runs the real binary over TLS in front of a fast upstream that counts what reaches it. Four good callers, each with a key and a loopback
address of its own, make ten calls a second each, some of them on new connections. First alone; then, for so many seconds, beside
attackers from some 60 other addresses: a valid key that hammers, wrong keys, guesses at the token endpoint, heads and bodies that dribble,
thousands of idle connections, readers that do not read, handshakes that stop half way, bodies of a gigabyte.

Fails when fewer than 99 % of the good calls are served, when memory grows beyond its bound, when excess is turned away without the headers
that say when to come again, or when more reaches the upstream than the limits let through. Latencies are printed and decide nothing:
a shared machine has bad minutes. Everything stays on 127.0.0.0/8. Needs `openssl`.
"""

import argparse
import asyncio
import collections
import contextlib
import json
import logging
import multiprocessing
import os
import pathlib
import re
import resource
import signal
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import time

USER = json.dumps({"id": "00u1", "status": "ACTIVE", "profile": {"login": "isaura.ek@example.com"}, "fill": "x" * 900}).encode()
PAGE = b"[" + b",".join([USER] * 300) + b"]"
GOOD_CALLERS, GOOD_PER_SECOND = 4, 10
CALLS_PER_SECOND = 20  # what the settings of this test let one client make
ALONE_S = 5
AT_ONCE = 10  # requests that whoever hammers sends before reading
RSS_MAX_MIB = 400
HEADERS = ("retry-after", "date", "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")


# The upstream.

class Upstream(asyncio.Protocol):
    """Answers every request at once, and counts them."""

    answered = 0

    def connection_made(self, transport):
        self.transport, self.rest = transport, b""

    def data_received(self, data):
        self.rest += data
        while (end := self.rest.find(b"\r\n\r\n")) >= 0:
            head = self.rest[:end]
            length = re.search(rb"(?i)content-length: (\d+)", head)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self.rest) < size:
                return
            self.rest = self.rest[size:]
            Upstream.answered += 1
            body = PAGE if b"limit=200" in head else USER
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def serve_upstream(port, answered):
    async def serve():
        server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", port, backlog=1024)
        async with server:
            while True:
                await asyncio.sleep(0.1)
                answered.value = Upstream.answered

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve())


# Callers.

class Target:
    """Where the gateway is, and how to speak to it."""

    def __init__(self, port, authority):
        self.port, self.authority = port, authority
        self.context = None

    def tls(self):
        if self.context is None:
            self.context = ssl.create_default_context(cafile=self.authority)
        return self.context

    async def open(self, source, tls=True):
        secure = {"ssl": self.tls(), "server_hostname": "127.0.0.1", "ssl_handshake_timeout": 10} if tls else {}
        return await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0), limit=1 << 20, **secure), 10)

    def request(self, key, path="/api/v1/users/00u1", method="GET", more=""):
        return (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: SSWS {key}\r\n"
                f"Accept: application/json\r\n{more}\r\n").encode()


async def answer_of(reader):
    """Status and headers of the next answer; its body is read and dropped."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    await reader.readexactly(int(headers.get("content-length", 0)))
    return int(lines[0].split()[1]), headers


async def good_caller(target, key, source, seconds, took):
    """Calls at a steady pace, whatever the last call took; notes milliseconds from when the call was due, or what went wrong."""
    loop, line, number = asyncio.get_running_loop(), None, 0
    begun = loop.time()
    while (due := begun + number / GOOD_PER_SECOND) < begun + seconds:
        await asyncio.sleep(max(0, due - loop.time()))
        try:
            if line is None or number % 20 == 0:
                if line:
                    line[1].close()
                line = None
                line = await target.open(source)
            line[1].write(target.request(key))
            status, headers = await asyncio.wait_for(answer_of(line[0]), 10)
            took.append((loop.time() - due) * 1000 if status == 200 else f"{status} {headers}")
            if headers.get("connection") == "close":
                line = None
        except Exception as error:  # whatever it is, the call was not served
            took.append(repr(error))
            line = None
        number += 1


def good(target, keys, seconds, results):
    took = []

    async def all_of_them():
        await asyncio.gather(*(good_caller(target, key, f"127.0.0.{11 + number}", seconds, took) for number, key in enumerate(keys)))

    asyncio.run(all_of_them())
    results.put(took)


# Attackers. Each goes on until it is told to end, and counts what it got.

async def persist(attempt):
    """Tries again and again; an attacker does not give up because its connection was closed."""
    while True:
        try:
            await attempt()
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, asyncio.LimitOverrunError, ssl.SSLError, ValueError):
            pass
        await asyncio.sleep(0.01)


def hammer(target, key, source, seen, name, path="/api/v1/users/00u1"):
    async def attempt():
        reader, writer = await target.open(source)
        with contextlib.closing(writer):
            while True:
                writer.write(target.request(key, path) * AT_ONCE)
                for _ in range(AT_ONCE):
                    status, headers = await answer_of(reader)
                    seen[f"{name} {status}"] += 1
                    if status in (429, 503) and any(name not in headers for name in HEADERS):
                        seen["excess without its headers"] += 1
                    if headers.get("connection") == "close":
                        return
    return attempt


def guess_tokens(target, source, seen):
    body = "grant_type=client_credentials&client_id=cliAAAAAAAAAAAAAAAA&client_secret=pcs_wrong&scope=okta.users.read"
    more = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"

    async def attempt():
        reader, writer = await target.open(source)
        with contextlib.closing(writer):
            while True:
                head = f"POST /oauth2/v1/token HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\n{more}\r\n{body}"
                writer.write(head.encode())
                status, headers = await answer_of(reader)
                seen[f"token {status}"] += 1
                if headers.get("connection") == "close":
                    return
    return attempt


def dribble_head(target, source, seen):
    async def attempt():
        _, writer = await target.open(source)
        with contextlib.closing(writer):
            seen["slow heads"] += 1
            writer.write(b"GET /api/v1/users HTTP/1.1\r\n")
            for number in range(1000):
                await asyncio.sleep(2)
                writer.write(b"X-%d: y\r\n" % number)
                await writer.drain()
    return attempt


def dribble_body(target, key, source, seen):
    async def attempt():
        reader, writer = await target.open(source)
        with contextlib.closing(writer):
            writer.write(target.request(key, "/api/v1/users", "POST", "Content-Type: application/json\r\nContent-Length: 1000000\r\n"))
            seen["slow bodies"] += 1
            for _ in range(1000):
                await asyncio.sleep(0.5)
                writer.write(b" ")
                await writer.drain()
                if reader._buffer:
                    status, _ = await answer_of(reader)
                    seen[f"slow body {status}"] += 1
                    return
    return attempt


def sit_idle(target, source, seen):
    async def attempt():
        reader, writer = await target.open(source, tls=False)
        with contextlib.closing(writer):
            begun = time.monotonic()
            await reader.read(1)
            seen["idle, closed at once" if time.monotonic() - begun < 1 else "idle, closed later"] += 1
            await asyncio.sleep(0.5)
    return attempt


def stop_half_way(target, source, seen):
    async def attempt():
        reader, writer = await target.open(source, tls=False)
        with contextlib.closing(writer):
            writer.write(b"\x16\x03\x01\x02\x00\x01")
            seen["half handshakes"] += 1
            await reader.read(1)
            await asyncio.sleep(0.1)
    return attempt


def never_read(target, key, source, seen):
    async def attempt():
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.setblocking(False)
            line.bind((source, 0))
            loop = asyncio.get_running_loop()
            await loop.sock_connect(line, ("127.0.0.1", target.port))
            _, writer = await asyncio.open_connection(sock=line, ssl=target.tls(), server_hostname="127.0.0.1", limit=1024)
            with contextlib.closing(writer):
                writer.transport.pause_reading()
                for _ in range(20):
                    writer.write(target.request(key, "/api/v1/users?limit=200"))
                    seen["answers asked for and not read"] += 1
                await asyncio.sleep(30)
    return attempt


def send_a_gigabyte(target, key, source, seen):
    async def attempt():
        reader, writer = await target.open(source)
        with contextlib.closing(writer):
            writer.write(target.request(key, "/api/v1/users", "POST", "Content-Type: application/json\r\nContent-Length: 1073741824\r\n"))
            for _ in range(1024):
                writer.write(b" " * 65536)
                await writer.drain()
                if reader._buffer:
                    status, _ = await answer_of(reader)
                    seen[f"huge body {status}"] += 1
                    return
    return attempt


def attacks(target, keys, seen):
    """Every attacker with how often it stands there at once."""
    hammering, slow, reading, huge = keys
    yield 16, hammer(target, hammering, "127.0.1.1", seen, "hammering")
    for last in range(1, 5):
        yield 4, hammer(target, "pcl_" + "0" * 38, f"127.0.2.{last}", seen, "guessing")
        yield 2, guess_tokens(target, f"127.0.3.{last}", seen)
    for last in range(1, 9):
        yield 40, dribble_head(target, f"127.0.4.{last}", seen)
        yield 20, stop_half_way(target, f"127.0.5.{last}", seen)
    for last in range(1, 21):
        yield 100, sit_idle(target, f"127.0.6.{last}", seen)
    yield 80, dribble_body(target, slow, "127.0.8.1", seen)
    yield 30, never_read(target, reading, "127.0.9.1", seen)
    yield 4, send_a_gigabyte(target, huge, "127.0.10.1", seen)
    yield 4, send_a_gigabyte(target, "pcl_" + "0" * 38, "127.0.10.2", seen)


def attack(target, keys, part, parts, seconds, results):
    os.nice(5)
    logging.disable(logging.CRITICAL)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    seen = collections.Counter()

    async def all_at_once():
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        tasks = [asyncio.ensure_future(persist(attempt)) for times, attempt in attacks(target, keys, seen) for _ in range(times)]
        tasks = [task if number % parts == part else task.cancel() for number, task in enumerate(tasks)]
        await asyncio.sleep(seconds)
        for task in filter(lambda task: not isinstance(task, bool), tasks):
            task.cancel()

    with contextlib.suppress(BaseException):
        asyncio.run(asyncio.wait_for(all_at_once(), seconds + 5))
    results.put(seen)
    results.close()
    results.join_thread()
    os._exit(0)


# The stage.

class Stage:
    def __init__(self, portcullis, directory):
        self.portcullis, self.directory, self.running = os.path.abspath(portcullis), pathlib.Path(directory), []
        self.upstream_port, self.port = free_port(), free_port()
        self.answered = multiprocessing.Value("q", 0)

    def say(self, *words):
        done = subprocess.run([self.portcullis, *words, "--json"], cwd=self.directory, capture_output=True, text=True)
        assert done.returncode == 0, f"portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    def certificate(self, name, subject, *more):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", subject,
                        "-keyout", f"{name}.key", "-out", f"{name}.pem", *more], cwd=self.directory, check=True, capture_output=True)

    def key(self, name):
        self.say("client", "add", name, "--scope", "okta.users.manage", "--scope", "okta.users.read")
        return self.say("key", "issue", name)["key"]

    def __enter__(self):
        upstream = multiprocessing.Process(target=serve_upstream, args=(self.upstream_port, self.answered), daemon=True)
        upstream.start()
        token = self.directory / "okta.token"
        token.touch(mode=0o600)
        token.write_text("00overloadOverloadOverloadOverloadOverload")
        listen = f"127.0.0.1:{self.port}"
        self.say("init", "--okta", f"http://127.0.0.1:{self.upstream_port}", "--token-file", "okta.token", "--listen", listen, "--public", f"https://{listen}")
        self.certificate("authority", "/CN=authority", "-addext", "keyUsage=critical,keyCertSign")
        self.certificate("gateway", "/CN=127.0.0.1", "-CA", "authority.pem", "-CAkey", "authority.key", "-addext", "subjectAltName=IP:127.0.0.1",
                         "-addext", "basicConstraints=critical,CA:false")
        with open(self.directory / "portcullis.toml", "a") as file:
            file.write(f'\n[tls]\ncertificate = "gateway.pem"\nkey = "gateway.key"\n\n[limits]\ncalls-per-second = {CALLS_PER_SECOND}\n')
        self.good_keys = [self.key(f"good-{number}") for number in range(GOOD_CALLERS)]
        self.bad_keys = [self.key(name) for name in ("hammering", "slow", "reading", "huge")]
        self.gateway = subprocess.Popen([self.portcullis, "serve", "--json"], cwd=self.directory, stdout=subprocess.PIPE, text=True)
        self.gateway.stdout.readline()
        self.target = Target(self.port, str(self.directory / "authority.pem"))
        return self

    def __exit__(self, *_):
        if self.gateway.poll() is None:
            self.stop()

    def stop(self):
        self.gateway.terminate()
        self.gateway.wait(timeout=90)

    def rss_mib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.gateway.pid}/status").read_text())[1]) / 1024

    def told(self):
        files = sorted((self.directory / "portcullis-state/audit/gateway/production").glob("*.jsonl"))
        entries = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        return [entry for entry in entries if entry["kind"] == "turned_away"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def measured(took):
    served = sorted(one for one in took if not isinstance(one, str))
    at = lambda share: served[min(len(served) - 1, int(share * len(served)))] if served else float("nan")
    return {"calls": len(took), "served": len(served), "p50_ms": round(at(0.5), 1), "p99_ms": round(at(0.99), 1), "worst_ms": round(at(1), 1)}


def together(stage, seconds):
    """Good callers and attackers at once."""
    fork = multiprocessing.get_context("fork")
    good_results, bad_results, parts = fork.Queue(), fork.Queue(), 2
    attackers = [fork.Process(target=attack, args=(stage.target, stage.bad_keys, part, parts, seconds + 2, bad_results)) for part in range(parts)]
    for one in attackers:
        one.start()
    time.sleep(2)
    caller = fork.Process(target=good, args=(stage.target, stage.good_keys, seconds, good_results))
    caller.start()
    before, most_mib = stage.answered.value, 0
    while caller.is_alive() and good_results.empty():
        most_mib = max(most_mib, stage.rss_mib())
        time.sleep(0.25)
    took = good_results.get()
    reached = stage.answered.value - before
    seen = sum((bad_results.get(timeout=60) for _ in attackers), collections.Counter())
    for one in attackers:
        one.join(timeout=20)
    return took, seen, most_mib, reached


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("portcullis")
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portcullis-overload-") as directory, Stage(arguments.portcullis, directory) as stage:
        fork = multiprocessing.get_context("fork")
        results = fork.Queue()
        caller = fork.Process(target=good, args=(stage.target, stage.good_keys, ALONE_S, results))
        caller.start()
        alone = measured(results.get())
        caller.join()
        calm_mib = stage.rss_mib()
        took, seen, most_mib, reached = together(stage, arguments.seconds)
        stage.stop()
        told = stage.told()
    among = measured(took)
    hammered = sum(times for what, times in seen.items() if what.startswith("hammering"))
    facts = {"seconds": arguments.seconds, "alone": alone, "among_attackers": among, "attackers_saw": dict(seen), "rss_mib": {"calm": round(calm_mib), "most": round(most_mib)},
             "reached_upstream": reached, "hammering_per_second": round(hammered / (arguments.seconds + 2)), "entries_told": len(told)}
    if arguments.json:
        print(json.dumps(facts))
    else:
        print(f"alone: {alone}\namong attackers for {arguments.seconds} s: {among}\nattackers saw: {dict(sorted(seen.items()))}")
        print(f"resident memory: {calm_mib:.0f} MiB calm, {most_mib:.0f} MiB at most; {reached} calls reached the upstream")
        print(f"a client that may make {CALLS_PER_SECOND} calls a second tried {hammered / (arguments.seconds + 2):.0f} a second")
        print(f"{len(told)} entries tell the operator of {sum(int(times) for entry in told for times in entry['details'].values())} that were turned away")
    wrong = []
    if among["served"] < 0.99 * among["calls"]:
        wrong.append(f"{among['served']} of {among['calls']} good calls were served; {[one for one in took if isinstance(one, str)][:5]}")
    if most_mib > RSS_MAX_MIB:
        wrong.append(f"memory grew to {most_mib:.0f} MiB")
    if seen["hammering 429"] == 0 or seen["excess without its headers"]:
        wrong.append("excess was not turned away with the headers that say when to come again")
    # Four attackers with keys, each with its pace and two seconds' worth at once, and the good callers.
    through = 4 * CALLS_PER_SECOND * (arguments.seconds + 4) + among["calls"]
    if reached > through:
        wrong.append(f"{reached} calls reached the upstream, more than {through}")
    if not any(entry["source"] == "127.0.1.1" and entry["details"].get("too_many_calls_per_second") for entry in told):
        wrong.append("the operator is not told who hammers")
    for line in wrong:
        print(f"FAIL {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
