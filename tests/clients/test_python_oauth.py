"""Okta's Python SDK in private-key mode, with and without DPoP: nothing but the org URL differs from a real org. Beside it, what the
SDK relies on, said in plain requests: how long assertions live, that each is good once, whom they may be addressed to."""

import json
import logging
import os
import time
import unittest
import uuid

import jwt
import requests
from okta.client import Client

logging.getLogger("asyncio").setLevel(logging.ERROR)  # unittest tells of every step that takes long, and keys of 3,072 bits do

ORG = os.environ["OKTA_CLIENT_ORGURL"]
TOKEN_URL = f"{ORG}/oauth2/v1/token"
CLIENTS = json.loads(os.environ["PORTCULLIS_CLIENTS"])
SCOPES = ["okta.users.read", "okta.groups.read"]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def sdk(name, **more):
    known = CLIENTS[name]
    return Client({"orgUrl": ORG, "authorizationMode": "PrivateKey", "clientId": known["id"], "scopes": SCOPES,
                   "privateKey": known["pem"], "kid": known["kid"], "testing": {"testingDisableHttpsCheck": True}, **more})


def assertion(name, **changes):
    known, now = CLIENTS[name], int(time.time())
    claims = {"iss": known["id"], "sub": known["id"], "aud": TOKEN_URL, "iat": now, "exp": now + 300, "jti": str(uuid.uuid4()), **changes}
    claims = {claim: value for claim, value in claims.items() if value is not None}
    return jwt.encode(claims, known["pem"], known["alg"], {"kid": known["kid"]})


def ask(signed, headers=None, **form):
    body = {"grant_type": "client_credentials", "scope": "okta.users.read", "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed, **form}
    return requests.post(TOKEN_URL, data=body, headers=headers, timeout=10)


def proof(key, method, url, **claims):
    """A DPoP proof by a key of our own making (RFC 9449)."""
    header = {"typ": "dpop+jwt", "jwk": json.loads(key.export_public())}
    claims = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time()), **claims}
    return jwt.encode(claims, key.export_to_pem(private_key=True, password=None), "ES256", header)


class PrivateKeyMode(unittest.IsolatedAsyncioTestCase):
    async def test_the_sdk_signs_in_with_its_key_and_calls_with_the_token(self):
        okta = sdk("sdk-jwt")
        for _ in range(2):
            users, _, error = await okta.list_users(limit=2)
            self.assertIsNone(error, error)
            self.assertEqual(len(users), 2)
        token, kind = okta._request_executor._oauth.get_current_token()
        self.assertEqual(kind, "Bearer")
        self.assertEqual(token.count("."), 2)

    async def test_a_token_reaches_no_further_than_its_scopes(self):
        users, _, error = await sdk("sdk-jwt").list_users(limit=1)
        self.assertIsNone(error, error)
        answer = await sdk("sdk-jwt").delete_user(users[0].id)
        self.assertEqual((answer[-1].status, answer[-1].error_code), (403, "E0000006"))

    async def test_a_key_that_is_not_the_clients_gets_no_token(self):
        _, _, error = await sdk("sdk-jwt", privateKey=CLIENTS["sdk-dpop"]["pem"]).list_users(limit=1)
        self.assertIn("invalid_client", str(error))

    async def test_the_sdk_binds_its_token_to_a_key_by_dpop(self):
        okta = sdk("sdk-dpop", dpopEnabled=True)
        for _ in range(2):
            users, _, error = await okta.list_users(limit=2)
            self.assertIsNone(error, error)
            self.assertEqual(len(users), 2)
        token, kind = okta._request_executor._oauth.get_current_token()
        self.assertEqual(kind, "DPoP")
        for scheme in ("Bearer", "DPoP"):
            stolen = requests.get(f"{ORG}/api/v1/users", headers={"Authorization": f"{scheme} {token}"}, timeout=10)
            self.assertEqual(stolen.status_code, 401, scheme)


class WhatTheSdkReliesOn(unittest.TestCase):
    def test_an_assertion_of_fifty_minutes_is_good_and_one_of_more_than_an_hour_is_not(self):
        now = int(time.time())
        self.assertEqual(ask(assertion("sdk-jwt", exp=now + 50 * 60)).status_code, 200)
        late = ask(assertion("sdk-jwt", exp=now + 2 * 3600))
        self.assertEqual((late.status_code, late.json()["error"]), (401, "invalid_client"))

    def test_an_assertion_is_good_once(self):
        signed = assertion("sdk-jwt")
        self.assertEqual(ask(signed).status_code, 200)
        again = ask(signed)
        self.assertEqual((again.status_code, again.json()["error"]), (401, "invalid_client"))

    def test_an_assertion_is_addressed_to_the_token_url_or_to_the_issuer(self):
        self.assertEqual(ask(assertion("sdk-jwt", aud=ORG)).status_code, 200)
        self.assertEqual(ask(assertion("sdk-jwt", aud=[TOKEN_URL])).status_code, 200)
        for other in ("https://acme.okta.com", f"{ORG}/oauth2/v1/introspect", ""):
            self.assertEqual(ask(assertion("sdk-jwt", aud=other)).status_code, 401, other)

    def test_the_client_id_may_be_left_out_but_not_be_another(self):
        self.assertEqual(ask(assertion("sdk-jwt"), client_id=CLIENTS["sdk-jwt"]["id"]).status_code, 200)
        self.assertEqual(ask(assertion("sdk-jwt"), client_id=CLIENTS["sdk-dpop"]["id"]).status_code, 401)

    def test_the_charset_of_the_form_does_not_matter(self):
        kind = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
        self.assertEqual(ask(assertion("sdk-jwt"), kind).status_code, 200)

    def test_answers_with_tokens_are_stored_nowhere(self):
        answer = ask(assertion("sdk-jwt"))
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.json()["token_type"], "Bearer")
        self.assertEqual(answer.json()["scope"], "okta.users.read")

    def test_a_proof_is_ignored_where_the_client_is_not_bound_by_one(self):
        answer = ask(assertion("sdk-jwt"), {"DPoP": "not even a proof"})
        self.assertEqual((answer.status_code, answer.json()["token_type"]), (200, "Bearer"))

    def test_the_nonce_challenge_consumes_the_assertion(self):
        from jwcrypto.jwk import JWK

        key = JWK.generate(kty="EC", crv="P-256")
        signed = assertion("sdk-dpop")
        challenge = ask(signed, {"DPoP": proof(key, "POST", TOKEN_URL)})
        self.assertEqual((challenge.status_code, challenge.json()["error"]), (400, "use_dpop_nonce"))
        nonce = challenge.headers["DPoP-Nonce"]
        again = ask(signed, {"DPoP": proof(key, "POST", TOKEN_URL, nonce=nonce)})
        self.assertEqual((again.status_code, again.json()["error"]), (401, "invalid_client"))
        fresh = ask(assertion("sdk-dpop"), {"DPoP": proof(key, "POST", TOKEN_URL, nonce=nonce)})
        self.assertEqual((fresh.status_code, fresh.json()["token_type"]), (200, "DPoP"), fresh.text)

    def test_a_client_that_is_bound_gets_no_token_without_a_proof(self):
        answer = ask(assertion("sdk-dpop"))
        self.assertEqual((answer.status_code, answer.json()["error"]), (400, "invalid_dpop_proof"))


if __name__ == "__main__":
    unittest.main()
