import { createDispatcherMetrics, createLogger } from '@reveille/observability';
import type { Dispatch, ProviderAnswer, Rejected, SendOutcome } from '@reveille/provider';
import type { AppGate, DispatchJob } from '@reveille/queue';
import type { DispatchOutcome } from '@reveille/relay';
import { Writable } from 'node:stream';
import { createCircuitBreaker } from './circuit-breaker';
import { countStatistics } from './count-statistics';
import { processDispatch, type ProcessDeps } from './process-dispatch';

const NOW = 1_795_333_200_000;
const APP = 'com.example.ios';

const dispatch: Dispatch = {
  id: '9f0c2c6e-6a3b-4a57-9f0c-2c6e6a3b4a57',
  kind: 'event',
  acceptedAt: NOW - 500,
  deadline: NOW + 60_000,
  deviceHash: 'device-hash',
  device: { appId: APP, pushkey: 'sentinel-pushkey', defaultPayload: { kind: 'absent' } },
  notification: { eventId: '$e', userIsTarget: false, priority: 'high', counts: {} },
};

interface Recorded {
  readonly deps: ProcessDeps;
  readonly calls: string[];
  readonly lines: string[];
}

/** The functions that start-dispatcher.ts would wire, with the outcome of the attempt given. */
function wire(outcome: DispatchOutcome, probing = false): Recorded {
  const calls: string[] = [];
  const lines: string[] = [];
  const note = <T>(call: string, result: T): Promise<T> => {
    calls.push(call);
    return Promise.resolve(result);
  };
  const gate: AppGate = {
    current: undefined,
    read: () => Promise.resolve(undefined),
    park: (reason) => note(`park ${reason}`, true),
    hold: (reason, ms) => note(`hold ${reason} ${ms}`, true),
    interrupt: (reason) => note(`interrupt ${reason}`, true),
    worked: () => note('worked', probing),
    pause: () => Promise.resolve(true),
    resume: () => Promise.resolve(),
    tick: () => Promise.resolve(),
  };
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return {
    calls,
    lines,
    deps: {
      appKey: APP,
      dispatch: () => Promise.resolve(outcome),
      gate,
      breaker: createCircuitBreaker({ gate, now: () => NOW }),
      retry: { baseMs: 1000, capMs: 300_000 },
      now: () => NOW,
      random: () => 0.5,
      metrics: createDispatcherMetrics({ apps: [APP], processMetrics: false }),
      logger: createLogger({ role: 'dispatcher', level: 'trace', format: 'json', stream }),
    },
  };
}

const answer = (status: number | undefined, reason: string): ProviderAnswer => ({
  ...(status !== undefined && { status }),
  reason,
  latencyMs: 12,
});
const job = (attemptsMade = 0): DispatchJob => ({ dispatch, attemptsMade, isReplayed: false });

