import { generateKeyPairSync } from 'node:crypto';
import { request as httpsRequest } from 'node:https';

import type { Simulator } from './simulator';
import { startSimulator } from './start-simulator';
import { assertion, connect, JWT_BEARER, requestToken, send, serviceAccountOf } from './test-client';

const ACCESS_TOKEN: unknown = expect.stringMatching(/^ya29\./);
const ANY_STRING: unknown = expect.any(String);

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.clearCommands());
afterAll(() => simulator.close());

const ask = async (claims: object = {}, key?: string) => {
  const { status, body } = await requestToken(simulator, {
    grant_type: JWT_BEARER,
    assertion: assertion(simulator, claims, key),
  });
  return { status, json: JSON.parse(body) as unknown };
};
const nowS = () => Math.floor(Date.now() / 1000);

test('the service account file is one, and gets an access token', async () => {
  expect(serviceAccountOf(simulator)).toMatchObject({
    type: 'service_account',
    project_id: simulator.projectId,
    token_uri: simulator.tokenUrl,
  });
  const before = simulator.stats().accessTokensIssued;
  expect(await ask()).toEqual({
    status: 200,
    json: { access_token: ACCESS_TOKEN, expires_in: 3599, token_type: 'Bearer' },
  });
  expect(simulator.stats().accessTokensIssued).toBe(before + 1);
});

test('HTTP/1.1 works too', async () => {
  const status = await new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const request = httpsRequest(simulator.tokenUrl, { method: 'POST', ca: simulator.caPem, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
    request.end(new URLSearchParams({ grant_type: JWT_BEARER, assertion: assertion(simulator) }).toString());
  });
  expect(status).toBe(200);
});

test('the audience may name the endpoint as localhost', async () => {
  expect((await ask({ aud: simulator.tokenUrl.replace('127.0.0.1', 'localhost') })).status).toBe(200);
});

test.each<[string, () => object, string]>([
  ['another audience', () => ({ aud: 'https://oauth2.googleapis.com/token' }), 'invalid_grant'],
  ['no audience', () => ({ aud: '' }), 'invalid_grant'],
  ['another issuer', () => ({ iss: 'somebody@example.com' }), 'invalid_grant'],
  ['an assertion that has ended', () => ({ iat: nowS() - 7200, exp: nowS() - 3600 }), 'invalid_grant'],
  ['more than an hour', () => ({ exp: nowS() + 3700 }), 'invalid_grant'],
  ['a scope that may not send', () => ({ scope: 'https://www.googleapis.com/auth/drive' }), 'invalid_scope'],
  ['no scope', () => ({ scope: undefined }), 'invalid_scope'],
])('%s is refused', async (_what, claims, error) => {
  expect(await ask(claims())).toEqual({ status: 400, json: { error, error_description: ANY_STRING } });
});

test("somebody else's key is refused", async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(await ask({}, pem)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
});

test.each<[string, Record<string, string>, string]>([
  ['another grant', { grant_type: 'client_credentials' }, 'unsupported_grant_type'],
  ['no assertion', { grant_type: JWT_BEARER }, 'invalid_grant'],
  ['an assertion that is no JWT', { grant_type: JWT_BEARER, assertion: 'abc' }, 'invalid_grant'],
])('%s is refused', async (_what, form, error) => {
  const { status, body } = await requestToken(simulator, form);
  expect(status).toBe(400);
  expect(JSON.parse(body)).toMatchObject({ error });
});

test.each<[string, string, string, number]>([
  ['POST', '/other', 'application/x-www-form-urlencoded', 404],
  ['GET', '/token', 'application/x-www-form-urlencoded', 405],
  ['POST', '/token', 'application/json', 400],
])('%s %s as %s: %i', async (method, path, type, status) => {
  const session = await connect(simulator.tokenUrl, simulator);
  expect((await send(session, { ':method': method, ':path': path, 'content-type': type })).status).toBe(status);
  session.destroy();
});

test('fails on command, but not by a command for the push services', async () => {
  simulator.command({ answer: { status: 503 } });
  expect((await ask()).status).toBe(200);
  simulator.command({
    provider: 'token',
    times: 1,
    answer: { status: 401, errorCode: 'invalid_client', message: 'as told' },
  });
  expect(await ask()).toEqual({ status: 401, json: { error: 'invalid_client', error_description: 'as told' } });
  expect((await ask()).status).toBe(200);
});
