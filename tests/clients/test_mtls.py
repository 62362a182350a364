"""A client that signs in by a certificate of its own (RFC 8705): its token is good on connections that show the certificate only."""

import json
import os
import unittest

import requests

ORG = os.environ["OKTA_CLIENT_ORGURL"]
CLIENTS = json.loads(os.environ["PORTCULLIS_CLIENTS"])
SHOWN = (CLIENTS["mtls"]["certificate"], CLIENTS["mtls"]["key"])


def ask(certificate, client="mtls"):
    form = {"grant_type": "client_credentials", "scope": "okta.users.read", "client_id": CLIENTS[client]["id"]}
    return requests.post(f"{ORG}/oauth2/v1/token", data=form, cert=certificate, timeout=10)


def users(token, certificate):
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{ORG}/api/v1/users?limit=1", headers=headers, cert=certificate, timeout=10).status_code


class CertificateBound(unittest.TestCase):
    def test_a_token_is_good_with_the_certificate_and_nothing_without_it(self):
        answer = ask(SHOWN)
        self.assertEqual(answer.status_code, 200, answer.text)
        token = answer.json()["access_token"]
        self.assertEqual(users(token, SHOWN), 200)
        self.assertEqual(users(token, None), 401)

    def test_without_its_certificate_or_with_anothers_name_there_is_no_token(self):
        self.assertEqual(ask(None).json()["error"], "invalid_client")
        self.assertEqual(ask(SHOWN, "basic").json()["error"], "invalid_client")


if __name__ == "__main__":
    unittest.main()
