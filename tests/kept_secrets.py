"""Follows secrets through a whole life of the product and looks for them everywhere they must not be.

    python3 tests/kept_secrets.py PORTCULLIS

An org's credential is sealed, its state key wrapped, a gateway serves under load while the credential is rotated and the old one
revoked, callers come with good and bad keys, and everything traces as loudly as it can. Then every file that was written, every line
that was said and every process's arguments and environment are searched for the canaries, in two dozen encodings.
"""

import base64
import hashlib
import html
import http.client
import json
import os
import pathlib
import pty
import resource
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

KMS = """
import hashlib, pathlib, sys
here = pathlib.Path(__file__).parent
(here / "kms.seen").write_text(" ".join(sys.argv) + "\\n" + pathlib.Path("/proc/self/environ").read_text(errors="replace"))
pad = hashlib.sha512((here / "kms.key").read_bytes()).digest()
sys.stdout.buffer.write(bytes(a ^ b for a, b in zip(sys.stdin.buffer.read(), pad)))
"""


def encodings(secret):
    """Every form in which a secret could lie somewhere, by name."""
    raw = secret.encode()
    forms = {"plain": raw, "reversed": raw[::-1], "upper": raw.upper(), "lower": raw.lower(),
             "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode(), "hex with colons": raw.hex(":").encode(),
             "url": urllib.parse.quote(secret, safe="").encode(), "url, each byte": "".join(f"%{b:02X}" for b in raw).encode(),
             "json": json.dumps(secret)[1:-1].encode(), "json, each letter": "".join(f"\\u{ord(c):04x}" for c in secret).encode(),
             "html": html.escape(secret).encode(), "utf-16le": secret.encode("utf-16-le"), "utf-16be": secret.encode("utf-16-be"),
             "bytes as numbers": ", ".join(str(b) for b in raw).encode(), "base32": base64.b32encode(raw).rstrip(b"="),
             "rot13": secret.translate(str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                                                     "NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm")).encode()}
    for shift in range(3):  # cut to the letters that do not depend on what stands before and behind
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            whole = encode(bytes(shift) + raw).rstrip(b"=")
            forms[f"{name} at {shift}"] = whole[(8 * shift + 5) // 6:8 * (shift + len(raw)) // 6]
    for name in ("sha256", "sha1", "md5"):
        digest = hashlib.new(name, raw)
        forms[name], forms[f"{name} base64"] = digest.hexdigest().encode(), base64.b64encode(digest.digest()).rstrip(b"=")
        forms[f"{name} raw"] = digest.digest()
    return forms


def found(canaries, haystacks):
    """Where canaries lie: `place: whose, as what`."""
    forms = [(whose, name, form) for whose, secret in canaries.items() for name, form in encodings(secret).items()]
    return sorted(f"{place}: {whose}, {name}" for place, text in haystacks.items() for whose, name, form in forms if form in text)


def the_search_finds_what_is_there():
    secret = "pcl_Canary+/42=ä"
    for name, form in encodings(secret).items():
        assert found({"canary": secret}, {"x": b"before" + form + b"behind"}), f"not found as {name}"
    for before in range(5):
        text = base64.b64encode(b"x" * before + secret.encode() + b"behind")
        assert found({"canary": secret}, {"x": text}), f"not found in base64 behind {before} bytes"
    assert not found({"canary": secret}, {"x": b"pcl_Canary+/43=" * 9})


def private_file(directory, name, text):
    path = pathlib.Path(directory, name)
    path.touch(mode=0o600)
    path.write_text(text)
    return path


class Life:
    """One installation before an emulated org, and everything that it said."""

    def __init__(self, portcullis, directory):
        self.portcullis, self.directory, self.running, self.said = portcullis, pathlib.Path(directory), [], {}
        self.inputs = set()
        self.environment = {**os.environ, "PORTCULLIS_LOG": "trace"}

    def given(self, name, text):
        """A file that holds a secret because somebody put it there."""
        self.inputs.add(name)
        return str(private_file(self.directory, name, text))

    def run(self, *words, stdin="", code=0, secret=False):
        done = subprocess.run([self.portcullis, "--json", *words], cwd=self.directory, env=self.environment, input=stdin,
                              capture_output=True, text=True)
        assert done.returncode == code, f"portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}"
        number = len(self.said)
        self.said[f"stderr of {words} {number}"] = done.stderr.encode()
        if not secret:  # the one place that shows it
            self.said[f"stdout of {words} {number}"] = done.stdout.encode()
        return json.loads((done.stdout if code == 0 else done.stderr).strip().splitlines()[-1])

    def typed(self, *words, answers):
        """Runs a command on a terminal of its own, typing `answers` when it asks."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.directory)
            os.execve(self.portcullis, [self.portcullis, *words], {**self.environment, "PORTCULLIS_LOG": "off"})
        shown, answers = b"", list(answers)
        while True:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # the terminal is gone with its last user
                break
            if answers and shown.endswith(b": "):
                os.write(terminal, answers.pop(0).encode() + b"\n")
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)
        assert code == 0 and not answers, f"portcullis {' '.join(words)} ended {code}: {shown}"
        self.said[f"terminal of {words} {len(self.said)}"] = shown
        return shown.decode()

    def start(self, *words, log=None, **how):
        stderr = open(self.directory / log, "wb") if log else subprocess.DEVNULL
        process = subprocess.Popen([self.portcullis, *words, "--json"], cwd=self.directory, env=how.pop("env", self.environment),
                                   stdout=subprocess.PIPE, stderr=stderr, text=True, **how)
        self.running.append(process)
        line = process.stdout.readline()
        assert line, f"portcullis {' '.join(words)} ended before it was ready"
        return process, json.loads(line)

    def end(self):
        for process in reversed(self.running):
            process.terminate()
            process.wait(timeout=20)
            self.said[f"stdout of {process.args}"] = process.stdout.read().encode()

    def files(self):
        held = {}
        for path in self.directory.rglob("*"):
            if path.is_file() and path.name not in self.inputs:
                held[str(path.relative_to(self.directory))] = path.read_bytes()
        return held


def call(url, authorization, method="GET", path="/api/v1/users?limit=1", body=None):
    request = urllib.request.Request(url + path, method=method, headers={"Accept": "application/json"})
    if authorization:
        request.add_header("Authorization", authorization)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def service_app(org, token, directory):
    """Registers a service app with a fresh key; its client id and its key as PEM."""
    openssl = lambda *words, text=None: subprocess.run(["openssl", *words], input=text, capture_output=True, check=True).stdout
    pem = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    point = openssl("pkey", "-pubout", "-outform", "DER", text=pem)[-64:]
    text = lambda part: base64.urlsafe_b64encode(part).rstrip(b"=").decode()
    jwk = {"kty": "EC", "crv": "P-256", "kid": "one", "status": "ACTIVE", "x": text(point[:32]), "y": text(point[32:])}
    body = {"name": "oidc_client", "label": "Portcullis", "signOnMode": "OPENID_CONNECT",
            "credentials": {"oauthClient": {"token_endpoint_auth_method": "private_key_jwt"}},
            "settings": {"oauthClient": {"application_type": "service", "grant_types": ["client_credentials"],
                                         "response_types": ["token"], "jwks": {"keys": [jwk]}}}}
    status, app = call(org, f"SSWS {token}", "POST", "/api/v1/apps", body)
    assert status == 200, app
    for scope in ("okta.users.read", "okta.groups.read"):
        status, said = call(org, f"SSWS {token}", "POST", f"/api/v1/apps/{app['id']}/grants", {"scopeId": scope, "issuer": org})
        assert status in (200, 201), said
    client = app["credentials"]["oauthClient"]["client_id"]
    status, said = call(org, f"SSWS {token}", "POST", f"/oauth2/v1/clients/{client}/roles", {"type": "SUPER_ADMIN"})
    assert status in (200, 201), said
    return client, pem.decode()


class Load:
    """Callers who never stop, and what they were told besides 200."""

    def __init__(self, url, key, callers=6):
        self.url, self.key, self.over, self.answers, self.failures = url, key, threading.Event(), 0, []
        self.threads = [threading.Thread(target=self.work) for _ in range(callers)]
        for thread in self.threads:
            thread.start()

    def work(self):
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        while not self.over.is_set():
            connection.request("GET", "/api/v1/users?limit=1", headers={"Authorization": f"SSWS {self.key}"})
            answer = connection.getresponse()
            text = answer.read()
            self.answers += 1
            if answer.status != 200:
                self.failures.append((answer.status, text[:200]))

    def wait_for(self, more):
        goal = self.answers + more
        while self.answers < goal:
            time.sleep(0.01)

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        return self.answers, self.failures


def keeps_to_itself(process):
    """What the system says of a process that guards secrets."""
    limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text().splitlines()
    core = next(line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"], f"core dumps are on: {core}"
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    assert "Umask:\t0077" in status, status


def cannot_be_dumped(portcullis, directory):
    """The kernel gives the files of an undumpable process to root, whoever it runs as."""
    if os.geteuid() != 0:
        return
    own = shutil.copy(portcullis, pathlib.Path(directory, "portcullis"))
    os.chmod(directory, 0o755)
    os.chmod(own, 0o755)
    process = subprocess.Popen([own, "sandbox", "--seed", "born", "--json"], cwd="/", stdout=subprocess.PIPE, user=65534, group=65534,
                               extra_groups=[])
    try:
        assert process.stdout.readline(), "the sandbox ended before it was ready"
        owner = os.stat(f"/proc/{process.pid}/environ").st_uid
        assert owner == 0, f"another process of the same user may read its memory: /proc/PID/environ belongs to {owner}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def refuses_what_others_may_read(life, token):
    exposed = pathlib.Path(life.given("exposed.token", token))
    exposed.chmod(0o644)
    for words in (("credential", "put", "--token-file", str(exposed)), ("state-key", "rewrap", "--passphrase-file", str(exposed))):
        said = life.run(*words, code=3)["error"]
        assert "open to other users (mode 644)" in said["message"] and "chmod 600" in said["hint"], said
    key = life.directory / "portcullis-state" / "state.key"
    key.chmod(0o640)
    said = life.run("client", "list", code=3)["error"]
    assert "open to other users" in said["message"], said
    key.chmod(0o600)


def live(life, org, token, canaries):
    listen = socket.socket()
    listen.bind(("127.0.0.1", 0))
    address = f"127.0.0.1:{listen.getsockname()[1]}"
    listen.close()
    life.run("init", "--okta", org, "--sealed", "--listen", address)
    state = life.directory / "portcullis-state"
    canaries["state key"] = (state / "state.key").read_text().split()[1]
    canaries["repository key"] = (state / "repository.key").read_text().split()[1]
    canaries["passphrase"] = secrets.token_urlsafe(24)
    refuses_what_others_may_read(life, token)
    said = life.run("credential", "show", code=3)["error"]
    assert "credential put" in said["hint"], said
    put = life.run("credential", "put", stdin=token)
    assert put["kind"] == "api_token" and life.run("credential", "show") == put, put

    passphrase = life.given("state.pass", canaries["passphrase"] + "\n")
    life.run("state-key", "rewrap", "--passphrase-file", passphrase)
    said = life.run("client", "list", code=3)["error"]
    assert "nobody is there to type" in said["message"], said
    assert "no clients" in life.typed("client", "list", answers=[canaries["passphrase"]])
    life.typed("credential", "put", answers=[canaries["passphrase"], token])
    assert life.run("state-key", "show")["wrapping"] == "passphrase"
    config = life.directory / "portcullis.toml"
    life.given("kms.key", secrets.token_hex(32))
    (life.directory / "kms.py").write_text(KMS)
    kms = [sys.executable, str(life.directory / "kms.py")]
    life.environment["STATE_PASSPHRASE"] = canaries["passphrase"]
    config.write_text(config.read_text() + '[state-key]\npassphrase-env = "STATE_PASSPHRASE"\n'
                      f"[repository-key]\ncommand = {json.dumps(kms)}\n"
                      # One client asks without a pause while the credential is replaced, and every call of it counts.
                      "[limits]\ncalls-per-second = 1000000\n")
    said = life.run("backup", code=3)["error"]
    assert "lies there in the clear, not under an external command" in said["message"], said
    life.run("repository-key", "rewrap", "--", *kms)
    assert life.run("repository-key", "show")["wrapping"] == "command"
    life.run("backup")
    seen = (life.directory / "kms.seen").read_text()
    assert seen.startswith(str(kms[1]) + " unwrap") and "STATE_PASSPHRASE" not in seen, seen
    del life.environment["STATE_PASSPHRASE"]
    config.write_text(config.read_text().replace('passphrase-env = "STATE_PASSPHRASE"', 'passphrase-file = "state.pass"'))

    life.run("client", "add", "reader", "--scope", "okta.users.read", "--eligible", "okta.groups.read")
    canaries["API key"] = life.run("key", "issue", "reader", secret=True)["key"]
    life.run("client", "add", "oauth", "--scope", "okta.users.read", "--auth", "client-secret-post")
    canaries["client secret"] = life.run("client", "secret", "issue", "oauth", secret=True)["secret"]
    canaries["approver key"] = life.run("approver", "add", "ana", secret=True)["key"]
    canaries["break-glass passphrase"] = life.run("break-glass", "seal", secret=True)["passphrase"]
    gateway, ready = life.start("serve", log="gateway.log")
    keeps_to_itself(gateway)
    come_with_all_sorts(ready["url"], canaries)
    use_a_client_secret(life, ready["url"], canaries)
    elevate_and_break_the_glass(life, ready["url"], canaries)
    never_see_a_secret(life, org, token, ready["url"], canaries)
    rotate_under_load(life, org, token, ready["url"], canaries)
    for name in ("cmdline", "environ"):
        life.said[f"/proc/PID/{name} of serve"] = pathlib.Path(f"/proc/{gateway.pid}/{name}").read_bytes()
    life.run("audit", "verify")
    life.run("client", "list")
    life.run("key", "list", "reader")


def come_with_all_sorts(url, canaries):
    key = canaries["API key"]
    for authorization in (f"SSWS {key}", f"SSWS{key}", f"Bearer {key}"):
        assert call(url, authorization)[0] == 200
    wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
    canaries["mistyped API key"] = wrong
    for authorization in (None, f"SSWS {wrong}", f"Basic {base64.b64encode(f'x:{key}'.encode()).decode()}", f"Bearer {key}{key}",
                          f"SSWS {canaries['Okta token']}"):
        assert call(url, authorization)[0] == 401
    assert call(url, f"SSWS {key}", path=f"/api/v1/users?q={key}&limit=1")[0] == 200
    assert call(url, f"SSWS {key}", path="/api/v1/groups")[0] == 403
    if subprocess.run(["curl", "--version"], capture_output=True, text=True).stdout.count("HTTP2"):
        done = subprocess.run(["curl", "-sS", "--http2-prior-knowledge", "-K", "-", f"{url}/api/v1/users?limit=1"], capture_output=True,
                              input=f'header = "Authorization: SSWS {key}"\n', text=True)
        assert done.returncode == 0 and done.stdout.startswith("["), done


def form(url, path, **fields):
    """Status and answer of a form sent to the authorization server."""
    request = urllib.request.Request(url + path, method="POST", data=urllib.parse.urlencode(fields).encode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def use_a_client_secret(life, url, canaries):
    client = life.run("client", "show", "oauth")["id"]
    grant = {"grant_type": "client_credentials", "scope": "okta.users.read", "client_id": client}
    secret = canaries["client secret"]
    status, said = form(url, "/oauth2/v1/token", **grant, client_secret=secret)
    assert status == 200, said
    canaries["access token"] = said["access_token"]
    assert call(url, f"Bearer {said['access_token']}")[0] == 200
    assert call(url, f"Bearer {said['access_token'][:-8]}AAAAAAAA")[0] == 401
    for fields in ({"client_secret": secret + "x"}, {"client_secret": canaries["API key"]}, {"client_assertion": said["access_token"]},
                   {"client_secret": secret, "scope": canaries["API key"]}, {"client_secret": secret, "grant_type": secret}):
        assert form(url, "/oauth2/v1/token", **{**grant, **fields})[0] in (400, 401), fields
    own = {"client_id": client, "client_secret": secret, "token": said["access_token"]}
    status, told = form(url, "/oauth2/v1/introspect", **own)
    assert status == 200 and told["active"] is True, told
    assert form(url, "/oauth2/v1/revoke", **own)[0] == 200
    assert call(url, f"Bearer {said['access_token']}")[0] == 401


def oidc_app(label, secret):
    return {"name": "oidc_client", "label": label, "signOnMode": "OPENID_CONNECT",
            "credentials": {"oauthClient": {"token_endpoint_auth_method": "client_secret_basic", "client_secret": secret}},
            "settings": {"oauthClient": {"application_type": "web", "grant_types": ["authorization_code"], "response_types": ["code"],
                                         "redirect_uris": ["https://app.example/callback"]}}}


def never_see_a_secret(life, org, token, url, canaries):
    """A tool without `reveal` reads an app, changes it and writes it back; the org's secret stays, and the tool never had it."""
    canaries["app's secret"], canaries["weak password"] = secrets.token_urlsafe(30), "pw" + secrets.token_hex(9)
    secret, okta = canaries["app's secret"], f"SSWS {token}"
    status, app = call(org, okta, "POST", "/api/v1/apps", oidc_app("shop", secret))
    assert status == 200, app
    scopes = ("--scope", "okta.apps.read", "--scope", "okta.apps.manage", "--scope", "okta.users.manage")
    keys = {}
    for name, more in (("terraform", ()), ("seer", ("--reveal",))):
        assert life.run("client", "add", name, *scopes, *more)["reveal"] is bool(more)
        keys[name] = canaries[f"key of {name}"] = life.run("key", "issue", name, secret=True)["key"]
    path = f"/api/v1/apps/{app['id']}"
    inside = lambda name: json.dumps([call(url, f"SSWS {keys[name]}", path=path + end)[1] for end in ("", "/credentials/secrets")])
    deadline = time.monotonic() + 1
    while secret not in inside("seer"):
        assert time.monotonic() < deadline, inside("seer")
        time.sleep(0.1)
    blind = inside("terraform")
    assert secret not in blind and "pcl_masked_" in blind and blind == inside("terraform"), blind
    read, kept = json.loads(blind)
    read["label"] = "web shop"
    read["credentials"]["oauthClient"]["client_secret"] = kept[0]["client_secret"]
    status, said = call(url, f"SSWS {keys['terraform']}", "PUT", path, read)
    assert status == 200 and said["label"] == "web shop" and secret not in json.dumps(said), said
    status, now = call(org, okta, path=path + "/credentials/secrets")
    assert status == 200 and [one["client_secret"] for one in now] == [secret], "the org's secret is another"
    status, other = call(org, okta, "POST", "/api/v1/apps", oidc_app("other", secrets.token_urlsafe(30)))
    assert status == 200, other
    status, said = call(url, f"SSWS {keys['terraform']}", "PUT", f"/api/v1/apps/{other['id']}", {**read, "label": "other"})
    assert status == 400 and b"placeholder" in said, said
    person = {"profile": {"login": "canary@example.com", "email": "canary@example.com", "firstName": "C", "lastName": "C"},
              "credentials": {"password": {"value": canaries["weak password"]}}}
    for _ in range(2):
        status, said = call(url, f"SSWS {keys['terraform']}", "POST", "/api/v1/users?activate=false", person)
        assert canaries["weak password"] not in (said if isinstance(said, bytes) else json.dumps(said).encode()).decode(), said
    call(url, f"SSWS {keys['terraform']}", path=f"/api/v1/apps?q={secret}")


def elevate_and_break_the_glass(life, url, canaries):
    asked = life.run("elevation", "ask", "reader", "--scope", "okta.groups.read", "--reason", "ticket 4711")
    life.run("elevation", "approve", asked["id"], "--key-file", life.given("ana.key", canaries["approver key"]))
    opened = life.run("break-glass", "open", "--reason", "ticket 4711", stdin=canaries["break-glass passphrase"], secret=True)
    canaries["break-glass key"] = opened["key"]
    answer = lambda: call(url, f"SSWS {opened['key']}", path="/api/v1/groups")
    deadline = time.monotonic() + 1  # within which a gateway knows what another process has done
    while (said := answer())[0] != 200:
        assert time.monotonic() < deadline, said
        time.sleep(0.1)  # asking without a pause would be guessing, and be shut out
    life.run("break-glass", "close")


def rotate_under_load(life, org, token, url, canaries):
    client, pem = service_app(org, token, life.directory)
    canaries["private key"] = pem.split("\n")[2]
    scopes = ("--scope", "okta.users.read", "--scope", "okta.groups.read")
    wrong = life.given("wrong.pem", subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                                                   capture_output=True, text=True, check=True).stdout)
    right = life.given("okta.pem", pem)
    load = Load(url, canaries["API key"])
    load.wait_for(50)
    before = life.run("credential", "show")
    life.run("credential", "rotate", "--token-file", life.given("dead.token", "00" + "x" * 40), code=4)
    life.run("credential", "rotate", "--client-id", client, "--key-file", wrong, *scopes, code=4)
    assert life.run("credential", "show") == before, "a credential that does not work replaces nothing"
    kept = life.run("credential", "rotate", "--client-id", client, "--key-file", right, *scopes)
    assert kept["kind"] == "service_app" and kept["generation"] == before["generation"] + 1, kept
    status, said = call(org, f"SSWS {token}", "DELETE", "/api/v1/api-tokens/current")
    assert status == 204, said
    assert call(org, f"SSWS {token}")[0] == 401, "the old token is revoked"
    load.wait_for(200)
    answers, failures = load.end()
    assert not failures, f"{len(failures)} of {answers} calls failed during the rotation: {failures[:3]}"
    print(f"kept_secrets: {answers} calls while the credential was rotated and the old one revoked, 0 failed")


