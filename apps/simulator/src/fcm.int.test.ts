import { request as httpsRequest } from 'node:https';
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';

import type { Simulator } from './simulator';
import { startSimulator } from './start-simulator';
import { accessTokenFrom, connect, send } from './test-client';

const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';
const ANY_STRING: unknown = expect.any(String);
const TOKEN = 'fcm:registration-token_1';

// Making keys takes seconds on a machine that is busy with other tests.
jest.setTimeout(30_000);

let simulator: Simulator;
let session: ClientHttp2Session;
let accessToken: string;

beforeAll(async () => {
  simulator = await startSimulator();
  session = await connect(simulator.fcmUrl, simulator);
  accessToken = await accessTokenFrom(simulator);
});
afterEach(() => {
  simulator.clearCommands();
  simulator.clearReceived();
});
afterAll(async () => {
  session.destroy();
  await simulator.close();
});

const message = (changes: object = {}) => ({
  message: { token: TOKEN, data: { event_id: '$e' }, android: { priority: 'high', ttl: '60s' }, ...changes },
});

async function push(body: unknown = message(), headers: OutgoingHttpHeaders = {}) {
  const answer = await send(
    session,
    {
      ':method': 'POST',
      ':path': `/v1/projects/${simulator.projectId}/messages:send`,
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      ...headers,
    },
    typeof body === 'string' ? body : JSON.stringify(body),
  );
  return { ...answer, json: answer.body === '' ? undefined : (JSON.parse(answer.body) as unknown) };
}

test('a push that is right is accepted, named, and shown as received', async () => {
  const answer = await push();
  expect(answer.status).toBe(200);
  const name: unknown = expect.stringMatching(/^projects\/simulated-project\/messages\/0:/);
  expect(answer.json).toEqual({ name });
  expect(simulator.received()).toMatchObject([{ provider: 'fcm', pushkey: TOKEN, payload: message(), status: 200 }]);
});

