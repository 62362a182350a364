"""A job with a token of an outside issuer and no secret of ours (PyPI `requests`): exchanged for an access token (RFC 8693), or shown
to the API as it is."""

import json
import os
import time
import unittest
import uuid

import jwt
import requests

ORG = os.environ["OKTA_CLIENT_ORGURL"]
JOB = json.loads(os.environ["PORTCULLIS_CLIENTS"])["workload"]
EXCHANGE = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "scope": "okta.users.read",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}


def token(**changes):
    now = int(time.time())
    claims = {"iss": JOB["issuer"], "aud": JOB["audience"], "sub": "repo:acme/deploy:ref:refs/heads/main", "iat": now,
              "exp": now + 300, "jti": str(uuid.uuid4()), **changes}
    return jwt.encode(claims, JOB["pem"], JOB["alg"], {"kid": JOB["kid"]})


def exchange(subject, **more):
    return requests.post(f"{ORG}/oauth2/v1/token", data={**EXCHANGE, "subject_token": subject, **more}, timeout=10)


def users(bearer, path="users?limit=2"):
    return requests.get(f"{ORG}/api/v1/{path}", headers={"Authorization": f"Bearer {bearer}"}, timeout=10)


class Workload(unittest.TestCase):
    def test_a_job_exchanges_its_token_and_reads_users(self):
        answer = exchange(token())
        self.assertEqual(answer.status_code, 200, answer.text)
        said = answer.json()
        self.assertEqual(said["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token")
        self.assertEqual(said["scope"], "okta.users.read")
        self.assertEqual((users(said["access_token"]).status_code, len(users(said["access_token"]).json())), (200, 2))
        self.assertEqual(users(said["access_token"], "groups").status_code, 403)

    def test_a_job_shows_its_token_to_the_api_as_it_is(self):
        self.assertEqual(users(token()).status_code, 200)

    def test_no_job_gets_more_than_its_client_has(self):
        self.assertEqual(exchange(token(), scope="okta.users.manage").json()["error"], "invalid_scope")

    def test_another_job_another_audience_and_yesterdays_token_are_nobodys(self):
        now = int(time.time())
        for changes in ({"sub": "repo:evil/deploy:ref:refs/heads/main"}, {"aud": "https://other.example"}, {"iss": "http://127.0.0.1:1"},
                        {"iat": now - 7200, "exp": now - 3600}):
            with self.subTest(changes):
                self.assertEqual(exchange(token(**changes)).json()["error"], "invalid_grant")
                self.assertEqual(users(token(**changes)).status_code, 401)


if __name__ == "__main__":
    unittest.main()
