#!/usr/bin/env python3
"""CPU per request of the gateway, beside HAProxy, in one run on one machine.

What it does: starts an upstream (nginx) that answers every request with the same Okta user, and in front of it HAProxy as a
plain proxy, HAProxy with hashed API keys and an access list, the same with an access log, and `portcullis serve`. Every proxy
is pinned to CPU 0; upstream and load generator (wrk) to CPU 1. Rounds are interleaved, so that a noisy minute hits all alike.
The figure is CPU time (user + system, all threads and children) divided by requests answered: on a shared machine it is the
one that repeats. All traffic stays on 127.0.0.1.

What it never does: install anything, write outside its temporary directory, or count a run in which any answer was not 200.

Needs Linux, two CPUs, the Debian packages haproxy, nginx-light and wrk, and a release build:
    cargo build --release
    python3 bench/gateway.py
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PROXY_CPU, LOAD_CPU = 0, 1
USER_BYTES = 1095
KEYS_STORED = 10_000
CONNECTIONS = 32
PATH = "/api/v1/users/00u1qx8v2mHc4JYbT5d7"
OKTA_TOKEN = "00benchBenchBenchBenchBenchBenchBenchBench"
TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")


def main():
    arguments = read_arguments()
    check_machine(arguments.portcullis)
    with tempfile.TemporaryDirectory(prefix="portcullis-bench-") as directory, contextlib.ExitStack() as running:
        bench = Bench(pathlib.Path(directory), running, arguments)
        rows = bench.start()
        for row in rows:
            row.check()
        measures = bench.measure(rows)
    report(measures, arguments)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--portcullis", type=pathlib.Path, default=pathlib.Path("target/release/portcullis"))
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--seconds", type=int, default=4, help="measured seconds per row and round (default 4)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    return parser.parse_args()


def check_machine(portcullis):
    missing = [tool for tool in ("haproxy", "nginx", "wrk") if not find(tool)]
    if missing:
        sys.exit(f"not found: {', '.join(missing)}. Install the Debian packages haproxy, nginx-light and wrk.")
    if not portcullis.exists():
        sys.exit(f"{portcullis} is not there. Build it with `cargo build --release`.")
    if not {PROXY_CPU, LOAD_CPU} <= os.sched_getaffinity(0):
        sys.exit("needs CPU 0 and CPU 1.")


def find(tool):
    return shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Row:
    """One proxy under measurement."""

    def __init__(self, name, port, process, key=None):
        self.name, self.port, self.process, self.key = name, port, process, key

    def headers(self, key=None):
        key = key or self.key
        return {"Accept": "application/json", **({"Authorization": f"SSWS {key}"} if key else {})}

    def ask(self, key=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", PATH, headers=self.headers(key))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def check(self):
        status, body = self.ask()
        assert status == 200, f"{self.name} answers {status}: {body[:200]}"
        assert json.loads(body)["profile"]["login"] == "isaura.ek@example.com", f"{self.name} changes the body"
        if self.key:
            status, _ = self.ask(key=self.key[:-6] + "AAAAAA")
            assert status == 401, f"{self.name} answers a wrong key with {status}, not 401"

    def load(self, seconds):
        """Loads the row for so many seconds and returns what came of it."""
        command = [find("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
        for name, value in self.headers().items():
            command += ["-H", f"{name}: {value}"]
        before = cpu_us(self.process.pid)
        out = subprocess.run(
            [*command, f"http://127.0.0.1:{self.port}{PATH}"],
            check=True, capture_output=True, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CPU}),
        ).stdout
        spent = cpu_us(self.process.pid) - before
        assert "Non-2xx" not in out and "Socket errors" not in out, f"{self.name}: not every answer was 200:\n{out}"
        requests = int(re.search(r"(\d+) requests in", out)[1])
        return {
            "cpu_us": spent / requests,
            "per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
            "p50_us": latency_us(out, 50),
            "p99_us": latency_us(out, 99),
            "rss_mib": rss_mib(self.process.pid),
        }


def latency_us(out, percentile):
    number, unit = re.search(rf"\s{percentile}%\s+([\d.]+)(us|ms|s)", out).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def family(pid):
    yield pid
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def cpu_us(pid):
    """User and system time of a process, its threads and its children so far."""
    total = 0
    for member in family(pid):
        fields = pathlib.Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total * TICK_US


def rss_mib(pid):
    sizes = (re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{member}/status").read_text()) for member in family(pid))
    return sum(int(size[1]) for size in sizes) / 1024


class Bench:
    """Everything that runs, in one temporary directory."""

    def __init__(self, directory, running, arguments):
        self.directory, self.running, self.arguments = directory, running, arguments
        self.upstream = free_port()

    def start(self):
        self.run("nginx", [find("nginx"), "-c", self.nginx()], LOAD_CPU, self.upstream)
        keys = [f"key_{secrets.token_urlsafe(32)}" for _ in range(KEYS_STORED)]
        plain, keyed, logged = free_port(), free_port(), free_port()
        rows = [
            Row("HAProxy, plain", plain, self.haproxy("plain", plain)),
            Row("HAProxy, hashed keys and access list", keyed, self.haproxy("keyed", keyed, keys), keys[0]),
            Row("HAProxy, the same with an access log", logged, self.haproxy("logged", logged, keys, log=True), keys[0]),
            self.portcullis(free_port()),
        ]
        return rows

    def measure(self, rows):
        measures = {row.name: [] for row in rows}
        for round_ in range(self.arguments.rounds):
            for row in rows:
                row.load(1)
                measures[row.name].append(row.load(self.arguments.seconds))
                print(f"round {round_ + 1}: {row.name}: {measures[row.name][-1]['cpu_us']:.1f} us", file=sys.stderr)
        return measures

    def run(self, name, command, cpu, port):
        log = self.running.enter_context((self.directory / f"{name}.log").open("w"))
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, cwd=self.directory,
            preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
        )
        self.running.callback(stop, process)
        deadline = time.monotonic() + 10
        while not listening(port):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{name} does not start:\n{(self.directory / f'{name}.log').read_text()}")
            time.sleep(0.02)
        return process

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def nginx(self):
        temporary = "".join(
            f"  {kind}_temp_path {self.directory}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        return self.file("nginx.conf", f"""
