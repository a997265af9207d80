import type { SendOutcome } from '@reveille/provider';

import { toAnswer, type ApnsAnswer } from './answer';
import { toOutcome } from './outcome';

const NOW = 1_790_000_000_000;
const MINUTES_MS = 60_000;

function judge(status: number, body: unknown, headers: Record<string, string> = {}, hasToken = false): SendOutcome {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return toOutcome(toAnswer({ ok: true, status, headers, body: text }, 5), NOW, hasToken);
}

function verdict(status: number, reason: string, more: object = {}): Partial<SendOutcome> {
  const { answer, ...rest } = { answer: undefined, ...judge(status, { reason, ...more }) };
  expect(answer).toEqual({ status, reason, latencyMs: 5 });
  return rest;
}

test('200 is delivered', () => {
  expect(judge(200, '')).toEqual({ kind: 'delivered', answer: { status: 200, reason: 'Success', latencyMs: 5 } });
});

test.each([
  [400, 'BadDeviceToken'],
  [410, 'Unregistered'],
  [410, 'ExpiredToken'],
])('%d %s: the pushkey is dead', (status, reason) => {
  expect(verdict(status, reason)).toEqual({ kind: 'rejected', reason, diedAt: NOW, suspect: false });
});

describe('time of death', () => {
  test.each([
    [410, 'Unregistered', NOW - 1, NOW - 1],
    [410, 'ExpiredToken', NOW - 86_400_000, NOW - 86_400_000],
    [410, 'Unregistered', NOW + 1, NOW],
    [410, 'Unregistered', 'yesterday', NOW],
    [410, 'Unregistered', -1, NOW],
    [410, 'Unregistered', null, NOW],
    [400, 'BadDeviceToken', NOW - 1, NOW],
  ])('%d %s with timestamp %s', (status, reason, timestamp, diedAt) => {
    expect(verdict(status, reason, { timestamp })).toEqual({ kind: 'rejected', reason, diedAt, suspect: false });
  });
});

test('400 DeviceTokenNotForTopic: dead, but counted against the storm breaker', () => {
  const reason = 'DeviceTokenNotForTopic';
  expect(verdict(400, reason)).toEqual({ kind: 'rejected', reason, diedAt: NOW, suspect: true });
});

test.each([
  [400, 'TopicDisallowed'],
  [400, 'MissingTopic'],
  [400, 'BadTopic'],
  [403, 'BadCertificate'],
  [403, 'BadCertificateEnvironment'],
  [403, 'BadEnvironmentKeyIdInToken'],
  [403, 'ExpiredProviderToken'],
  [403, 'Forbidden'],
  [403, 'InvalidProviderToken'],
  [403, 'MissingProviderToken'],
  [403, 'UnrelatedKeyIdInToken'],
])('%d %s: our own mistake, parked', (status, reason) => {
  expect(verdict(status, reason)).toEqual({ kind: 'parked', reason });
});

test('429 TooManyRequests: this push only', () => {
  expect(verdict(429, 'TooManyRequests')).toEqual({ kind: 'deferred', reason: 'TooManyRequests', scope: 'push' });
});

test('429 TooManyProviderTokenUpdates, and an accepted JWT at hand: the whole app, for a minute at least', () => {
  const body = { reason: 'TooManyProviderTokenUpdates' };
  const expected = { kind: 'deferred', scope: 'app', retryAfterMs: MINUTES_MS };
  expect(judge(429, body, {}, true)).toMatchObject(expected);
  expect(judge(429, body, { 'retry-after': '5' }, true)).toMatchObject(expected);
  expect(judge(429, body, { 'retry-after': '120' }, true)).toMatchObject({ ...expected, retryAfterMs: 2 * MINUTES_MS });
});

test('429 TooManyProviderTokenUpdates, and no JWT that ever passed: the whole app, for 20 minutes at least', () => {
  const reason = 'TooManyProviderTokenUpdates';
  expect(verdict(429, reason)).toEqual({ kind: 'deferred', reason, scope: 'app', retryAfterMs: 20 * MINUTES_MS });
  expect(judge(429, { reason }, { 'retry-after': '60' })).toMatchObject({ retryAfterMs: 20 * MINUTES_MS });
  expect(judge(429, { reason }, { 'retry-after': '1800' })).toMatchObject({ retryAfterMs: 30 * MINUTES_MS });
});

test.each([
  [500, 'InternalServerError'],
  [503, 'ServiceUnavailable'],
  [503, 'Shutdown'],
])('%d %s: deferred', (status, reason) => {
  expect(verdict(status, reason)).toEqual({ kind: 'deferred', reason, scope: 'push' });
});

const statuses = [502, 504, 500, 503, 302, 204, 401, 407, 408, 418, 599];

test.each(statuses)('%d without a reason of Apple: deferred', (status) => {
  expect(judge(status, '<html>')).toMatchObject({ kind: 'deferred', reason: 'Unknown', scope: 'push' });
});

test.each([
  ['120', 120_000],
  [new Date(NOW + 5000).toUTCString(), 5000],
])('Retry-After: %s', (value, retryAfterMs) => {
  const outcome = judge(503, { reason: 'Shutdown' }, { 'retry-after': value });
  expect(outcome).toMatchObject({ kind: 'deferred', retryAfterMs });
});

test('a Retry-After that says nothing is no floor', () => {
  expect(judge(503, { reason: 'Shutdown' }, { 'retry-after': 'soon' })).not.toHaveProperty('retryAfterMs');
});

test.each([
  [413, 'PayloadTooLarge'],
  [400, 'BadCollapseId'],
  [400, 'BadExpirationDate'],
  [400, 'BadMessageId'],
  [400, 'BadPriority'],
  [400, 'DuplicateHeaders'],
  [400, 'IdleTimeout'],
  [400, 'InvalidPushType'],
  [400, 'MissingDeviceToken'],
  [400, 'PayloadEmpty'],
  [404, 'BadPath'],
  [405, 'MethodNotAllowed'],
])('%d %s: undeliverable', (status, reason) => {
  expect(verdict(status, reason)).toEqual({ kind: 'undeliverable', reason });
});

describe('answers that are not Apple’s JSON', () => {
  const notAnError = ['', 'not json', 'null', '[]', '{}', '"BadDeviceToken"'];
  const bodies = [...notAnError, '{"reason":5}', '{"reason":"user @alice said hi"}'];

  test.each([
    [400, 'undeliverable'],
    [403, 'parked'],
    [410, 'undeliverable'],
    [413, 'undeliverable'],
    [429, 'deferred'],
    [500, 'deferred'],
  ])('%d is judged by its status: %s; no text of theirs is passed on', (status, kind) => {
    for (const body of bodies) expect(judge(status, body)).toMatchObject({ kind, reason: 'Unknown' });
  });
});

test.each(['connect', 'tls', 'proxy', 'timeout', 'goaway', 'reset', 'closed', 'answer-too-large', 'protocol'] as const)(
  'no answer (%s): deferred',
  (kind) => {
    const answer: ApnsAnswer = toAnswer({ ok: false, kind, message: 'x', sent: true }, 5);
    expect(toOutcome(answer, NOW, false)).toEqual({
      kind: 'deferred',
      reason: kind,
      scope: 'push',
      answer: { reason: kind, latencyMs: 5 },
    });
  },
);

test('a key that cannot sign: parked', () => {
  const outcome = toOutcome({ kind: 'unsigned', latencyMs: 0 }, NOW, false);
  expect(outcome).toMatchObject({ kind: 'parked', reason: 'signing-failed' });
});
