"""Sends malformed and ambiguous HTTP/1.1 to a gateway and looks at what reaches Okta, byte by byte.

    python3 tests/wire PORTCULLIS [--show] [FAMILY]

Starts `portcullis serve`, once plain and once over TLS, in front of a recorder of bytes that answers like Okta. What the recorder saw
is the truth: each case must be refused with a 4xx and the connection closed, or reach Okta as exactly the one request that it means,
built by the gateway. Prints the counts of each family; fails on any other byte that arrives, any hidden request, any 5xx, any
control that does not pass. Over TLS every fifth case is sent again. Standard library only, and `openssl` for the certificate.
"""

import collections
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time

from cases import HOST, KEY
from families import all_cases
from upstream import Upstream

TOKEN = "00wireTokenOfNobody000000000000000000000000"
QUIET_S = 0.08  # a connection that stays open is done when nothing has come for so long after an answer
PATIENCE_S = 5.0
SCOPES = ("okta.users.read", "okta.groups.read", "okta.groups.manage")


class Gateway:
    """`portcullis serve` with a key for it, in front of a recorder."""

    def __init__(self, portcullis, directory, tls):
        self.portcullis, self.directory, self.tls = portcullis, pathlib.Path(directory), tls
        self.upstream = Upstream(TOKEN)
        self.directory.mkdir()
        token = self.directory / "okta.token"
        token.touch(mode=0o600)
        token.write_text(TOKEN)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            listen = "127.0.0.1:%d" % probe.getsockname()[1]
        public = ["--public", f"https://{listen}"] if tls else []
        self.say("init", "--okta", self.upstream.url, "--token-file", str(token), "--listen", listen, *public)
        if tls:
            self.speak_tls()
        self.say("client", "add", "wire", *(word for scope in SCOPES for word in ("--scope", scope)))
        self.key = self.say("key", "issue", "wire")["key"].encode()
        self.process = subprocess.Popen([portcullis, "serve", "--json"], cwd=self.directory, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline(), "the gateway did not start"
        self.host, self.port = listen.split(":")[0], int(listen.split(":")[1])
        self.authority = listen.encode()
        assert (len(self.authority), len(self.key)) == (len(HOST), len(KEY))
        # Each case comes from an address of its own: one that is refused this often is shut out.
        self.sources = (f"127.{second}.{third}.{last}" for second in range(1, 250) for third in range(250) for last in range(1, 250))
        self.upstream.take()

    def say(self, *words):
        done = subprocess.run([self.portcullis, *words, "--json"], cwd=self.directory, capture_output=True, text=True)
        assert done.returncode == 0, f"portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    def speak_tls(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "gateway.key", "-out", "gateway.pem"],
                       cwd=self.directory, check=True, capture_output=True)
        with open(self.directory / "portcullis.toml", "a", encoding="utf-8") as settings:
            settings.write('\n[tls]\ncertificate = "gateway.pem"\nkey = "gateway.key"\n')

    def connect(self):
        stream = socket.create_connection((self.host, self.port), timeout=PATIENCE_S, source_address=(next(self.sources), 0))
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self.tls:
            return stream
        context = ssl.create_default_context(cafile=str(self.directory / "gateway.pem"))
        context.set_alpn_protocols(["http/1.1"])
        return context.wrap_socket(stream, server_hostname="127.0.0.1")

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=30)


def answers_of(came, bodiless):
    """The statuses answered, and whether the last answer is whole; to HEAD there are only heads."""
    statuses, rest = [], came
    while match := re.match(rb"HTTP/1\.[01] ([0-9]{3}) [^\r\n]*\r\n", rest):
        head, end, body = rest.partition(b"\r\n\r\n")
        if not end:
            return statuses, False
        length = re.search(rb"\r\ncontent-length: ([0-9]+)", head, re.IGNORECASE)
        status = int(match[1])
        if status >= 200:
            statuses.append(status)
        length = int(length[1]) if length and status != 204 and not bodiless else 0
        if len(body) < length:
            return statuses, False
        rest = body[length:]
    return statuses, bool(statuses)


def bodiless(case):
    return case.data.startswith(b"HEAD ")


