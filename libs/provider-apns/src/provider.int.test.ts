import type { Dispatch, SendOutcome } from '@reveille/provider';
import { startSimulator } from '@reveille/simulator';
import { z } from 'zod';

import { answer, delivered, event, HOUR_MS, sendUntilDelivered, useTestApns } from './test-apns';
import { testDispatch, TOKEN_HEX } from './test-dispatch';

const { simulator, startProvider } = useTestApns(startSimulator);

test('a push arrives with its headers and payload', async () => {
  const provider = startProvider();
  const dispatch = event();
  expect(await provider.send(dispatch)).toMatchObject(delivered);
  const [push] = simulator().received();
  expect(push).toMatchObject({
    pushkey: TOKEN_HEX,
    status: 200,
    headers: {
      'apns-id': dispatch.id,
      'apns-topic': simulator().apns.topic,
      'apns-push-type': 'alert',
      'apns-priority': '10',
      'apns-expiration': String(Math.floor(dispatch.deadline / 1000)),
      'apns-collapse-id': '$event1',
    },
  });
  expect(push?.payload).toEqual({
    aps: { alert: { 'loc-key': 'MSG_FROM_USER', 'loc-args': [' '] }, badge: 1 },
    room_id: '!room',
    event_id: '$event1',
  });
});

test('200 pushes at once: each with its own headers and payload, all with one JWT', async () => {
  const provider = startProvider();
  const outcomes = await Promise.all(Array.from({ length: 200 }, (_, number) => provider.send(event(number))));
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['delivered']));
  const received = simulator().received();
  expect(new Set(received.map(({ headers }) => headers.authorization)).size).toBe(1);
  const seen = received.map(({ headers, payload }) => [
    headers['apns-id']?.slice(-3),
    z.object({ event_id: z.string() }).parse(payload).event_id,
  ]);
  expect(new Set(seen.map(String)).size).toBe(200);
  for (const [id, eventId] of seen) expect(eventId).toBe(`$event${Number(id)}`);
}, 30_000);

test('with a client certificate, and no JWT', async () => {
  const provider = startProvider({ certfile: simulator().files.clientCertificate });
  expect(await provider.send(event())).toMatchObject(delivered);
  expect(simulator().received()[0]?.headers).toMatchObject({ 'apns-topic': simulator().apns.topic });
  expect(simulator().received()[0]?.headers).not.toHaveProperty('authorization');
  const [expiry] = provider.credentials();
  expect(expiry?.credential).toBe('certificate');
  expect(expiry?.expiresAt).toBeGreaterThan(Date.now());
});

test('push_type and hexadecimal pushkeys as the settings say', async () => {
  const provider = startProvider({ push_type: 'background', convert_device_token_to_hex: false });
  expect(await provider.send(event(1, TOKEN_HEX))).toMatchObject(delivered);
  expect(simulator().received()[0]).toMatchObject({
    pushkey: TOKEN_HEX,
    headers: { 'apns-push-type': 'background', 'apns-priority': '5' },
  });
  expect(await provider.send(event(1, 'not hex'))).toMatchObject({ kind: 'rejected', suspect: true });
});

describe('nothing is sent', () => {
  const now = () => 1_790_000_000_000;
  const malformed = { kind: 'rejected', reason: 'malformed-pushkey', diedAt: now(), suspect: false } as const;

  test.each<[string, Dispatch, SendOutcome]>([
    ['a pushkey that is no base64', event(1, '!'), malformed],
    ['an empty pushkey', event(1, ''), malformed],
    ['a pushkey that no header could hold', event(1, 'AAAA'.repeat(25_000)), malformed],
    [
      'a malformed template',
      testDispatch({ device: { defaultPayload: { kind: 'malformed' } } }),
      { kind: 'rejected', reason: 'malformed-default-payload', diedAt: now(), suspect: false },
    ],
    ['nothing to say', testDispatch(), { kind: 'skipped', reason: 'nothing-to-send' }],
    [
      'an odd template',
      testDispatch({ facts: { type: 'm.room.message' }, template: { aps: [] } }),
      { kind: 'undeliverable', reason: 'malformed-aps' },
    ],
  ])('%s', async (_name, dispatch, outcome) => {
    const provider = startProvider({}, { now });
    expect(await provider.send(dispatch)).toEqual(outcome);
    expect(simulator().received()).toEqual([]);
  });
});

