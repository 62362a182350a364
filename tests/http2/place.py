"""The gateway under test: `portcullis sandbox` behind `portcullis serve`, over TLS, on free ports of this machine."""

import json
import os
import pathlib
import re
import socket
import subprocess


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Place:
    def __init__(self, portcullis, directory, limits):
        self.portcullis, self.directory, self.running = os.path.abspath(portcullis), pathlib.Path(directory), []
        self.host, self.port = "127.0.0.1", free_port()
        self.authority_name = f"{self.host}:{self.port}"
        self.authority = str(self.directory / "authority.pem")
        self.limits = limits

    def start(self, *words):
        process = subprocess.Popen([self.portcullis, *words, "--json"], cwd=self.directory, stdout=subprocess.PIPE, text=True)
        self.running.append(process)
        return json.loads(process.stdout.readline())

    def say(self, *words):
        done = subprocess.run([self.portcullis, *words, "--json"], cwd=self.directory, capture_output=True, text=True)
        assert done.returncode == 0, f"portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    def certificate(self, name, subject, *more):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", subject,
                        "-keyout", f"{name}.key", "-out", f"{name}.pem", *more], cwd=self.directory, check=True, capture_output=True)

    def __enter__(self):
        org = self.start("sandbox", "--seed", "small", "--limits", "off")
        token = self.directory / "okta.token"
        token.touch(mode=0o600)
        token.write_text(org["token"])
        self.say("init", "--okta", org["url"], "--token-file", "okta.token", "--listen", self.authority_name, "--public", f"https://{self.authority_name}")
        self.certificate("authority", "/CN=authority", "-addext", "keyUsage=critical,keyCertSign")
        self.certificate("gateway", "/CN=127.0.0.1", "-CA", "authority.pem", "-CAkey", "authority.key", "-addext", "subjectAltName=IP:127.0.0.1",
                         "-addext", "basicConstraints=critical,CA:false")
        with open(self.directory / "portcullis.toml", "a") as file:
            file.write('\n[tls]\ncertificate = "gateway.pem"\nkey = "gateway.key"\n\n[limits]\n' + self.limits)
        for name in ("caller", "attacker"):
            self.say("client", "add", name, "--scope", "okta.users.manage", "--scope", "okta.users.read")
        self.key = self.say("key", "issue", "caller")["key"]
        self.attackers_key = self.say("key", "issue", "attacker")["key"]
        self.start("serve")
        self.gateway = self.running[-1]
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            process.terminate()
            process.wait(timeout=90)

    def rss_mib(self):
        status = pathlib.Path(f"/proc/{self.gateway.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def trail(self):
        files = sorted((self.directory / "portcullis-state/audit/gateway/production").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]
