import type { SendOutcome } from '@reveille/provider';
import type { TransportFailureKind } from '@reveille/http2-transport';
import fc from 'fast-check';

import { isTokenRefused, MIN_RETRY_MS, QUOTA_RETRY_MS, tokenFailureToOutcome, toOutcome } from './outcome';
import type { FcmAnswer } from './outcome';
import { NOW } from './test-dispatch';

const LATENCY_MS = 12;
const INVALID_TOKEN = 'The registration token is not a valid FCM registration token';

interface Answer {
  readonly status: number;
  readonly errorCode?: string;
  readonly message?: string;
  readonly retryAfter?: string;
  readonly body?: string;
}

/** As Google writes it: https://firebase.google.com/docs/cloud-messaging/error-codes */
function answered({ status, errorCode, message = 'Some message.', retryAfter, body }: Answer): FcmAnswer {
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'message.data', description: 'x' }],
    },
    ...(errorCode === undefined ? [] : [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }]),
  ];
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  const text = body ?? JSON.stringify({ error: { code: status, message, status: 'SOME_STATUS', details } });
  return { result: { ok: true, status, headers, body: text }, latencyMs: LATENCY_MS };
}

const failed = (kind: TransportFailureKind): FcmAnswer => ({
  result: { ok: false, kind, message: 'for the log', sent: true },
  latencyMs: LATENCY_MS,
});

const rejected = { kind: 'rejected', diedAt: NOW, suspect: false };
const deferred = { kind: 'deferred', scope: 'push', retryAfterMs: MIN_RETRY_MS };
const quota = { kind: 'deferred', scope: 'app', retryAfterMs: QUOTA_RETRY_MS };

describe('every row of the table', () => {
  it.each<[string, Answer, object]>([
    ['200', { status: 200, body: '{"name":"projects/p/messages/1"}' }, { kind: 'delivered' }],
    ['200 that is not JSON', { status: 200, body: '' }, { kind: 'delivered' }],
    ['UNREGISTERED', { status: 404, errorCode: 'UNREGISTERED' }, { ...rejected, reason: 'UNREGISTERED' }],
    ['UNREGISTERED as a 400', { status: 400, errorCode: 'UNREGISTERED' }, rejected],
    [
      'INVALID_ARGUMENT for the token',
      { status: 400, errorCode: 'INVALID_ARGUMENT', message: INVALID_TOKEN },
      { ...rejected, reason: 'invalid-registration-token' },
    ],
    ['a 400 for the token without errorCode', { status: 400, message: INVALID_TOKEN }, rejected],
    [
      'INVALID_ARGUMENT for the token, as older answers have it',
      {
        status: 400,
        body: JSON.stringify({
          error: {
            message: 'Request contains an invalid argument.',
            details: [
              { errorCode: 'INVALID_ARGUMENT' },
              { fieldViolations: [{ field: 'message.token', description: 'Invalid registration token' }] },
            ],
          },
        }),
      },
      rejected,
    ],
    [
      'INVALID_ARGUMENT for anything else',
      { status: 400, errorCode: 'INVALID_ARGUMENT', message: "Invalid value at 'message.data[0].value' (TYPE_STRING)" },
      { kind: 'undeliverable', reason: 'INVALID_ARGUMENT' },
    ],
    ['a bare 400', { status: 400, body: '' }, { kind: 'undeliverable', reason: 'http-400' }],
    ['SENDER_ID_MISMATCH', { status: 403, errorCode: 'SENDER_ID_MISMATCH' }, { ...rejected, suspect: true }],
    ['404 without UNREGISTERED', { status: 404 }, { kind: 'parked', reason: 'http-404' }],
    ['404 that is not JSON', { status: 404, body: '<html>' }, { kind: 'parked' }],
    ['401', { status: 401 }, { kind: 'parked', reason: 'http-401' }],
    ['403', { status: 403 }, { kind: 'parked', reason: 'http-403' }],
    ['THIRD_PARTY_AUTH_ERROR', { status: 401, errorCode: 'THIRD_PARTY_AUTH_ERROR' }, { kind: 'parked' }],
    ['429 QUOTA_EXCEEDED', { status: 429, errorCode: 'QUOTA_EXCEEDED' }, { ...quota, reason: 'QUOTA_EXCEEDED' }],
    ['429 with seconds', { status: 429, retryAfter: '7' }, { ...quota, retryAfterMs: 7_000 }],
    [
      '429 with a date',
      { status: 429, errorCode: 'QUOTA_EXCEEDED', retryAfter: new Date(NOW + 90_000).toUTCString() },
      { ...quota, retryAfterMs: 90_000 },
    ],
    ['429 with nonsense', { status: 429, errorCode: 'QUOTA_EXCEEDED', retryAfter: 'soon' }, quota],
    ['a bare 429', { status: 429, body: '' }, { ...quota, reason: 'http-429' }],
    ['500', { status: 500, errorCode: 'INTERNAL' }, deferred],
    ['500 that is not JSON', { status: 500, body: '<html>' }, { ...deferred, reason: 'http-500' }],
    ['503 UNAVAILABLE', { status: 503, errorCode: 'UNAVAILABLE' }, { ...deferred, reason: 'UNAVAILABLE' }],
    ['503 with more', { status: 503, retryAfter: '120' }, { ...deferred, retryAfterMs: 120_000 }],
    ['503 with less', { status: 503, errorCode: 'UNAVAILABLE', retryAfter: '2' }, deferred],
    [
      '503 with a date',
      { status: 503, retryAfter: new Date(NOW + 45_000).toUTCString() },
      { ...deferred, retryAfterMs: 45_000 },
    ],
    ['502 of a load balancer', { status: 502, body: '<!DOCTYPE html>' }, deferred],
    ['504', { status: 504 }, deferred],
    ['a code that FCM has not', { status: 404, errorCode: 'SOMETHING_NEW' }, { kind: 'parked', reason: 'http-404' }],
    ['UNSPECIFIED_ERROR: the status decides', { status: 500, errorCode: 'UNSPECIFIED_ERROR' }, deferred],
    ['413', { status: 413, body: '' }, { kind: 'undeliverable', reason: 'http-413' }],
    ['a redirect', { status: 301, body: '' }, { kind: 'parked', reason: 'http-301' }],
  ])('%s', (_name, answer, expected) => {
    const outcome = toOutcome(answered(answer), NOW);
    expect(outcome).toMatchObject(expected);
    expect(outcome).toMatchObject({ answer: { status: answer.status, latencyMs: LATENCY_MS } });
  });

  it.each<TransportFailureKind>([
    'connect',
    'tls',
    'proxy',
    'timeout',
    'goaway',
    'reset',
    'closed',
    'answer-too-large',
    'protocol',
  ])('no answer: %s', (kind) => {
    const answer = { reason: kind, latencyMs: LATENCY_MS };
    expect(toOutcome(failed(kind), NOW)).toEqual({ ...deferred, reason: kind, answer });
  });
});

