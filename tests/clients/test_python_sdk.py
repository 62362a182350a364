"""Okta's Python SDK (PyPI `okta`) drives the gateway: nothing but the org URL and the token differ from a real org."""

import os
import unittest
import urllib.parse
import uuid

from okta.client import Client
from okta.models import (AccessPolicy, AddGroupRequest, BookmarkApplication, CreateUserRequest, OktaUserGroupProfile,
                         UpdateUserRequest, UserProfile)


def client(token=None):
    return Client({"orgUrl": os.environ["OKTA_CLIENT_ORGURL"], "token": token or os.environ["OKTA_CLIENT_TOKEN"],
                   "testing": {"testingDisableHttpsCheck": True}})


def name(what):
    return f"{what}-{uuid.uuid4().hex[:10]}"


def next_page(headers):
    """The `after` of the rel="next" link, which must lead to the gateway. The SDK keeps the last of several Link headers."""
    target, _, relation = headers.get("Link", "").partition(">")
    if 'rel="next"' not in relation:
        return None
    assert target.lstrip("<").startswith(os.environ["OKTA_CLIENT_ORGURL"] + "/"), target
    return urllib.parse.parse_qs(urllib.parse.urlsplit(target).query)["after"][0]


class ThroughTheGateway(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.okta = client()

    async def done(self, call):
        answer = await call
        error = answer[-1]
        self.assertIsNone(error, error)
        return answer[0]

    async def test_pages_through_all_users_without_leaving_the_gateway(self):
        pages, after = [], None
        while True:
            users, response, error = await self.okta.list_users(limit=200, after=after)
            self.assertIsNone(error, error)
            pages.append(users)
            after = next_page(response.headers)
            if after is None:
                break
        found = [user.id for page in pages for user in page]
        self.assertGreaterEqual(len(pages), 3)
        self.assertGreaterEqual(len(found), 480)
        self.assertEqual(len(found), len(set(found)))

    async def test_creates_changes_and_deletes_a_user(self):
        login = name("person") + "@example.com"
        profile = UserProfile(first_name="Sam", last_name="Sample", email=login, login=login)
        user = await self.done(self.okta.create_user(CreateUserRequest(profile=profile), activate=False))
        self.assertEqual(user.status, "STAGED")
        self.assertIn(os.environ["OKTA_CLIENT_ORGURL"], str(user.links.to_dict()))
        changed = UpdateUserRequest(profile=UserProfile(first_name="Samira"))
        user = await self.done(self.okta.update_user(user.id, changed))
        self.assertEqual((user.profile.first_name, user.profile.last_name), ("Samira", "Sample"))
        for _ in ("deactivates", "deletes"):
            await self.done(self.okta.delete_user(user.id))
        _, _, error = await self.okta.get_user(user.id)
        self.assertEqual((error.status, error.error_code), (404, "E0000007"))

    async def test_creates_a_group_with_a_member(self):
        group = await self.done(self.okta.add_group(AddGroupRequest(profile=OktaUserGroupProfile(name=name("group"), description="x"))))
        users = await self.done(self.okta.list_users(limit=1))
        await self.done(self.okta.assign_user_to_group(group.id, users[0].id))
        members = await self.done(self.okta.list_group_users(group.id))
        self.assertEqual([member.id for member in members], [users[0].id])
        await self.done(self.okta.unassign_user_from_group(group.id, users[0].id))
        await self.done(self.okta.delete_group(group.id))

    async def test_creates_and_deletes_an_application(self):
        body = BookmarkApplication(**{"label": name("app"), "name": "bookmark", "signOnMode": "BOOKMARK",
                                      "settings": {"app": {"url": "https://example.com", "requestIntegration": False}}})
        app = await self.done(self.okta.create_application(body))
        self.assertEqual((app.status, app.sign_on_mode), ("ACTIVE", "BOOKMARK"))
        await self.done(self.okta.deactivate_application(app.id))
        await self.done(self.okta.delete_application(app.id))

    async def test_reads_every_application_into_its_strict_models(self):
        apps = await self.done(self.okta.list_applications(limit=200))
        self.assertGreaterEqual(len(apps), 20)

    async def test_creates_an_access_policy(self):
        body = AccessPolicy(**{"type": "ACCESS_POLICY", "name": name("policy"), "description": "from the SDK"})
        policy = await self.done(self.okta.create_policy(body))
        rules = await self.done(self.okta.list_policy_rules(policy.id))
        self.assertEqual([rule.system for rule in rules], [True])
        found = await self.done(self.okta.get_policy(policy.id))
        self.assertEqual(found.name, policy.name)
        policies = await self.done(self.okta.list_policies(type="PASSWORD"))
        self.assertIn("Long passwords", [found.name for found in policies])
        await self.done(self.okta.delete_policy(policy.id))

    async def test_a_reader_is_refused_a_delete_and_told_why(self):
        reader = client(os.environ["PORTCULLIS_READER_KEY"])
        users, _, error = await reader.list_users(limit=1)
        self.assertIsNone(error, error)
        answer = await reader.delete_user(users[0].id)
        self.assertEqual((answer[-1].status, answer[-1].error_code), (403, "E0000006"))
        user, _, error = await reader.get_user(users[0].id)
        self.assertIsNone(error, error)
        self.assertEqual(user.status, users[0].status)


if __name__ == "__main__":
    unittest.main()
