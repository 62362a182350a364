"""Our rows: one gateway without TLS, one with it, one whose callers are over their limit; a client for every way of identifying."""

import hashlib
import http.client
import json
import secrets
import subprocess
import time
import urllib.parse

from peers import Signer, encoded
from rows import PATH, Row
from stage import NEW_USER, OKTA_TOKEN, free_port, posting

# One client and one address make all the load; what is measured is the work, not the limits against just that.
UNLIMITED = "\n[limits]\nconnections-per-source = 2048\n" + "".join(
    f"{kind}-per-second = 1000000\n" for kind in ("new-connections", "visits", "refusals", "calls")
)
SECOND_S = 1.2
# For so long after a start, proofs are kept on disk, too: whoever restarts the gateway could show them again.
PROOFS_ON_DISK_S = 62


def rows(stage, binary):
    """All rows of this gateway."""
    gateway = Gateway(stage, binary, "open", UNLIMITED)
    key = gateway.key("bench", "okta.users.read")
    writer = gateway.key("writer", "okta.users.manage")
    tokens = Tokens(gateway)
    shown = {"Authorization": f"SSWS {key}"}
    wrong = {"Authorization": f"SSWS {key[:-6]}AAAAAA"}
    process, port = gateway.serve()
    bearer = {"Authorization": f"Bearer {tokens.plain()}"}
    tls = Gateway(stage, binary, "tls", UNLIMITED, tls=True)
    tls_key = {"Authorization": f"SSWS {tls.key('bench', 'okta.users.read')}"}
    tls_process, tls_port = tls.serve()
    limited = Gateway(stage, binary, "limited", UNLIMITED.replace("calls-per-second = 1000000", "calls-per-second = 1"))
    limited_key = {"Authorization": f"SSWS {limited.key('bench', 'okta.users.read')}"}
    limited_process, limited_port = limited.serve()
    exhaust = Row("", limited_process, limited_port, group="", headers=limited_key)
    while exhaust.ask()[0] == 200:
        pass
    return [
        Row("Portcullis, key, authorization, budget, audit", process, port, group="read", headers=shown, wrong=wrong),
        Row("Portcullis, ES256 token from its cache, the same", process, port, group="token", headers=bearer,
            wrong={"Authorization": bearer["Authorization"][:-8] + "AAAAAAAA"}),
        Row("Portcullis, DPoP proof on each request, the same", process, port, group="token", script=tokens.proofs, brief=True),
        Row("Portcullis, POST with full inspection, the same", process, port, group="post", path="/api/v1/users",
            script=posting(stage), body=NEW_USER, headers={"Authorization": f"SSWS {writer}", "Content-Type": "application/json"}),
        Row("Portcullis, refusing a wrong key", process, port, group="refuse", headers=wrong, status=401),
        Row("Portcullis, refusing an unknown path", process, port, group="refuse", headers=shown, path="/api/v1/nowhere", status=404),
        Row("Portcullis, refusing what is over its limit", limited_process, limited_port, group="refuse", headers=limited_key, status=429),
        Row("Portcullis, full TLS 1.3 handshake", tls_process, tls_port, group="handshake", headers=tls_key, tls=True, shakes=True),
    ]


