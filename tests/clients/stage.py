"""Puts an emulated org and a gateway before it on stage, then runs Okta's own SDKs against the gateway.

    python3 tests/clients/stage.py PORTCULLIS -- COMMAND [ARG ...]

Starts `portcullis sandbox` and `portcullis serve` on free loopback ports, registers one client with the scopes the SDK tests
need and one that may only read users, and runs COMMAND with their keys in the environment the SDKs read. Ends what it started.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

SCOPES = ["okta.users.manage", "okta.users.read", "okta.groups.manage", "okta.groups.read", "okta.apps.manage",
          "okta.apps.read", "okta.policies.manage", "okta.policies.read"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stage:
    def __init__(self, portcullis, directory):
        self.portcullis, self.directory, self.running = portcullis, directory, []

    def say(self, *words):
        done = subprocess.run([self.portcullis, *words, "--json"], cwd=self.directory, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"stage: portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    def start(self, *words):
        process = subprocess.Popen([self.portcullis, *words, "--json"], cwd=self.directory, stdout=subprocess.PIPE, text=True)
        self.running.append(process)
        line = process.stdout.readline()
        if not line:
            sys.exit(f"stage: portcullis {' '.join(words)} ended before it was ready")
        return json.loads(line)

    def end(self):
        for process in reversed(self.running):
            process.terminate()
            process.wait(timeout=20)


def main():
    portcullis, rest = os.path.abspath(sys.argv[1]), sys.argv[3:]
    with tempfile.TemporaryDirectory(prefix="portcullis-stage-") as directory:
        stage = Stage(portcullis, directory)
        try:
            org = stage.start("sandbox", "--seed", "company", "--limits", "off")
            token = pathlib.Path(directory, "okta.token")
            token.touch(mode=0o600)
            token.write_text(org["token"])
            listen = f"127.0.0.1:{free_port()}"
            stage.say("init", "--okta", org["url"], "--token-file", str(token), "--listen", listen)
            keys = {}
            for name, scopes in (("sdk", SCOPES), ("reader", ["okta.users.read"])):
                stage.say("client", "add", name, *[word for scope in scopes for word in ("--scope", scope)])
                keys[name] = stage.say("key", "issue", name)["key"]
            gateway = stage.start("serve")
            environment = {**os.environ, "OKTA_CLIENT_ORGURL": gateway["url"], "OKTA_CLIENT_TOKEN": keys["sdk"],
                           "OKTA_TESTING_TESTINGDISABLEHTTPSCHECK": "true", "PORTCULLIS_READER_KEY": keys["reader"],
                           "PORTCULLIS_OKTA_URL": org["url"]}
            return subprocess.run(rest, env=environment).returncode
        finally:
            stage.end()


if __name__ == "__main__":
    sys.exit(main())
