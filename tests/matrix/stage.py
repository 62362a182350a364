"""Puts an emulated org and a gateway before it on stage, and registers the callers."""

import json
import os
import pathlib
import random
import socket
import sqlite3
import subprocess
import sys

from emulated import read_org


EFFECTS = ["deletes", "deactivations", "factor-resets", "revocations", "removals", "loosenings", "privileges"]


class Stage:
    def __init__(self, portcullis, directory):
        self.portcullis, self.directory, self.running = portcullis, pathlib.Path(directory), []
        self.token = "00matrix" + "".join(random.choices("abcdefghijklmnop0123456789", k=30))

    def say(self, *words, org="production"):
        done = subprocess.run([self.portcullis, *words, "--json", "--org", org], cwd=self.directory, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"matrix: portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    def start(self, *words, **environment):
        process = subprocess.Popen([self.portcullis, *words, "--json"], cwd=self.directory, stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, **environment})
        self.running.append(process)
        line = process.stdout.readline()
        if not line:
            sys.exit(f"matrix: portcullis {' '.join(words)} ended before it was ready")
        return json.loads(line), process

    def stop(self, process):
        process.terminate()
        process.wait(timeout=90)
        self.running.remove(process)

    def end(self):
        for process in list(reversed(self.running)):
            self.stop(process)

    def sandbox(self, port, seed):
        return self.start("sandbox", "--listen", f"127.0.0.1:{port}", "--seed", seed, "--limits", "off",
                          PORTCULLIS_SANDBOX_TOKEN=self.token)

    def private(self, name, text):
        path = self.directory / name
        path.touch(mode=0o600)
        path.write_text(text)
        return str(path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def flags(name, values):
    return [word for value in values for word in (name, value)]


def register(stage, caller):
    """Registers a caller as stated and gives it its credential."""
    if caller.name in ("nobody", "malformed"):
        caller.authorization = {"nobody": None, "malformed": "SSWS pcl_not-a-key"}[caller.name]
        return
    org = "preview" if caller.name == "foreigner" else "production"
    words = [*flags("--scope", caller.scopes), *flags("--operation", caller.operations or []), *flags("--team", caller.teams),
             *flags("--eligible", caller.eligible)]
    words += ["--by-policy"] if caller.by_policy else []
    words += ["--shadow-days", "7"] if caller.shadow or caller.name == "no-longer-shadowed" else []
    words += ["--network", "10.0.0.0/8"] if caller.name == "elsewhere" else []
    by_token = caller.name in ("token", "unproven", "revoked-token")
    words += ["--auth", "client-secret-basic"] if by_token else []
    words += ["--dpop"] if caller.name == "unproven" else []
    made = stage.say("client", "add", caller.name, *words, org=org)
    caller.id = made["id"] if "id" in made else made["client"]["id"]
    if by_token:
        caller.authorization = stage.say("client", "secret", "issue", caller.name)
        return
    issued = stage.say("key", "issue", caller.name, org=org)
    caller.authorization = f"SSWS {issued['key']}"
    if caller.name == "twisted":
        # Another last digit: no longer a key by its checksum.
        last = "0" if issued["key"][-1] != "0" else "1"
        caller.authorization = f"Bearer {issued['key'][:-1]}{last}"
    if caller.name == "revoked":
        stage.say("key", "revoke", issued["id"])
    if caller.name == "disabled":
        stage.say("client", "disable", caller.name)
    if caller.name == "no-longer-shadowed":
        stage.say("client", "change", caller.name, "--shadow-days", "0")
    if caller.name in ("expired", "idle"):
        age(stage.directory / "portcullis-state" / "state.db", issued["id"], caller.name)


def age(database, key, how):
    """Lets a key grow old; nothing but time does that in the product."""
    change = {"expired": "expires = created + 1, created = created - 100", "idle": "created = created - 91 * 86400"}[how]
    with sqlite3.connect(database) as state:
        state.execute(f"UPDATE access_api_key SET {change} WHERE id = ?", (key,))


def elevate(stage, caller, approvers):
    asked = stage.say("elevation", "ask", caller.name, *flags("--scope", caller.elevated), "--reason", "the matrix", "--minutes", "60")
    caller.elevation = asked["id"]
    for approver in approvers:
        decided = stage.say("elevation", "approve", caller.elevation, "--key-file", approver)
        if decided.get("stage", decided.get("state")) in ("running", "approved"):
            break


def without_budgets(org):
    """Settings under which nobody is stopped for how much it takes away: every operation is tried by every caller."""
    unlimited = "".join(f'{name} = "unlimited"\n' for name in EFFECTS)
    return f"[org.{org}.budgets]\n{unlimited}[org.{org}.budgets.client]\n{unlimited}"


CHECKS = ["syntax", "duplicate-key", "depth", "size", "type", "scalar", "unlisted", "unknown-field", "unknown-value", "field-name", "sensitive",
          "hostile-text", "address", "look-alike", "parameter", "media"]


def without_inspection(org):
    """Settings under which nobody is stopped for how a call looks: all operations are tried with the same few bodies. What calls may
    look like is the question of tests/payloads and of `cargo xtask inspect`."""
    return f"[org.{org}.inspect.checks]\n" + "".join(f'{check} = "off"\n' for check in CHECKS)


WITHOUT_LIMITS = "[limits]\n" + "".join(f"{kind}-per-second = 1000000\n" for kind in ("new-connections", "visits", "refusals", "calls"))


def set_stage(stage):
    okta_port, gate_port = free_port(), free_port()
    told, full = stage.sandbox(okta_port, "company")
    org = read_org(told["url"], stage.token)
    okta = stage.private("okta.token", stage.token)
    stage.private("portcullis.toml", f'listen = "127.0.0.1:{gate_port}"\n'
                  f'[org.production]\nokta = "{told["url"]}"\ncredential = {{ token-file = "{okta}" }}\n')
    written = (stage.directory / "portcullis.toml").read_text()
    (stage.directory / "portcullis.toml").unlink()
    stage.say("init", "--okta", told["url"], "--token-file", okta, "--listen", f"127.0.0.1:{gate_port}")
    (stage.directory / "portcullis.toml").write_text(
        written + f'[org.preview]\nokta = "{told["url"]}"\npublic = "http://preview.localhost:{gate_port}"\n'
        f'credential = {{ token-file = "{okta}" }}\n'
        + "".join(without_budgets(name) + without_inspection(name) for name in ("production", "preview")) + WITHOUT_LIMITS)
    stage.say("backup")
    stage.stop(full)
    stage.sandbox(okta_port, "born")
    return org, gate_port
