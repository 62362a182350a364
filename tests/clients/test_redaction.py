"""Okta's Python SDK without the right to see secrets: it reads objects into its strict models, changes them and writes them back, and
what is secret at the org stays as it was."""

import json
import os
import unittest
import urllib.request
import uuid

from okta.client import Client
from okta.models import OpenIdConnectApplication


def name(what):
    return f"{what}-{uuid.uuid4().hex[:10]}"


def at_the_org(path, method="GET", body=None):
    """Straight to the emulated org, past the gateway."""
    request = urllib.request.Request(os.environ["PORTCULLIS_OKTA_URL"] + path, method=method, data=body and json.dumps(body).encode())
    request.add_header("Authorization", "SSWS " + os.environ["PORTCULLIS_OKTA_TOKEN"])
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def oidc_app():
    return {"name": "oidc_client", "label": name("app"), "signOnMode": "OPENID_CONNECT",
            "credentials": {"oauthClient": {"token_endpoint_auth_method": "client_secret_basic"}},
            "settings": {"oauthClient": {"application_type": "web", "grant_types": ["authorization_code"], "response_types": ["code"],
                                         "redirect_uris": ["https://app.example/callback"]}}}


def secrets_of(app):
    return [one["client_secret"] for one in at_the_org(f"/api/v1/apps/{app}/credentials/secrets")]


class WithoutReveal(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.okta = Client({"orgUrl": os.environ["OKTA_CLIENT_ORGURL"], "token": os.environ["OKTA_CLIENT_TOKEN"],
                            "testing": {"testingDisableHttpsCheck": True}})

    async def test_an_app_keeps_its_secret_when_it_is_written_back(self):
        made = at_the_org("/api/v1/apps", "POST", oidc_app())
        before = secrets_of(made["id"])
        self.assertTrue(before and before[0])
        app, _, error = await self.okta.get_application(made["id"])
        self.assertIsNone(error, error)
        listed, _, error = await self.okta.list_o_auth2_client_secrets(made["id"])
        self.assertIsNone(error, error)
        masked = listed[0].client_secret
        self.assertTrue(masked.startswith("pcl_masked_"), masked)
        self.assertNotIn(before[0], str(app.to_dict()) + str([one.to_dict() for one in listed]))
        body = app.to_dict()
        body["label"] = name("renamed")
        body["credentials"]["oauthClient"]["client_secret"] = masked
        app, _, error = await self.okta.replace_application(made["id"], OpenIdConnectApplication.from_dict(body))
        self.assertIsNone(error, error)
        self.assertEqual(app.label, body["label"])
        self.assertEqual(secrets_of(made["id"]), before)

    async def test_an_app_of_its_own_making_tells_its_secret_once(self):
        app, _, error = await self.okta.create_application(OpenIdConnectApplication.from_dict(oidc_app()))
        self.assertIsNone(error, error)
        self.assertEqual([app.credentials.oauth_client.client_secret], secrets_of(app.id))


if __name__ == "__main__":
    unittest.main()