test('HTTP/1.1 works too', async () => {
  const url = `${simulator.fcmUrl}/v1/projects/${simulator.projectId}/messages:send`;
  const status = await new Promise((resolve, reject) => {
    const request = httpsRequest(
      url,
      { method: 'POST', ca: simulator.caPem, headers: { authorization: `Bearer ${accessToken}` } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify(message()));
  });
  expect(status).toBe(200);
  expect(simulator.received()).toMatchObject([{ pushkey: TOKEN, status: 200 }]);
});

const INVALID: [string, unknown, string][] = [
  ['no token', message({ token: '' }), 'The registration token is not a valid FCM registration token'],
  ['a token with spaces', message({ token: 'a b' }), 'The registration token is not a valid FCM registration token'],
  ['a token that is a number', message({ token: 1 }), 'The registration token is not a valid FCM registration token'],
  ['no recipient', message({ token: undefined }), 'Recipient of the message is not set.'],
  ['two recipients', message({ topic: 'news' }), 'only one recipient'],
  ['a number in data', message({ data: { unread: 1 } }), "Invalid value at 'message.data' (TYPE_STRING)"],
  ['a null in data', message({ data: { unread: null } }), "Invalid value at 'message.data' (TYPE_STRING)"],
  ['an object in data', message({ data: { a: {} } }), "Invalid value at 'message.data' (TYPE_STRING)"],
  ['data that is an array', message({ data: ['a'] }), "Invalid value at 'message.data' (map)"],
  ['a reserved key', message({ data: { from: 'x' } }), 'Invalid data payload key: from'],
  ['4097 bytes of data', message({ data: { é: 'x'.repeat(4095) } }), 'too big'],
  ['an unknown field', message({ prio: 'high' }), `Unknown name "prio" at 'message'`],
  ['an unknown field outside', { ...message(), extra: 1 }, 'Unknown name "extra"'],
  ['no message', {}, 'The message is not set.'],
  ['an array', [], 'Root element must be a message.'],
  ['an unknown priority', message({ android: { priority: 'low' } }), "Invalid value at 'message.android.priority'"],
  ['a ttl without unit', message({ android: { ttl: '60' } }), "Invalid value at 'message.android.ttl'"],
  ['a ttl that is a number', message({ android: { ttl: 60 } }), "Invalid value at 'message.android.ttl'"],
  ['a negative ttl', message({ android: { ttl: '-1s' } }), "Invalid value at 'message.android.ttl'"],
  [
    'a ttl of more than four weeks',
    message({ android: { ttl: '2419201s' } }),
    "Invalid value at 'message.android.ttl'",
  ],
];
test.each(INVALID)('%s: INVALID_ARGUMENT', async (_what, body, expected) => {
  const { status, json } = await push(body);
  expect(status).toBe(400);
  const message: unknown = expect.stringContaining(expected);
  const details: unknown = expect.arrayContaining([{ '@type': FCM_ERROR, errorCode: 'INVALID_ARGUMENT' }]);
  expect(json).toEqual({ error: { code: 400, message, status: 'INVALID_ARGUMENT', details } });
});

test.each<[string, object]>([
  ['4096 bytes of data', { data: { é: 'x'.repeat(4094) } }],
  ['a ttl with a fraction, priority normal', { android: { ttl: '1.5s', priority: 'normal' } }],
  ['a ttl of four weeks', { android: { ttl: '2419200s' } }],
  ['other platforms and options', { apns: {}, webpush: {}, notification: {}, fcm_options: {} }],
  ['no data', { data: undefined }],
])('accepts %s', async (_what, changes) => {
  expect((await push(message(changes))).status).toBe(200);
});

test.each<[string, OutgoingHttpHeaders, number, string]>([
  ['no access token', { authorization: '' }, 401, 'UNAUTHENTICATED'],
  ['an access token of somebody else', { authorization: 'Bearer ya29.abc' }, 401, 'UNAUTHENTICATED'],
  ['the wrong project', { ':path': '/v1/projects/other/messages:send' }, 403, 'PERMISSION_DENIED'],
  ['the wrong path', { ':path': '/v1/messages:send' }, 404, 'NOT_FOUND'],
  ['the wrong method', { ':method': 'PUT' }, 404, 'NOT_FOUND'],
])('%s: no FcmError', async (_what, headers, code, status) => {
  const answer = await push(message(), headers);
  expect(answer.status).toBe(code);
  expect(answer.json).toEqual({ error: { code, message: ANY_STRING, status } });
});

test('what is not JSON is refused', async () => {
  expect(await push('{"message":')).toMatchObject({ status: 400, json: { error: { status: 'INVALID_ARGUMENT' } } });
  expect(simulator.received()).toMatchObject([{ pushkey: '', payload: '{"message":' }]);
});

test('an access token ends after an hour', async () => {
  let elapsedMs = 0;
  const aging = await startSimulator({ now: () => Date.now() + elapsedMs });
  const client = await connect(aging.fcmUrl, aging);
  const authorization = `Bearer ${await accessTokenFrom(aging)}`;
  const headers = { ':method': 'POST', ':path': `/v1/projects/${aging.projectId}/messages:send`, authorization };
  expect((await send(client, headers, JSON.stringify(message()))).status).toBe(200);
  elapsedMs = 3_600_000;
  expect((await send(client, headers, JSON.stringify(message()))).status).toBe(401);
  client.destroy();
  await aging.close();
});

test.each<[number, string, string]>([
  [404, 'UNREGISTERED', 'NOT_FOUND'],
  [400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  [403, 'SENDER_ID_MISMATCH', 'PERMISSION_DENIED'],
  [401, 'THIRD_PARTY_AUTH_ERROR', 'UNAUTHENTICATED'],
  [429, 'QUOTA_EXCEEDED', 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL', 'INTERNAL'],
  [503, 'UNAVAILABLE', 'UNAVAILABLE'],
])('on command: %i %s', async (status, errorCode, name) => {
  simulator.command({
    provider: 'fcm',
    pushkey: TOKEN,
    answer: { status, errorCode, message: 'as told', retryAfter: '30' },
  });
  const answer = await push();
  expect(answer).toMatchObject({ status, headers: { 'retry-after': '30' } });
  expect(answer.json).toEqual({
    error: { code: status, message: 'as told', status: name, details: [{ '@type': FCM_ERROR, errorCode }] },
  });
  expect(simulator.received()).toMatchObject([{ status, reason: errorCode }]);
});

test('on command: a bare 404 carries no FcmError', async () => {
  simulator.command({ provider: 'fcm', answer: { status: 404 } });
  expect((await push()).json).toEqual({
    error: { code: 404, message: 'Requested entity was not found.', status: 'NOT_FOUND' },
  });
});
