import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTls } from 'node:tls';

import type { Simulator } from './simulator';
import { startSimulator } from './start-simulator';
import { apnsHeaders, connect, DEVICE_TOKEN, providerJwt, send } from './test-client';

const ANY_STRING: unknown = expect.any(String);
const PAYLOAD = JSON.stringify({ aps: { alert: 'hello' } });
const hourAgo = () => Math.floor(Date.now() / 1000) - 3601;

// Making keys takes seconds on a machine that is busy with other tests.
jest.setTimeout(30_000);

let simulator: Simulator;
let session: ClientHttp2Session;

beforeAll(async () => {
  simulator = await startSimulator({ topics: ['com.example.app', 'com.example.other'] });
  session = await connect(simulator.apnsUrl, simulator);
});
afterEach(() => {
  simulator.clearCommands();
  simulator.clearReceived();
});
afterAll(async () => {
  session.destroy();
  await simulator.close();
});

const push = (changes: OutgoingHttpHeaders = {}, body: string | Buffer = PAYLOAD) =>
  send(session, apnsHeaders(simulator, changes), body);

test('a push that is right is accepted, its apns-id echoed, and shown as received', async () => {
  const answer = await push({ 'apns-id': '6b7d5c6a-6b0e-4a2b-9b0b-0c3f5e1f2a3b', 'apns-collapse-id': 'c' });
  expect(answer).toMatchObject({
    status: 200,
    body: '',
    headers: { 'apns-id': '6b7d5c6a-6b0e-4a2b-9b0b-0c3f5e1f2a3b' },
  });
  const [received, ...more] = simulator.received();
  expect(more).toEqual([]);
  expect(received).toMatchObject({
    provider: 'apns',
    pushkey: DEVICE_TOKEN,
    headers: { 'apns-topic': 'com.example.app', 'apns-collapse-id': 'c' },
    payload: { aps: { alert: 'hello' } },
    status: 200,
  });
  expect(received?.at).toBeLessThanOrEqual(Date.now());
});

test('a push without apns-id gets one', async () => {
  expect((await push({ 'apns-id': undefined })).headers['apns-id']).toMatch(/^[0-9a-f-]{36}$/);
});

const REFUSED: [string, number, OutgoingHttpHeaders, (string | Buffer)?][] = [
  ['BadPath', 404, { ':path': '/3/devices/ab' }],
  ['MethodNotAllowed', 405, { ':method': 'PUT' }],
  ['MissingDeviceToken', 400, { ':path': '/3/device/' }],
  ['BadDeviceToken', 400, { ':path': `/3/device/${'ab'.repeat(31)}a` }],
  ['BadDeviceToken', 400, { ':path': `/3/device/${'zz'.repeat(32)}` }],
  ['BadDeviceToken', 400, { ':path': '/3/device/abcdef' }],
  ['BadDeviceToken', 400, { ':path': `/3/device/${'ab'.repeat(101)}` }],
  ['MissingProviderToken', 403, { authorization: undefined }],
  ['MissingProviderToken', 403, { authorization: 'Basic abc' }],
  ['InvalidProviderToken', 403, { authorization: 'bearer a.b.c' }],
  ['MissingTopic', 400, { 'apns-topic': undefined }],
  ['BadTopic', 400, { 'apns-topic': 'not a topic' }],
  ['TopicDisallowed', 400, { 'apns-topic': 'com.example.third' }],
  ['InvalidPushType', 400, { 'apns-push-type': 'loud' }],
  ['BadPriority', 400, { 'apns-priority': '7' }],
  ['BadPriority', 400, { 'apns-priority': '10', 'apns-push-type': 'background' }],
  ['BadPriority', 400, { 'apns-priority': undefined, 'apns-push-type': 'background' }],
  ['BadExpirationDate', 400, { 'apns-expiration': 'soon' }],
  ['BadExpirationDate', 400, { 'apns-expiration': '1700000000000' }],
  ['BadMessageId', 400, { 'apns-id': '42' }],
  ['BadCollapseId', 400, { 'apns-collapse-id': 'c'.repeat(65) }],
  ['PayloadEmpty', 400, {}, ''],
  ['PayloadEmpty', 400, {}, '[]'],
  ['PayloadEmpty', 400, {}, '{"aps":'],
  ['PayloadTooLarge', 413, {}, JSON.stringify({ aps: {}, x: 'x'.repeat(4083) })],
  ['PayloadTooLarge', 413, {}, Buffer.alloc(300_000, 'x')],
];
const refused = REFUSED.map(([reason, status, changes, body = PAYLOAD]) => ({ reason, status, changes, body }));
test.each(refused)('$reason: $changes', async ({ reason, status, changes, body }) => {
  const answer = await push(changes, body);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toEqual({ reason });
  expect(simulator.received()).toMatchObject([{ status, reason }]);
});

const ACCEPTED: [string, OutgoingHttpHeaders, string?][] = [
  ['the largest payload', {}, JSON.stringify({ aps: {}, x: 'x'.repeat(4096 - 17) })],
  ['a background push with priority 5', { 'apns-push-type': 'background', 'apns-priority': '5' }],
  ['the longest collapse id', { 'apns-collapse-id': 'c'.repeat(64) }],
  ['a larger VoIP payload', { 'apns-push-type': 'voip' }, JSON.stringify({ aps: {}, x: 'x'.repeat(5000) })],
  [
    'only what Apple requires',
    { 'apns-priority': undefined, 'apns-expiration': undefined, 'apns-push-type': undefined },
  ],
];
const accepted = ACCEPTED.map(([what, changes, body = PAYLOAD]) => ({ what, changes, body }));
test.each(accepted)('accepts $what', async ({ changes, body }) => {
  expect((await push(changes, body)).status).toBe(200);
});

