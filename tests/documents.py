"""Runs the shell blocks of the documents as written, against an emulated org instead of https://acme.okta.com.

    python3 tests/documents.py PORTCULLIS

Blocks with `cargo` or `./test` in them are CI's own business and left out. A command that must keep running (`serve`) is ended once
it says it is ready. Every other command must end with 0, or with 6 (differences found) where it compares. A block that leaves
`serve` running, or that pipes, is run as one script of the shell on a port of its own.
"""

import json
import os
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import tempfile

DOCUMENTS = ["README.md", "docs/commands.md", "docs/secrets.md", "docs/least-privilege.md", "docs/just-in-time.md", "docs/blast-radius.md", "docs/redaction.md",
             "docs/credentials.md", "docs/workload-identity.md", "docs/oauth.md"]
MAY_DIFFER = {"diff", "verify"}


def blocks(text):
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        if "cargo " not in block and "./test" not in block:
            yield [line.split("  #")[0].strip() for line in block.splitlines() if line.strip() and not line.startswith("#")]


def is_script(commands):
    return any(mark in command for command in commands for mark in (" &", " > ", " | "))


def script(commands, directory, path):
    """Runs the commands in one shell. `serve &` is waited for, and ended with the shell."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = "127.0.0.1:%d" % probe.getsockname()[1]
    lines = ["set -euo pipefail", "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT"]
    for command in commands:
        lines.append(command.replace("127.0.0.1:8800", listen).replace("portcullis init", f"portcullis init --listen {listen}"))
        if command.endswith(" &"):
            lines.append(f"curl -s -o /dev/null --retry 100 --retry-connrefused --retry-delay 0 --retry-max-time 20 http://{listen}/")
    environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", "\n".join(lines)], cwd=directory, env=environment, stdout=subprocess.DEVNULL)
    return done.returncode


def run(words, directory, path):
    environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"}
    if words[1] == "serve":
        process = subprocess.Popen(words, cwd=directory, env=environment, stdout=subprocess.PIPE, text=True)
        ready = process.stdout.readline()
        process.terminate()
        return process.wait(timeout=20) if ready else 1
    if words[1] == "restore" and "--yes" not in words:
        words = [*words, "--yes"]
    return subprocess.run(words, cwd=directory, env=environment, stdout=subprocess.DEVNULL).returncode


def main():
    portcullis = pathlib.Path(sys.argv[1]).resolve()
    sandbox = subprocess.Popen([portcullis, "sandbox", "--seed", "small", "--limits", "off", "--json"], stdout=subprocess.PIPE, text=True)
    ran = failed = 0
    try:
        org = json.loads(sandbox.stdout.readline())
        for document in DOCUMENTS:
            for commands in blocks(pathlib.Path(document).read_text()):
                with tempfile.TemporaryDirectory() as directory:
                    for name, text in (("okta.token", org["token"]), ("state.pass", "six words nobody has said before")):
                        secret = pathlib.Path(directory, name)
                        secret.touch(mode=0o600)
                        secret.write_text(text)
                    if is_script(commands):
                        ran += len(commands)
                        told = [command.replace("https://acme.okta.com", org["url"]) for command in commands]
                        code = script(told, directory, str(portcullis.parent))
                        if code != 0:
                            failed += len(commands)
                            print(f"{document}: the block that begins with `{commands[0]}` ended {code}", file=sys.stderr)
                        continue
                    for command in commands:
                        words = shlex.split(command.replace("https://acme.okta.com", org["url"]))
                        code = run(words, directory, str(portcullis.parent))
                        ran += 1
                        if code != 0 and not (code == 6 and words[1] in MAY_DIFFER):
                            failed += 1
                            print(f"{document}: `{command}` ended {code}", file=sys.stderr)
    finally:
        sandbox.terminate()
        sandbox.wait(timeout=20)
    print(f"{ran - failed} passed, {failed} failed")
    sys.exit(1 if failed or not ran else 0)


if __name__ == "__main__":
    main()
