"""Runs the shell blocks of the documents as written, against an emulated org instead of https://acme.okta.com.

    python3 tests/documents.py PORTCULLIS

Blocks with `cargo` or `./test` in them are CI's own business and left out. A command that must keep running (`serve`) is ended once
it says it is ready. Every other command must end with 0, or with 6 (differences found) where it compares.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

DOCUMENTS = ["README.md", "docs/commands.md"]
MAY_DIFFER = {"diff", "verify"}


def blocks(text):
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        if "cargo " not in block and "./test" not in block:
            yield [line.split("  #")[0].strip() for line in block.splitlines() if line.strip() and not line.startswith("#")]


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
                    token = pathlib.Path(directory, "okta.token")
                    token.touch(mode=0o600)
                    token.write_text(org["token"])
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