def main():
    portcullis = os.path.abspath(sys.argv[1])
    the_search_finds_what_is_there()
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    with tempfile.TemporaryDirectory(prefix="portcullis-dump-") as directory:
        cannot_be_dumped(portcullis, directory)
    with tempfile.TemporaryDirectory(prefix="portcullis-secrets-") as directory:
        life, canaries = Life(portcullis, directory), {}
        try:
            _, org = life.start("sandbox", "--seed", "small", "--limits", "off", env={**os.environ})
            canaries["Okta token"] = org["token"]
            live(life, org["url"], org["token"], canaries)
        finally:
            life.end()
        exposed = [path for path in (life.directory / "portcullis-state").rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077]
        assert not exposed, f"open to other users: {exposed}"
        haystacks = {**life.files(), **life.said}
        traced = haystacks["gateway.log"]
        assert b"TRACE" in traced or b"DEBUG" in traced or b"INFO" in traced, "the gateway traced nothing: nothing was put to the test"
        assert "portcullis-state/state.db" in haystacks
        leaks = found(canaries, haystacks)
        forms, size = len(encodings("x" * 16)), sum(len(text) for text in haystacks.values())
        print(f"kept_secrets: {len(canaries)} canaries in {forms} encodings, {len(haystacks)} places, {size / 1e6:.1f} MB, {len(leaks)} found")
        assert not leaks, "\n".join(leaks)


if __name__ == "__main__":
    main()