daemon off; worker_processes 1; pid {self.directory}/nginx.pid; error_log stderr crit; {user}
events {{ worker_connections 1024; }}
http {{
{temporary}  access_log off; default_type application/json; keepalive_requests 1000000000; keepalive_timeout 600s;
  server {{
    listen 127.0.0.1:{self.upstream} backlog=1024;
    location / {{ add_header X-Okta-Request-Id 2f6d1c0b9a8e47f5b3c2d1e0f9a8b7c6; return 200 '{self.user()}'; }}
  }}
}}
""")

    def user(self):
        """An Okta user of the size that a real one has, with links that a gateway has to rewrite."""
        base = f"http://127.0.0.1:{self.upstream}{PATH}"
        user = {
            "id": PATH.rsplit("/", 1)[1], "status": "ACTIVE", "created": "2026-01-12T08:30:11.000Z",
            "activated": "2026-01-12T08:30:12.000Z", "statusChanged": "2026-01-12T08:31:40.000Z",
            "lastLogin": "2026-11-20T06:58:03.000Z", "lastUpdated": "2026-09-02T14:05:22.000Z",
            "passwordChanged": "2026-03-01T10:00:00.000Z", "type": {"id": "oty1qx8v2kZ0aW9Qe5d7"},
            "profile": {
                "firstName": "Isaura", "lastName": "Ek", "login": "isaura.ek@example.com", "email": "isaura.ek@example.com",
                "mobilePhone": "+46 70 174 06 05", "department": "Treasury", "title": "Analyst", "employeeNumber": "0048213",
                "organization": "Example AB",
            },
            "credentials": {"password": {}, "provider": {"type": "OKTA", "name": "OKTA"}},
            "_links": {name: {"href": f"{base}/lifecycle/{name}"} for name in ("suspend", "deactivate")}
            | {"self": {"href": base}},
        }
        user["profile"]["costCenter"] = ""
        text = json.dumps(user, separators=(",", ":"))
        user["profile"]["costCenter"] = "4" * (USER_BYTES - len(text))
        text = json.dumps(user, separators=(",", ":"))
        assert len(text) == USER_BYTES, f"{len(text)} bytes"
        return text

    def haproxy(self, name, port, keys=(), log=False):
        rules = ""
        if keys:
            hashes = "".join(f"{hashlib.sha256(key.encode()).hexdigest()} bench:okta.users.read\n" for key in keys)
            listed = self.file(f"{name}.map", hashes)
            rules = f"""
  http-request set-var(txn.known) req.hdr(authorization),word(2,' '),sha2(256),hex,lower,map({listed})
  http-request deny deny_status 401 unless {{ var(txn.known) -m found }}
  http-request set-var(txn.scopes) var(txn.known),field(2,:)
  acl reads method GET
  acl users path_reg ^/api/v1/users(/[A-Za-z0-9]{{1,64}})?$
  acl may_users var(txn.scopes) -m sub okta.users.read
  http-request deny deny_status 403 unless reads users may_users
  http-request set-header authorization "SSWS {OKTA_TOKEN}"
