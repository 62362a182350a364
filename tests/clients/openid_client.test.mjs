// openid-client (npm) against the authorization server: discovery, every way to sign in, DPoP with ES256, introspection, revocation.

import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import * as openid from 'openid-client';

const org = process.env.OKTA_CLIENT_ORGURL;
const clients = JSON.parse(process.env.PORTCULLIS_CLIENTS);
const users = new URL(`${org}/api/v1/users?limit=2`);
const scope = 'okta.users.read';

const algorithms = { ES256: { name: 'ECDSA', namedCurve: 'P-256' }, RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } };
const signingKey = async ({ pem, alg, kid }) => {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  const key = await crypto.subtle.importKey('pkcs8', der, algorithms[alg], false, ['sign']);
  return openid.PrivateKeyJwt({ key, kid });
};
const discover = async (name, authentication, algorithm = 'oidc') =>
  openid.discovery(new URL(org), clients[name].id, clients[name].secret, await authentication, {
    algorithm,
    execute: [openid.allowInsecureRequests],
  });
const read = async (config, token, options) => {
  const reply = await openid.fetchProtectedResource(config, token, users, 'GET', undefined, undefined, options);
  return (await reply.json()).length;
};

for (const [method, name, authentication] of [
  ['client_secret_basic', 'basic', () => openid.ClientSecretBasic(clients.basic.secret)],
  ['client_secret_post', 'post', () => openid.ClientSecretPost(clients.post.secret)],
  ['private_key_jwt with ES256', 'es-jwt', () => signingKey(clients['es-jwt'])],
  ['private_key_jwt with RS256', 'sdk-jwt', () => signingKey(clients['sdk-jwt'])],
]) {
  test(`signs in by ${method} and reads users`, async () => {
    const config = await discover(name, authentication());
    const token = await openid.clientCredentialsGrant(config, { scope });
    assert.equal(token.token_type, 'bearer');
    assert.equal(await read(config, token.access_token), 2);
  });
}

test('binds its token to an ES256 key by DPoP and calls with proofs', async () => {
  const config = await discover('es-dpop', signingKey(clients['es-dpop']), 'oauth2');
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
  const token = await openid.clientCredentialsGrant(config, { scope }, { DPoP });
  assert.equal(token.token_type, 'dpop');
  assert.equal(await read(config, token.access_token, { DPoP }), 2);
  const other = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
  await assert.rejects(read(config, token.access_token, { DPoP: other }));
});

test('looks into its token and revokes it', async () => {
  const config = await discover('basic', openid.ClientSecretBasic(clients.basic.secret));
  const { access_token: token } = await openid.clientCredentialsGrant(config, { scope });
  const known = await openid.tokenIntrospection(config, token);
  assert.deepEqual([known.active, known.scope], [true, scope]);
  await openid.tokenRevocation(config, token);
  assert.equal((await openid.tokenIntrospection(config, token)).active, false);
  await assert.rejects(read(config, token));
});

test('is told by its name what it asked wrongly', async () => {
  const config = await discover('basic', openid.ClientSecretBasic(clients.basic.secret));
  await assert.rejects(openid.clientCredentialsGrant(config, { scope: 'okta.apps.manage' }), { error: 'invalid_scope' });
  const wrong = await discover('basic', openid.ClientSecretBasic('hunter2'));
  await assert.rejects(openid.clientCredentialsGrant(wrong, { scope }), { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE', status: 401 });
});