describe('an outcome becomes of a job', () => {
  const delivered: SendOutcome = { kind: 'delivered', answer: answer(200, 'ok') };
  const unregistered: Rejected = { kind: 'rejected', reason: 'Unregistered', diedAt: NOW, suspect: false, answer: answer(410, 'Unregistered') };

  it.each<[string, DispatchOutcome, object, string[]]>([
    ['delivered', delivered, { kind: 'done', end: 'delivered', reason: 'ok', answer: answer(200, 'ok') }, ['worked']],
    ['rejected', unregistered, { kind: 'done', end: 'rejected', reason: 'Unregistered', answer: answer(410, 'Unregistered') }, ['worked']],
    // Judged without asking the provider: says nothing about our credential.
    ['rejected unasked', { kind: 'rejected', reason: 'malformed-pushkey', diedAt: NOW, suspect: false }, { kind: 'done', end: 'rejected', reason: 'malformed-pushkey' }, []],
    ['skipped', { kind: 'skipped', reason: 'nothing-to-send' }, { kind: 'done', end: 'skipped', reason: 'nothing-to-send' }, []],
    ['superseded', { kind: 'superseded' }, { kind: 'done', end: 'superseded', reason: 'superseded' }, []],
    ['expired', { kind: 'expired' }, { kind: 'dead', letter: { outcome: 'expired', reason: 'deadline' } }, []],
    [
      'undeliverable',
      { kind: 'undeliverable', reason: 'PayloadTooLarge', answer: answer(413, 'PayloadTooLarge') },
      { kind: 'dead', letter: { outcome: 'dead', reason: 'PayloadTooLarge', provider_status: 413, provider_reason: 'PayloadTooLarge' } },
      ['worked'],
    ],
    ['a defect of the provider library', { kind: 'faulted', reason: 'hung' }, { kind: 'fault', reason: 'hung' }, []],
    ['parked', { kind: 'parked', reason: 'InvalidProviderToken', answer: answer(403, 'InvalidProviderToken') }, { kind: 'put-back' }, ['park InvalidProviderToken']],
    ['deferred', { kind: 'deferred', reason: 'timeout', scope: 'push', answer: answer(undefined, 'timeout') }, { kind: 'retry', delayMs: 500, reason: 'timeout', answer: answer(undefined, 'timeout') }, []],
    ['deferred with a floor', { kind: 'deferred', reason: 'UNAVAILABLE', scope: 'push', retryAfterMs: 10_000 }, { kind: 'retry', delayMs: 10_500, reason: 'UNAVAILABLE' }, []],
    [
      'held back in a storm: the provider took our credential',
      { kind: 'held-back', reason: 'rejection-storm', retryAfterMs: 30_000, rejection: unregistered, answer: answer(410, 'Unregistered') },
      { kind: 'retry', delayMs: 30_500, reason: 'rejection-storm', answer: answer(410, 'Unregistered') },
      ['worked'],
    ],
    ['held back unasked', { kind: 'held-back', reason: 'rejection-storm', retryAfterMs: 30_000 }, { kind: 'retry', delayMs: 30_500, reason: 'rejection-storm' }, []],
    ['deferred past its deadline', { kind: 'deferred', reason: 'UNAVAILABLE', scope: 'push', retryAfterMs: 61_000, answer: answer(503, 'UNAVAILABLE') }, { kind: 'dead', letter: { outcome: 'expired', reason: 'deadline', provider_status: 503, provider_reason: 'UNAVAILABLE' } }, []],
    ['deferred, whole app', { kind: 'deferred', reason: 'QUOTA_EXCEEDED', scope: 'app', retryAfterMs: 30_000 }, { kind: 'retry', delayMs: 30_500, reason: 'QUOTA_EXCEEDED' }, ['hold QUOTA_EXCEEDED 30000']],
    ['deferred, whole app, for another time', { kind: 'deferred', reason: 'QUOTA_EXCEEDED', scope: 'app', retryAfterMs: 30_000, quota: { holdMs: 1000 } }, { kind: 'retry', delayMs: 30_500, reason: 'QUOTA_EXCEEDED' }, ['hold QUOTA_EXCEEDED 1000']],
    ['over the quota of its app: not asked, no attempt', { kind: 'over-quota' }, { kind: 'put-back' }, []],
    ['over the quota of its device', { kind: 'over-quota', waitMs: 7000 }, { kind: 'wait', delayMs: 7000 }, []],
  ])('%s', async (_name, outcome, verdict, calls) => {
    const recorded = wire(outcome);
    expect(await processDispatch(job(), recorded.deps)).toEqual(verdict);
    expect(recorded.calls).toEqual(calls);
  });
});

it('waits longer with every attempt', async () => {
  const { deps } = wire({ kind: 'deferred', reason: 'timeout', scope: 'push' });
  expect(await processDispatch(job(3), deps)).toEqual({ kind: 'retry', delayMs: 4000, reason: 'timeout' });
});

it('makes a dead letter of a job that it cannot read, without an attempt', async () => {
  const { deps, calls } = wire({ kind: 'delivered', answer: answer(200, 'ok') });
  expect(await processDispatch({ dispatch: undefined, attemptsMade: 0, isReplayed: false }, deps)).toEqual({
    kind: 'dead', letter: { outcome: 'dead', reason: 'unreadable' },
  });
  expect(calls).toEqual([]);
});

it('says in one line how a dispatch ended, without its pushkey', async () => {
  const { deps, lines } = wire({ kind: 'delivered', answer: answer(200, 'ok') });
  await processDispatch(job(2), deps);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    dispatch_id: dispatch.id, device_hash: 'device-hash', app: APP, outcome: 'delivered', attempts: 3, since_accepted_ms: 500,
  });
  expect(lines.join('')).not.toContain('sentinel');
});

it.each([
  ['the time of a push is counted', false, 1],
  ['that of a replayed one is not, its end is', true, 0],
])('%s', async (_name, isReplayed, times) => {
  const { deps } = wire({ kind: 'delivered', answer: answer(200, 'ok') });
  const stats = createStatistics();
  await processDispatch({ ...job(), isReplayed }, { ...deps, metrics: countStatistics(deps.metrics, stats) });
  const counted = [...(await deps.metrics.registry.metrics()).matchAll(/^reveille_dispatcher_time_to_outcome_seconds_count\{.*\} (\d+)$/gm)];
  expect(counted.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(times);
  expect(await deps.metrics.registry.getSingleMetricAsString('reveille_dispatcher_outcomes_total')).toMatch(/outcome="delivered".*\} 1/);
  expect(stats.counted).toEqual(isReplayed ? ['delivered'] : ['500 ms']);
});

/** As the recorder of the queue's library takes it. */
function createStatistics() {
  const counted: string[] = [];
  return {
    counted,
    count: (_app: string, field: string) => void counted.push(field),
    delivered: (_app: string, ms: number) => void counted.push(`${ms} ms`),
    answered: () => undefined,
  };
}

it('counts the attempt as ended when it throws', async () => {
  const { deps } = wire({ kind: 'skipped', reason: 'x' });
  const failing = { ...deps, dispatch: () => Promise.reject(new Error('Redis is away')) };
  await expect(processDispatch(job(), failing)).rejects.toThrow('Redis is away');
  expect(await deps.metrics.registry.getSingleMetricAsString('reveille_dispatcher_in_flight')).toContain(`{app="${APP}"} 0`);
});
