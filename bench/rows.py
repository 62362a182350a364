"""What is measured: a proxy, a kind of request, and the CPU the proxy spends on one."""

import http.client
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess

PROXY_CPU, LOAD_CPU = 0, 1
CONNECTIONS = 32
TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")
PATH = "/api/v1/users/00u1qx8v2mHc4JYbT5d7"


class Row:
    """One proxy under one kind of load.

    `headers` are sent with every request, `script` is what wrk runs for requests that differ, `shakes` counts full
    TLS handshakes instead of requests, `status` is the only answer that counts, `tls` says how the proxy is spoken to. `wrong` are headers that must be refused.
    `brief` rows are loaded for one second a round, without a second of warm-up.
    """

    def __init__(self, name, process, port, *, group, headers=None, path=PATH, script=None, body=None,
                 shakes=False, status=200, tls=False, wrong=None, brief=False):
        self.name, self.process, self.port, self.group = name, process, port, group
        self.headers = {"Accept": "application/json", **(headers or {})}
        self.path, self.script, self.body, self.shakes = path, script, body, shakes
        self.status, self.tls, self.wrong, self.brief = status, tls, wrong, brief

    def ask(self, headers=None, path=None):
        """One request, apart from the load: its status and body."""
        if self.tls:
            context = ssl._create_unverified_context()
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=context)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            method = "POST" if self.body else "GET"
            connection.request(method, path or self.path, body=self.body, headers=headers or self.headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def check(self):
        """The row does what it says, before anything is counted."""
        if not self.script or self.body:
            status, body = self.ask()
            assert status == self.status, f"{self.name} answers {status}, not {self.status}: {body[:300]}"
            if status == 200:
                assert json.loads(body)["profile"]["login"] == "isaura.ek@example.com", f"{self.name} changes the body"
        if self.wrong:
            status, _ = self.ask(headers={**self.headers, **self.wrong})
            assert status == 401, f"{self.name} answers a wrong credential with {status}, not 401"

    def load(self, seconds):
        """Loads the row for so many seconds and returns what came of it."""
        if self.shakes:
            return self.shake(seconds)
        command = [find("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
        script = self.script() if callable(self.script) else self.script
        if script:
            command += ["-s", script]
        for name, value in self.headers.items():
            command += ["-H", f"{name}: {value}"]
        before = cpu_us(self.process.pid)
        scheme = "https" if self.tls else "http"
        out = subprocess.run(
            [*command, f"{scheme}://127.0.0.1:{self.port}{self.path}"],
            check=True, capture_output=True, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CPU}),
        ).stdout
        spent = cpu_us(self.process.pid) - before
        requests = int(re.search(r"(\d+) requests in", out)[1])
        others = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
        others = int(others[1]) if others else 0
        # A limit of so many calls a second lets so many through.
        let_through = 0 if self.status != 429 else 2 * (seconds + 1)
        expected = range(1) if self.status < 400 else range(requests - let_through, requests + 1)
        assert others in expected and "Socket errors" not in out, f"{self.name}: not every answer was {self.status}:\n{out}"
        return {
            "cpu_us": spent / requests,
            "per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
            "p50_us": latency_us(out, 50),
            "p99_us": latency_us(out, 99),
            "rss_mib": rss_mib(self.process.pid),
        }

    def shake(self, seconds):
        """Shakes hands for so many seconds, one after the other, and never resumes a session: wrk would."""
        before = cpu_us(self.process.pid)
        out = subprocess.run(
            ["openssl", "s_time", "-connect", f"127.0.0.1:{self.port}", "-new", "-tls1_3", "-time", str(seconds)],
            check=True, capture_output=True, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CPU}),
        ).stdout
        spent = cpu_us(self.process.pid) - before
        made, took = re.search(r"(\d+) connections in (\d+) real seconds", out).groups()
        each_us = int(took) * 1e6 / int(made)
        return {
            "cpu_us": spent / int(made), "per_second": int(made) / int(took), "p50_us": each_us, "p99_us": each_us,
            "rss_mib": rss_mib(self.process.pid),
        }


def find(tool):
    return shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


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
