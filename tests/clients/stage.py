"""Puts an emulated org and a gateway before it on stage, then runs Okta's own SDKs and OAuth clients against the gateway.

    python tests/clients/stage.py [--tls | --limited] PORTCULLIS -- COMMAND [ARG ...]

Starts `portcullis sandbox` and `portcullis serve` on free loopback ports, registers one client with the scopes the SDK tests
need, one that may only read users, one for every way to sign in as an OAuth client, and an outside issuer that this program plays
itself. Runs COMMAND with their keys in the environment the SDKs read, and in `PORTCULLIS_CLIENTS` (JSON). With --tls the gateway
speaks TLS under an authority made for the occasion; with --limited the org has the rate limits of a Workforce org. Ends what it started. Needs `openssl` and PyPI `jwcrypto` (which PyPI `okta` brings).
"""

import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading

from jwcrypto.jwk import JWK

SCOPES = ["okta.users.manage", "okta.users.read", "okta.groups.manage", "okta.groups.read", "okta.apps.manage",
          "okta.apps.read", "okta.policies.manage", "okta.policies.read"]
READS = ["okta.users.read", "okta.groups.read"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def scoped(scopes):
    return [word for scope in scopes for word in ("--scope", scope)]


class Stage:
    def __init__(self, portcullis, directory):
        self.portcullis, self.directory, self.running = portcullis, pathlib.Path(directory), []

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

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.directory, check=True, capture_output=True)

    def certificate(self, name, subject, *more):
        """A certificate of a new P-256 key, signed by itself unless told otherwise."""
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", subject,
                     "-keyout", f"{name}.key", "-out", f"{name}.pem", *more)
        return str(self.directory / f"{name}.pem"), str(self.directory / f"{name}.key")

    def signing_client(self, name, algorithm, *more):
        """A client that signs in with a key of its own (private_key_jwt)."""
        kid = f"{name}-key"
        kind = {"kty": "RSA", "size": 2048} if algorithm == "RS256" else {"kty": "EC", "crv": "P-256"}
        key = JWK.generate(**kind, kid=kid, alg=algorithm, use="sig")
        public = self.directory / f"{name}.jwks"
        public.write_text(json.dumps({"keys": [json.loads(key.export_public())]}))
        client = self.say("client", "add", name, *scoped(READS), "--jwks", str(public), *more)
        return {"id": client["id"], "alg": algorithm, "kid": kid, "pem": key.export_to_pem(private_key=True, password=None).decode()}

    def secret_client(self, name, method):
        """A client that signs in with a secret."""
        client = self.say("client", "add", name, "--scope", "okta.users.read", "--auth", method)
        return {"id": client["id"], "secret": self.say("client", "secret", "issue", name)["secret"]}

    def certificate_client(self, name):
        """A client that signs in with a certificate signed by itself."""
        certificate, key = self.certificate(name, f"/CN={name}")
        client = self.say("client", "add", name, "--scope", "okta.users.read", "--certificate", certificate)
        return {"id": client["id"], "certificate": certificate, "key": key}

    def clients(self):
        return {
            "sdk-jwt": self.signing_client("sdk-jwt", "RS256"),
            "sdk-dpop": self.signing_client("sdk-dpop", "RS256", "--dpop"),
            "es-jwt": self.signing_client("es-jwt", "ES256"),
            "es-dpop": self.signing_client("es-dpop", "ES256", "--dpop"),
            "basic": self.secret_client("basic", "client_secret_basic"),
            "post": self.secret_client("post", "client_secret_post"),
            "mtls": self.certificate_client("mtls"),
            "workload": self.workload(),
        }

    def workload(self):
        """A client that stands for a job of an outside issuer: no secret of ours at all."""
        key = JWK.generate(kty="RSA", size=2048, kid="issuer-key", alg="RS256", use="sig")
        url = Issuer.start({"keys": [json.loads(key.export_public())]})
        client = self.say("client", "add", "workload", "--scope", "okta.users.read")
        subject, audience = "repo:acme/deploy:**", "https://portcullis.example"
        self.say("issuer", "add", "workload", "--issuer", url, "--audience", audience, "--subject", subject,
                 "--jwks-uri", f"{url}/keys", "--private", "--direct")
        return {"id": client["id"], "issuer": url, "audience": audience, "alg": "RS256", "kid": "issuer-key",
                "pem": key.export_to_pem(private_key=True, password=None).decode()}

    def speak_tls(self):
        """Makes an authority and the gateway's certificate, and tells the settings."""
        self.certificate("authority", "/CN=stage authority", "-addext", "keyUsage=critical,keyCertSign")
        self.certificate("gateway", "/CN=127.0.0.1", "-CA", "authority.pem", "-CAkey", "authority.key", "-addext",
                         "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:false")
        with open(self.directory / "portcullis.toml", "a") as settings:
            settings.write('\n[tls]\ncertificate = "gateway.pem"\nkey = "gateway.key"\n')
        authority = str(self.directory / "authority.pem")
        return {"SSL_CERT_FILE": authority, "REQUESTS_CA_BUNDLE": authority, "NODE_EXTRA_CA_CERTS": authority}


class Issuer(http.server.BaseHTTPRequestHandler):
    """An outside issuer as far as Portcullis needs one: it shows its keys."""

    def do_GET(self):
        body = json.dumps(self.server.keys).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    @classmethod
    def start(cls, keys):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), cls)
        server.keys = keys
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"


def main():
    words = sys.argv[1:]
    tls, limited = words[0] == "--tls", words[0] == "--limited"
    portcullis, *rest = words[tls or limited:]
    portcullis, rest = os.path.abspath(portcullis), rest[1:]
    with tempfile.TemporaryDirectory(prefix="portcullis-stage-") as directory:
        stage = Stage(portcullis, directory)
        try:
            org = stage.start("sandbox", "--seed", "company", "--limits", "workforce" if limited else "off")
            token = pathlib.Path(directory, "okta.token")
            token.touch(mode=0o600)
            token.write_text(org["token"])
            listen = f"127.0.0.1:{free_port()}"
            public = ["--public", f"https://{listen}"] if tls else []
            stage.say("init", "--okta", org["url"], "--token-file", str(token), "--listen", listen, *public)
            trust = stage.speak_tls() if tls else {}
            keys = {}
            for name, scopes in (("sdk", SCOPES), ("reader", ["okta.users.read"])):
                stage.say("client", "add", name, *scoped(scopes))
                keys[name] = stage.say("key", "issue", name)["key"]
            clients = stage.clients()
            gateway = stage.start("serve")
            environment = {**os.environ, **trust, "OKTA_CLIENT_ORGURL": gateway["url"], "OKTA_CLIENT_TOKEN": keys["sdk"],
                           "OKTA_TESTING_TESTINGDISABLEHTTPSCHECK": "true", "PORTCULLIS_READER_KEY": keys["reader"],
                           "PORTCULLIS_OKTA_URL": org["url"], "PORTCULLIS_OKTA_TOKEN": org["token"],
                           "PORTCULLIS_CLIENTS": json.dumps(clients)}
            return subprocess.run(rest, env=environment).returncode
        finally:
            stage.end()


if __name__ == "__main__":
    sys.exit(main())