describe('provider JWT', () => {
  const foreignKey = () =>
    generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey;
  test.each<[string, string, () => Parameters<typeof providerJwt>[1]]>([
    ['of another key', 'InvalidProviderToken', () => ({ key: foreignKey() })],
    ['of another team', 'InvalidProviderToken', () => ({ claims: { iss: 'OTHERTEAM1' } })],
    ['with another key id', 'InvalidProviderToken', () => ({ header: { kid: 'OTHERKEY01' } })],
    ['from the future (milliseconds)', 'InvalidProviderToken', () => ({ claims: { iat: Date.now() } })],
    ['older than an hour', 'ExpiredProviderToken', () => ({ claims: { iat: hourAgo() } })],
  ])('%s: %s', async (_what, reason, parts) => {
    const authorization = `bearer ${providerJwt(simulator, parts())}`;
    // Twice: the memory of good JWTs must not make a bad one good.
    expect(await push({ authorization })).toMatchObject({ status: 403, body: JSON.stringify({ reason }) });
    expect(await push({ authorization })).toMatchObject({ status: 403, body: JSON.stringify({ reason }) });
  });

  test('one that was good ages in the memory of good ones', async () => {
    let elapsedMs = 0;
    const aging = await startSimulator({ now: () => Date.now() + elapsedMs });
    const client = await connect(aging.apnsUrl, aging);
    const headers = apnsHeaders(aging);
    expect((await send(client, headers, PAYLOAD)).status).toBe(200);
    elapsedMs = 3_601_000;
    expect((await send(client, headers, PAYLOAD)).status).toBe(403);
    client.destroy();
    await aging.close();
  });

  test('none is looked at with verifyTokens: false', async () => {
    const lax = await startSimulator({ verifyTokens: false });
    const client = await connect(lax.apnsUrl, lax);
    expect((await send(client, apnsHeaders(lax, { authorization: undefined }), PAYLOAD)).status).toBe(200);
    client.destroy();
    await lax.close();
  });
});

describe('client certificate', () => {
  test('ours is as good as a JWT and names the topic', async () => {
    const pem = readFileSync(simulator.files.clientCertificate, 'utf8');
    const client = await connect(simulator.apnsUrl, simulator, { cert: pem, key: pem });
    const headers = apnsHeaders(simulator, { authorization: undefined, 'apns-topic': undefined });
    expect((await send(client, headers, PAYLOAD)).status).toBe(200);
    client.destroy();
  });

  test("somebody else's is a BadCertificate", async () => {
    const other = await startSimulator();
    const pem = readFileSync(other.files.clientCertificate, 'utf8');
    const client = await connect(simulator.apnsUrl, simulator, { cert: pem, key: pem });
    const answer = await send(client, apnsHeaders(simulator, { authorization: undefined }), PAYLOAD);
    expect(answer).toMatchObject({ status: 403, body: '{"reason":"BadCertificate"}' });
    client.destroy();
    await other.close();
  });
});

test('speaks HTTP/2 only, and is valid as localhost too', async () => {
  const http1 = connectTls({
    port: Number(new URL(simulator.apnsUrl).port),
    host: '127.0.0.1',
    ca: simulator.caPem,
    ALPNProtocols: ['http/1.1'],
  });
  await new Promise((resolve) => http1.once('error', resolve));
  const byName = await connect(simulator.apnsUrl.replace('127.0.0.1', 'localhost'), simulator);
  expect((await send(byName, apnsHeaders(simulator), PAYLOAD)).status).toBe(200);
  byName.destroy();
});

describe('on command', () => {
  test.each<[number, string]>([
    [400, 'BadDeviceToken'],
    [400, 'DeviceTokenNotForTopic'],
    [403, 'ExpiredProviderToken'],
    [429, 'TooManyRequests'],
    [429, 'TooManyProviderTokenUpdates'],
    [500, 'InternalServerError'],
    [503, 'ServiceUnavailable'],
  ])('%i %s', async (status, reason) => {
    simulator.command({ provider: 'apns', pushkey: DEVICE_TOKEN, answer: { status, reason } });
    const answer = await push();
    expect(answer).toMatchObject({ status, body: JSON.stringify({ reason }), headers: { 'apns-id': ANY_STRING } });
    expect(simulator.received()).toMatchObject([{ status, reason }]);
  });

  test('410 with the time of death, now unless given', async () => {
    simulator.command({ answer: { status: 410, reason: 'ExpiredToken', timestamp: 1_700_000_000_000 }, times: 1 });
    simulator.command({ answer: { status: 410 } });
    expect(JSON.parse((await push()).body)).toEqual({ reason: 'ExpiredToken', timestamp: 1_700_000_000_000 });
    const before = Date.now();
    const { reason, timestamp } = JSON.parse((await push()).body) as { reason: string; timestamp: number };
    expect(reason).toBe('Unregistered');
    expect(timestamp).toBeGreaterThanOrEqual(before);
  });

  test('a raw body, Retry-After and headers', async () => {
    simulator.command({ answer: { status: 503, body: '<html>', retryAfter: '7', headers: { 'x-a': 'b' } } });
    const answer = await push();
    expect(answer).toMatchObject({ status: 503, body: '<html>', headers: { 'retry-after': '7', 'x-a': 'b' } });
  });

  test('status 200 exempts a device from a global command, and is still judged', async () => {
    simulator.command({ answer: { status: 503 } });
    simulator.command({ pushkey: DEVICE_TOKEN, answer: { status: 200 } });
    expect((await push()).status).toBe(200);
    expect((await push({ 'apns-priority': '7' })).status).toBe(400);
    expect((await push({ ':path': `/3/device/${'cd'.repeat(32)}` })).status).toBe(503);
  });
});