class Gateway:
    """One gateway with settings and state of its own."""

    def __init__(self, stage, binary, name, settings, tls=False):
        self.stage, self.binary, self.name = stage, binary, name
        self.port = free_port()
        self.directory = stage.directory / name
        self.directory.mkdir()
        self.config = str(self.directory / "portcullis.toml")
        token = stage.file(f"{name}/okta.token", OKTA_TOKEN)
        self.verb("init", "--okta", f"http://127.0.0.1:{stage.upstream}", "--token-file", token, "--listen", f"127.0.0.1:{self.port}")
        text = open(self.config).read() + settings
        if tls:
            text += f'\n[tls]\ncertificate = "{stage.directory}/tls.crt"\nkey = "{stage.directory}/tls.key"\n'
            text = text.replace(f'public = "http://127.0.0.1:{self.port}"', f'public = "https://127.0.0.1:{self.port}"')
        with open(self.config, "w") as file:
            file.write(text)

    def verb(self, *words):
        done = subprocess.run(
            [self.binary, *words, "--config", self.config], cwd=self.directory, capture_output=True, text=True,
        )
        assert done.returncode == 0, f"portcullis {' '.join(words)} ends with {done.returncode}:\n{done.stderr}"
        return done.stdout

    def key(self, client, scope):
        """A key of a new client with this scope."""
        self.verb("client", "add", client, "--scope", scope)
        return json.loads(self.verb("key", "issue", client, "--json").splitlines()[-1])["key"]

    def serve(self):
        process = self.stage.run(f"portcullis-{self.name}", [self.binary, "serve", "--config", self.config], self.port)
        self.began = time.monotonic()
        time.sleep(SECOND_S)  # proofs are dated by the second, and those from before the start do not count
        return process, self.port


class Tokens:
    """Access tokens of two clients: one plain, one bound to a key."""

    # The gateway remembers 131,072 proofs for five minutes, so one second a round has to do.
    PROOFS = 24_000

    def __init__(self, gateway):
        self.gateway, self.url = gateway, f"http://127.0.0.1:{gateway.port}"
        self.signer, self.clients = Signer(), {}
        pem = gateway.stage.file("client.pem", self.signer.public_pem())
        for name, words in (("plain", ()), ("bound", ("--dpop",))):
            added = gateway.verb("client", "add", name, "--scope", "okta.users.read", "--jwks", pem, *words, "--json")
            self.clients[name] = json.loads(added.splitlines()[-1])["id"]
        self.bound = None

    def plain(self):
        return self.ask("plain")[1]["access_token"]

    def proofs(self):
        """A script for wrk whose every request has a fresh proof; made anew for every round, as proofs are good for a minute."""
        time.sleep(max(0.0, self.gateway.began + PROOFS_ON_DISK_S - time.monotonic()))
        if not self.bound:
            _, _, nonce = self.ask("bound", self.proof("POST", "/oauth2/v1/token"))
            self.bound = self.ask("bound", self.proof("POST", "/oauth2/v1/token", nonce=nonce))[1]["access_token"]
        hashed = encoded(hashlib.sha256(self.bound.encode()).digest())
        lines = "\n".join(self.proof("GET", PATH, ath=hashed) for _ in range(self.PROOFS))
        listed = self.gateway.stage.file("proofs.txt", lines)
        return self.gateway.stage.file("proofs.lua", f"""
local proofs, next = {{}}, 0
function init() for line in io.lines("{listed}") do proofs[#proofs + 1] = line end end
function request()
  next = next + 1
  return wrk.format("GET", "{PATH}", {{["Accept"] = "application/json", ["Authorization"] = "DPoP {self.bound}", ["DPoP"] = proofs[next]}})
end
""")

    def proof(self, method, path, **claims):
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.signer.jwk()}
        return self.signer.sign(head, {
            "jti": secrets.token_hex(12), "htm": method, "htu": self.url + path, "iat": int(time.time()), **claims,
        })

    def ask(self, client, proof=None):
        now = int(time.time())
        assertion = self.signer.sign({"alg": "ES256"}, {
            "iss": self.clients[client], "sub": self.clients[client], "aud": self.url, "jti": secrets.token_hex(12), "iat": now, "exp": now + 60,
        })
        form = urllib.parse.urlencode({
            "grant_type": "client_credentials", "scope": "okta.users.read", "client_assertion": assertion,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        })
        headers = {"Content-Type": "application/x-www-form-urlencoded", **({"DPoP": proof} if proof else {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=5)
        connection.request("POST", "/oauth2/v1/token", body=form, headers=headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        assert answer.status == 200 or body.get("error") == "use_dpop_nonce", f"no token: {answer.status} {body}"
        return answer.status, body, answer.getheader("DPoP-Nonce")