describe('every answer', () => {
  const died = Date.now() - HOUR_MS;

  test.each<[number, string | undefined, object, object]>([
    [400, 'BadDeviceToken', {}, { kind: 'rejected', suspect: false }],
    [410, 'Unregistered', { timestamp: died }, { kind: 'rejected', diedAt: died, suspect: false }],
    [410, 'ExpiredToken', { timestamp: died }, { kind: 'rejected', diedAt: died, suspect: false }],
    [400, 'DeviceTokenNotForTopic', {}, { kind: 'rejected', suspect: true }],
    [400, 'TopicDisallowed', {}, { kind: 'parked' }],
    [400, 'MissingTopic', {}, { kind: 'parked' }],
    [400, 'BadTopic', {}, { kind: 'parked' }],
    [403, 'InvalidProviderToken', {}, { kind: 'parked' }],
    [403, 'MissingProviderToken', {}, { kind: 'parked' }],
    [403, 'BadCertificate', {}, { kind: 'parked' }],
    [403, 'ExpiredProviderToken', {}, { kind: 'parked' }],
    [429, 'TooManyRequests', {}, { kind: 'deferred', scope: 'push' }],
    [429, 'TooManyProviderTokenUpdates', {}, { kind: 'deferred', scope: 'app', retryAfterMs: 1_200_000 }],
    [500, 'InternalServerError', {}, { kind: 'deferred', scope: 'push' }],
    [503, 'ServiceUnavailable', { retryAfter: '30' }, { kind: 'deferred', retryAfterMs: 30_000 }],
    [502, undefined, { body: '<html>' }, { kind: 'deferred', reason: 'Unknown' }],
    [504, undefined, { body: '' }, { kind: 'deferred', reason: 'Unknown' }],
    [413, 'PayloadTooLarge', {}, { kind: 'undeliverable' }],
    [400, 'BadPriority', {}, { kind: 'undeliverable' }],
    [404, 'BadPath', {}, { kind: 'undeliverable' }],
    [405, 'MethodNotAllowed', {}, { kind: 'undeliverable' }],
  ])('%d %s %j', async (status, reason, more, outcome) => {
    simulator().command(answer(status, reason, more));
    const expected = { ...(reason !== undefined && { reason }), ...outcome, answer: { status } };
    expect(await startProvider().send(event())).toMatchObject(expected);
  });

  test.each([
    ['hang', 'timeout'],
    ['close', 'closed'],
    ['reset', 'reset'],
    ['huge', 'answer-too-large'],
  ] as const)('%s: deferred, and the next push passes', async (fault, reason) => {
    simulator().command({ provider: 'apns', times: 1, answer: { fault } });
    const provider = startProvider({}, { requestTimeoutMs: 500 });
    expect(await provider.send(event())).toMatchObject({ kind: 'deferred', scope: 'push', reason });
    expect(await sendUntilDelivered(provider, event(2))).toMatchObject(delivered);
  });

  test('GOAWAY without taking the stream: the push passes on a new session, or is deferred', async () => {
    const provider = startProvider();
    await provider.send(event());
    simulator().command({ provider: 'apns', times: 1, answer: { fault: 'goaway' } });
    const { kind } = await provider.send(event(2));
    expect(['delivered', 'deferred']).toContain(kind);
    expect(await sendUntilDelivered(provider, event(3))).toMatchObject(delivered);
  });

  test('GOAWAY with pushes in flight: all of them pass, each once', async () => {
    const provider = startProvider();
    await provider.send(event(0));
    simulator().command({ provider: 'apns', times: 50, latencyMs: 100, answer: { status: 200 } });
    const sending = Promise.all(Array.from({ length: 50 }, (_, number) => provider.send(event(number + 1))));
    await simulator().waitForReceived(51);
    simulator().goaway();
    expect((await sending).map(({ kind }) => kind)).toEqual(Array.from({ length: 50 }, () => 'delivered'));
    expect(simulator().received()).toHaveLength(51);
  });
});

test('nobody listens: deferred', async () => {
  const provider = startProvider({ url: 'https://127.0.0.1:1' });
  const outcome = { kind: 'deferred', scope: 'push', answer: { reason: 'connect' } };
  expect(await provider.send(event())).toMatchObject(outcome);
});

test('a proxy where nobody listens: deferred', async () => {
  const origins: string[] = [];
  const proxy = (origin: string) => {
    origins.push(origin);
    return 'http://127.0.0.1:1';
  };
  expect(await startProvider({}, { proxy }).send(event())).toMatchObject({ kind: 'deferred', scope: 'push' });
  expect(origins).toEqual([simulator().apnsUrl]);
  expect(simulator().received()).toEqual([]);
});

test('an authority that nobody trusts: deferred', async () => {
  const provider = startProvider({ ca_file: undefined });
  expect(await provider.send(event())).toMatchObject({ kind: 'deferred', reason: 'tls' });
});

test('neither the pushkey nor anything of the push is in an outcome', async () => {
  const provider = startProvider({}, { requestTimeoutMs: 500 });
  const outcomes: SendOutcome[] = [];
  const echo = answer(400, undefined, { body: `{"reason":"${TOKEN_HEX}"}` });
  for (const command of [echo, answer(400, 'BadDeviceToken')]) {
    simulator().clearCommands();
    simulator().command(command);
    outcomes.push(await provider.send(event()));
  }
  outcomes.push(await provider.send(event(1, 'Secret!')));
  expect(JSON.stringify(outcomes)).not.toMatch(new RegExp(`${TOKEN_HEX}|Secret|event1|room`));
});
