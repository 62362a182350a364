// Okta's Node SDK in private-key mode, with and without DPoP: nothing but the org URL differs from a real org.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import okta from '@okta/okta-sdk-nodejs';

const org = process.env.OKTA_CLIENT_ORGURL;
const clients = JSON.parse(process.env.PORTCULLIS_CLIENTS);
const client = (name, privateKey = clients[name].pem) =>
  new okta.Client({
    orgUrl: org,
    authorizationMode: 'PrivateKey',
    clientId: clients[name].id,
    scopes: ['okta.users.read', 'okta.groups.read'],
    privateKey,
    keyId: clients[name].kid,
    testing: { disableHttpsCheck: true },
  });
const token = (from) => from.oauth.accessToken;

test('signs in with its key and calls with the token, though it sends a proof nobody asked for', async () => {
  const sdk = client('sdk-jwt');
  for (let round = 0; round < 2; round += 1) {
    const first = (await (await sdk.userApi.listUsers({ limit: 1 })).next()).value;
    assert.ok(first.id);
  }
  assert.equal(token(sdk).token_type, 'Bearer');
});

test('binds its token to a key by DPoP, and never sends a nonce to the API', async () => {
  const sdk = client('sdk-dpop');
  for (let round = 0; round < 2; round += 1) {
    const first = (await (await sdk.userApi.listUsers({ limit: 1 })).next()).value;
    assert.ok(first.id);
  }
  assert.equal(token(sdk).token_type, 'DPoP');
  const stolen = await fetch(`${org}/api/v1/users`, { headers: { authorization: `Bearer ${token(sdk).access_token}` } });
  assert.equal(stolen.status, 401);
});

test('pages through all users with a bound token', async () => {
  const ids = new Set();
  const users = await client('sdk-dpop').userApi.listUsers({ limit: 200 });
  await users.each((user) => { ids.add(user.id); });
  assert.ok(ids.size >= 480, `${ids.size} users`);
});

test('a token reaches no further than its scopes', async () => {
  const sdk = client('sdk-jwt');
  const first = (await (await sdk.userApi.listUsers({ limit: 1 })).next()).value;
  await assert.rejects(sdk.userApi.deleteUser({ userId: first.id, id: first.id }), { status: 403, errorCode: 'E0000006' });
});

test('a key that is not the clients gets no token', async () => {
  const users = await client('sdk-jwt', clients['sdk-dpop'].pem).userApi.listUsers({ limit: 1 });
  await assert.rejects(users.next(), { status: 401 });
});
