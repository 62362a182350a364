"""Everything that runs during a benchmark, in one temporary directory: starting, files, certificates, the upstream."""

import json
import os
import socket
import subprocess
import sys
import time

from rows import LOAD_CPU, PATH, PROXY_CPU, find

USER_BYTES = 1095
OKTA_TOKEN = "00benchBenchBenchBenchBenchBenchBenchBench"


class Stage:
    def __init__(self, directory, running):
        self.directory, self.running = directory, running
        self.upstream = free_port()
        self.run("nginx", [find("nginx"), "-c", self.file("nginx.conf", self.answering())], self.upstream, LOAD_CPU)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
             "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "tls.key", "-out", "tls.crt"],
            cwd=directory, check=True, capture_output=True,
        )
        self.file("tls.pem", (directory / "tls.crt").read_text() + (directory / "tls.key").read_text())

    def run(self, name, command, port, cpu=PROXY_CPU):
        """Starts a program on one CPU and waits until it listens."""
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

    def nginx(self, name, server):
        """The configuration of one nginx with one worker."""
        temporary = "".join(
            f"  {kind}_temp_path {self.directory}/{name}-{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        return f"""
daemon off; worker_processes 1; pid {self.directory}/{name}.pid; error_log stderr crit; {user}
events {{ worker_connections 1024; }}
http {{
{temporary}  access_log off; default_type application/json; keepalive_requests 1000000000; keepalive_timeout 600s;
{server}
}}
"""

    def answering(self):
        return self.nginx("nginx", f"""  server {{
    listen 127.0.0.1:{self.upstream} backlog=1024;
    location / {{ add_header X-Okta-Request-Id 2f6d1c0b9a8e47f5b3c2d1e0f9a8b7c6; return 200 '{self.user()}'; }}
  }}""")

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


NEW_USER = json.dumps({
    "profile": {
        "firstName": "Isaura", "lastName": "Ek", "email": "isaura.ek@example.com", "login": "isaura.ek@example.com",
        "mobilePhone": "+46 70 174 06 05", "department": "Treasury", "title": "Analyst, the bank's own",
    },
    "credentials": {
        "password": {"value": "tHree-Blue.Kites 71"},
        "recovery_question": {"question": "Who's the better half of the duo?", "answer": "Annie, of course"},
    },
    "groupIds": ["00g1emaKYZTWRYYRRTSK", "00g2garwpuyxHaWOkdV0"],
})


def posting(stage):
    """What wrk runs to post a new user."""
    body = NEW_USER.replace("\\", "\\\\").replace('"', '\\"')
    return stage.file("post.lua", f"""
wrk.method = "POST"
wrk.body = "{body}"
wrk.headers["Content-Type"] = "application/json"
""")


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