"""
        line = '{"t":"%Ts.%ms","caller":"%[var(txn.known)]","method":"%HM","path":"%HU","status":%ST,"ms":%Ta}'
        logging = f"  log global\n  log-format '{line}'" if log else ""
        return self.run(f"haproxy-{name}", [find("haproxy"), "-db", "-f", self.file(f"{name}.cfg", f"""
global
  nbthread 1
  {"log stdout format raw local0" if log else ""}
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  http-reuse always
frontend front
  bind 127.0.0.1:{port}
{logging}{rules}
  default_backend okta
backend okta
  server okta 127.0.0.1:{self.upstream}
""")], PROXY_CPU, port)

    def portcullis(self, port):
        binary = str(self.arguments.portcullis.resolve())
        token = self.file("okta.token", OKTA_TOKEN)
        config = str(self.directory / "portcullis.toml")

        def verb(*words):
            done = subprocess.run([binary, *words, "--config", config], cwd=self.directory, capture_output=True, text=True)
            assert done.returncode == 0, f"portcullis {' '.join(words)} ends with {done.returncode}:\n{done.stderr}"
            return done.stdout

        verb("init", "--okta", f"http://127.0.0.1:{self.upstream}", "--token-file", token, "--listen", f"127.0.0.1:{port}")
        with open(config, "a") as settings:  # one client and one address make all the load
            settings.write("\n[limits]\nconnections-per-source = 2048\n" + "".join(
                f"{kind}-per-second = 1000000\n" for kind in ("new-connections", "visits", "refusals", "calls")))
        verb("client", "add", "bench", "--scope", "okta.users.read")
        key = json.loads(verb("key", "issue", "bench", "--json").splitlines()[-1])["key"]
        process = self.run("portcullis", [binary, "serve", "--config", config], PROXY_CPU, port)
        return Row("Portcullis, keys, scopes, audit trail", port, process, key)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def stop(process):
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def report(measures, arguments):
    base = statistics.median(measure["cpu_us"] for measure in next(iter(measures.values())))
    rows = []
    for name, rounds in measures.items():
        middle = {what: statistics.median(measure[what] for measure in rounds) for what in rounds[0]}
        costs = [measure["cpu_us"] for measure in rounds]
        rows.append({"row": name, **middle, "cpu_us_min": min(costs), "cpu_us_max": max(costs), "ratio": middle["cpu_us"] / base})
    if arguments.json:
        print(json.dumps({"rounds": arguments.rounds, "seconds": arguments.seconds, "rows": rows}))
        return
    print("| | CPU µs per request, median (least to most) | to HAProxy plain | requests/s | p50 / p99 µs | RSS MiB |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['row']} | {row['cpu_us']:.1f} ({row['cpu_us_min']:.1f} to {row['cpu_us_max']:.1f}) | {row['ratio']:.1f} "
            f"| {row['per_second']:.0f} | {row['p50_us']:.0f} / {row['p99_us']:.0f} | {row['rss_mib']:.0f} |"
        )


if __name__ == "__main__":
    main()