def exchange(gateway, case):
    """Sends a case; what came back, and whether the gateway closed the connection."""
    data = case.data.replace(HOST, gateway.authority).replace(KEY, gateway.key)
    with gateway.connect() as stream:
        try:
            if case.waits:
                head = data.index(b"\r\n\r\n") + 4
                stream.sendall(data[:head])
                interim = stream.recv(65536)
                if b" 100 " not in interim:
                    return interim, False
                data = data[head:]
            for at in range(0, len(data), case.pieces or len(data)):
                stream.sendall(data[at:at + (case.pieces or len(data))])
            if case.cut:
                stream.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before all was sent; the answer can still be read
        came, begun = b"", time.monotonic()
        while time.monotonic() - begun < PATIENCE_S:
            stream.settimeout(QUIET_S if answers_of(came, bodiless(case))[1] else PATIENCE_S)
            try:
                more = stream.recv(65536)
            except TimeoutError:
                return came, False
            except OSError:
                return came, True
            if not more:
                return came, True
            came += more
        return came, False


def verdict(gateway, case):
    """How a case ended, in a word, and what is wrong with that, if anything."""
    came, closed = exchange(gateway, case)
    statuses, whole = answers_of(came, bodiless(case))
    reached = gateway.upstream.take()
    meanings, wrong = [], []
    for request in reached:
        try:
            meanings.append(gateway.upstream.meaning(request))
        except (AssertionError, KeyError) as error:
            wrong.append(f"ambiguous bytes reached Okta: {error}: {request!r}")
    if any("embedded" in target or b"embedded" in body for _, target, body in meanings):
        wrong.append("a hidden request reached Okta")
    if any(status >= 500 for status in statuses):
        wrong.append("a 5xx")
    passed = meanings == [case.meant] and len(reached) == 1 and statuses[:1] == [200]
    denied = not reached and len(statuses) == 1 and 400 <= statuses[0] < 500 and whole
    lost = case.cut and not reached and not statuses and closed  # whoever hangs up may get no answer
    kept = {
        "refused": denied and closed and b"connection: close" in came.lower() and b'"errorCode"' in came or lost and gateway.tls,
        "denied": denied or lost,
        "passed": passed and len(statuses) == 1,
        "either": denied or passed,
        "then_refused": passed and closed and len(statuses) == 2 and statuses[1] == 400,
    }[case.outcome]
    if not kept:
        wrong.append(f"not {case.outcome}")
    detail = f"{statuses} {'closed' if closed else 'open'}, reached Okta: {[(method, target) for method, target, _ in meanings]}"
    return ("forwarded" if reached else "refused"), [f"{case.family}: {case.name}: {problem}: {detail}" for problem in wrong]


def run(gateway, cases, show):
    counts, problems = collections.defaultdict(collections.Counter), []
    for case in cases:
        word, wrong = verdict(gateway, case)
        counts[case.family]["cases"] += 1
        counts[case.family][word] += 1
        problems += wrong
        if show:
            print(f"{case.family}: {case.name}: {word}")
    stray = gateway.upstream.take()
    problems += [f"reached Okta late: {request!r}" for request in stray]
    return counts, problems


def main():
    words = [word for word in sys.argv[1:] if word != "--show"]
    portcullis, only = os.path.abspath(words[0]), words[1:2]
    cases = [case for case in all_cases() if not only or case.family == only[0]]
    begun, problems = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="portcullis-wire-") as directory:
        for tls in (False, True):
            gateway = Gateway(portcullis, os.path.join(directory, "tls" if tls else "plain"), tls)
            try:
                chosen = [case for number, case in enumerate(cases) if not tls or number % 5 == 0 or case.family == "controls"]
                counts, wrong = run(gateway, chosen, "--show" in sys.argv)
            finally:
                gateway.end()
            problems += [f"{'TLS' if tls else 'plain'}: {problem}" for problem in wrong]
            if not tls:
                for family, count in counts.items():
                    print(f"{family}: {count['cases']} cases, {count['refused']} refused, {count['forwarded']} forwarded as rebuilt")
            total = sum(counts.values(), collections.Counter())
            malformed = total["cases"] - counts["controls"]["cases"]
            print(f"{'over TLS' if tls else 'plain'}: {malformed} malformed or ambiguous cases and {counts['controls']['cases']} controls, "
                  f"{len(wrong)} wrong")
    for problem in problems[:40]:
        print(problem)
    if not only and len(cases) < 400:
        problems.append("fewer than 400 cases")
    print(f"{time.monotonic() - begun:.0f} s")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