describe('failures of the token endpoint', () => {
  it('that refuse our credential park', () => {
    const failure = { ok: false, kind: 'refused', reason: 'token-invalid-grant', status: 400 } as const;
    const outcome = tokenFailureToOutcome(failure, LATENCY_MS);
    const answer = { status: 400, reason: 'token-invalid-grant', latencyMs: LATENCY_MS };
    expect(outcome).toEqual({ kind: 'parked', reason: 'token-invalid-grant', answer });
  });

  it.each([
    [undefined, MIN_RETRY_MS],
    [3_000, MIN_RETRY_MS],
    [30_000, 30_000],
  ])('that are none of our doing defer: Retry-After %p gives %d ms', (retryAfterMs, expected) => {
    const reason = 'token-timeout';
    const failure = { ok: false, kind: 'unavailable', reason, ...(retryAfterMs && { retryAfterMs }) } as const;
    const answer = { reason, latencyMs: LATENCY_MS };
    const outcome: SendOutcome = { kind: 'deferred', reason, scope: 'push', retryAfterMs: expected, answer };
    expect(tokenFailureToOutcome(failure, LATENCY_MS)).toEqual(outcome);
  });
});

describe('a refused access token', () => {
  it.each<[boolean, FcmAnswer]>([
    [true, answered({ status: 401 })],
    [true, answered({ status: 401, body: '' })],
    [false, answered({ status: 401, errorCode: 'THIRD_PARTY_AUTH_ERROR' })],
    [false, answered({ status: 403 })],
    [false, answered({ status: 200 })],
    [false, failed('timeout')],
  ])('%p', (expected, answer) => {
    expect(isTokenRefused(answer)).toBe(expected);
  });
});

it('judges any answer, and rejects only on the word of FCM', () => {
  const body = fc.oneof(fc.string(), fc.json(), fc.anything().map((error) => JSON.stringify({ error }) ?? ''));
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), body, fc.string(), (status, text, retryAfter) => {
      const outcome = toOutcome(answered({ status, body: text, retryAfter }), NOW);
      expect(outcome.kind).not.toBe('skipped');
      expect(outcome.kind).not.toBe('rejected');
    }),
  );
});
