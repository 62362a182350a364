"""Authlib (PyPI `Authlib`) against the authorization server: secrets, signed assertions, introspection, revocation, metadata."""

import json
import os
import time
import unittest

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "true"

ORG = os.environ["OKTA_CLIENT_ORGURL"]
TOKEN_URL = f"{ORG}/oauth2/v1/token"
CLIENTS = json.loads(os.environ["PORTCULLIS_CLIENTS"])
SCOPE = "okta.users.read"


def session(name, method):
    known = CLIENTS[name]
    secret = known.get("secret") or ECKey.import_key(known["pem"])
    made = OAuth2Session(known["id"], secret, scope=SCOPE, token_endpoint=TOKEN_URL, token_endpoint_auth_method=method,
                         revocation_endpoint_auth_method=method)
    if method == "private_key_jwt":
        made.register_client_auth_method(PrivateKeyJWT(TOKEN_URL, alg=known["alg"], headers={"kid": known["kid"]}))
    return made


class Authlib(unittest.TestCase):
    def test_each_client_signs_in_its_own_way_and_reads_users(self):
        for name, method in (("basic", "client_secret_basic"), ("post", "client_secret_post"), ("es-jwt", "private_key_jwt")):
            with self.subTest(method):
                made = session(name, method)
                token = made.fetch_token(TOKEN_URL, grant_type="client_credentials")
                self.assertEqual((token["token_type"], token["scope"]), ("Bearer", SCOPE))
                users = made.get(f"{ORG}/api/v1/users?limit=2")
                self.assertEqual((users.status_code, len(users.json())), (200, 2))

    def test_no_client_signs_in_another_way_than_it_is_registered_for(self):
        for name, method in (("basic", "client_secret_post"), ("post", "client_secret_basic")):
            with self.subTest(method), self.assertRaises(Exception) as refused:
                session(name, method).fetch_token(TOKEN_URL, grant_type="client_credentials")
            self.assertIn("invalid_client", str(refused.exception))

    def test_a_client_looks_into_its_token_and_revokes_it_at_once(self):
        made = session("basic", "client_secret_basic")
        token = made.fetch_token(TOKEN_URL, grant_type="client_credentials")["access_token"]
        look = lambda: made.introspect_token(f"{ORG}/oauth2/v1/introspect", token).json()
        known = look()
        self.assertTrue(known["active"])
        self.assertEqual((known["client_id"], known["scope"]), (CLIENTS["basic"]["id"], SCOPE))
        self.assertGreater(known["exp"], time.time())
        self.assertEqual(made.get(f"{ORG}/api/v1/users?limit=1").status_code, 200)
        self.assertEqual(made.revoke_token(f"{ORG}/oauth2/v1/revoke", token).status_code, 200)
        self.assertEqual(look(), {"active": False})
        after = requests.get(f"{ORG}/api/v1/users?limit=1", headers={"Authorization": f"Bearer {token}"}, timeout=10)
        self.assertEqual(after.status_code, 401)

    def test_the_metadata_names_what_there_is(self):
        for place in ("oauth-authorization-server", "openid-configuration"):
            said = requests.get(f"{ORG}/.well-known/{place}", timeout=10).json()
            self.assertEqual((said["issuer"], said["token_endpoint"]), (ORG, TOKEN_URL))
            self.assertLessEqual({"private_key_jwt", "client_secret_basic", "client_secret_post"},
                                 set(said["token_endpoint_auth_methods_supported"]))
            self.assertNotIn("none", said["token_endpoint_auth_signing_alg_values_supported"])
            self.assertIn("ES256", said["dpop_signing_alg_values_supported"])
            keys = requests.get(said["jwks_uri"], timeout=10).json()["keys"]
            self.assertTrue(keys)
            self.assertFalse({"d", "p", "q", "k"} & {member for key in keys for member in key})


if __name__ == "__main__":
    unittest.main()
