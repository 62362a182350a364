"""Access tokens for the callers that show one, with DPoP proofs made from the standard library alone."""

import base64
import hashlib
import json
import os
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


class Prover:
    """Signs DPoP proofs with an RSA key of its own (RS256), from the standard library alone."""

    def __init__(self):
        rng, e = random.SystemRandom(), 65537
        p, q = self.prime(rng, e), self.prime(rng, e)
        self.n, self.d, self.e = p * q, pow(e, -1, (p - 1) * (q - 1)), e

    @staticmethod
    def prime(rng, e):
        while True:
            candidate = rng.getrandbits(1024) | (3 << 1022) | 1
            if candidate % e != 1 and all(candidate % small for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31)) and \
                    all(Prover.probably(candidate, rng.randrange(2, candidate - 1)) for _ in range(20)):
                return candidate

    @staticmethod
    def probably(n, base):
        odd, twos = n - 1, 0
        while odd % 2 == 0:
            odd, twos = odd // 2, twos + 1
        x = pow(base, odd, n)
        if x in (1, n - 1):
            return True
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                return True
        return False

    def proof(self, url, nonce):
        number = lambda value: b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))
        header = {"typ": "dpop+jwt", "alg": "RS256", "jwk": {"kty": "RSA", "n": number(self.n), "e": number(self.e)}}
        claims = {"htm": "POST", "htu": url, "iat": int(time.time()), "jti": os.urandom(16).hex(), **({"nonce": nonce} if nonce else {})}
        text = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
        digest = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(text.encode()).digest()
        padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(digest)) + b"\x00" + digest
        signature = pow(int.from_bytes(padded, "big"), self.d, self.n).to_bytes(256, "big")
        return f"{text}.{b64(signature)}"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def form(url, secret, values, headers=()):
    """Posts a form as the client of `secret`; gives status, headers and JSON."""
    basic = base64.b64encode(":".join(urllib.parse.quote(part, safe="") for part in secret).encode()).decode()
    request = urllib.request.Request(url, data=urllib.parse.urlencode(values).encode(), method="POST",
                                     headers={"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded", **dict(headers)})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, json.loads(answer.read() or b"{}")


def token(url, caller):
    """Turns a caller's secret into the access token it will show."""
    secret = (caller.id, caller.authorization["secret"])
    scopes = " ".join(caller.narrowed or ["okta.users.read"])
    asked, headers = {"grant_type": "client_credentials", "scope": scopes}, {}
    if caller.name == "unproven":
        prover = Prover()
        headers = {"DPoP": prover.proof(f"{url}/oauth2/v1/token", None)}
        _, told, _ = form(f"{url}/oauth2/v1/token", secret, asked, headers)
        headers = {"DPoP": prover.proof(f"{url}/oauth2/v1/token", told["DPoP-Nonce"])}
    status, _, answer = form(f"{url}/oauth2/v1/token", secret, asked, headers)
    if status != 200:
        sys.exit(f"matrix: no token for {caller.name}: {status} {answer}")
    if caller.name == "revoked-token":
        form(f"{url}/oauth2/v1/revoke", secret, {"token": answer["access_token"]})
    caller.authorization = f"Bearer {answer['access_token']}"
