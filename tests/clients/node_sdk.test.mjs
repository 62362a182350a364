// Okta's Node SDK (npm `@okta/okta-sdk-nodejs`) drives the gateway: only the org URL and the token differ from a real org.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import okta from '@okta/okta-sdk-nodejs';

const client = (token = process.env.OKTA_CLIENT_TOKEN) =>
  new okta.Client({ orgUrl: process.env.OKTA_CLIENT_ORGURL, token, testing: { disableHttpsCheck: true } });
const name = (what) => `${what}-${randomUUID().slice(0, 8)}`;

test('pages through all users without leaving the gateway', async () => {
  const ids = new Set();
  const users = await client().userApi.listUsers({ limit: 200 });
  await users.each((user) => { ids.add(user.id); });
  assert.ok(ids.size >= 480, `${ids.size} users`);
});

test('creates, changes and deletes a user', async () => {
  const login = `${name('person')}@example.com`;
  const { userApi } = client();
  const profile = { firstName: 'Sam', lastName: 'Sample', email: login, login };
  const user = await userApi.createUser({ body: { profile }, activate: false });
  assert.equal(user.status, 'STAGED');
  const changed = await userApi.updateUser({ userId: user.id, id: user.id, user: { profile: { firstName: 'Samira' } } });
  assert.equal(changed.profile.firstName, 'Samira');
  assert.equal(changed.profile.lastName, 'Sample');
  await userApi.deleteUser({ userId: user.id, id: user.id });
  await userApi.deleteUser({ userId: user.id, id: user.id });
  await assert.rejects(userApi.getUser({ userId: user.id, id: user.id }), { status: 404, errorCode: 'E0000007' });
});

test('creates a group with a member', async () => {
  const { groupApi, userApi } = client();
  const group = await groupApi.createGroup({ group: { profile: { name: name('group'), description: 'x' } } });
  const first = (await (await userApi.listUsers({ limit: 1 })).next()).value;
  await groupApi.assignUserToGroup({ groupId: group.id, userId: first.id });
  const members = [];
  await (await groupApi.listGroupUsers({ groupId: group.id })).each((member) => { members.push(member.id); });
  assert.deepEqual(members, [first.id]);
  await groupApi.deleteGroup({ groupId: group.id });
});

test('creates and deletes an application', async () => {
  const { applicationApi } = client();
  const app = await applicationApi.createApplication({
    application: { label: name('app'), name: 'bookmark', signOnMode: 'BOOKMARK', settings: { app: { url: 'https://example.com', requestIntegration: false } } },
  });
  assert.equal(app.status, 'ACTIVE');
  await applicationApi.deactivateApplication({ appId: app.id });
  await applicationApi.deleteApplication({ appId: app.id });
});

test('creates an access policy', async () => {
  const { policyApi } = client();
  const policy = await policyApi.createPolicy({ policy: { type: 'ACCESS_POLICY', name: name('policy'), description: 'from the SDK' } });
  const rules = [];
  await (await policyApi.listPolicyRules({ policyId: policy.id })).each((rule) => { rules.push(rule.system); });
  assert.deepEqual(rules, [true]);
  await policyApi.deletePolicy({ policyId: policy.id });
});

test('a reader is refused a delete and told why', async () => {
  const { userApi } = client(process.env.PORTCULLIS_READER_KEY);
  const first = (await (await userApi.listUsers({ limit: 1 })).next()).value;
  await assert.rejects(userApi.deleteUser({ userId: first.id, id: first.id }), { status: 403, errorCode: 'E0000006' });
});
