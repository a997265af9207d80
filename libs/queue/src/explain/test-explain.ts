import { eventually } from '@reveille/testing';
import { createDispatchCodec, type DispatchCodec } from '../dispatch-codec';
import { createDispatchWorker, type DispatchJob, type DispatchWorker } from '../dispatch-worker';
import { createEnqueueDispatches } from '../enqueue-dispatches';
import { dispatch as testDispatch } from '../failed/test-failed';
import type { JobVerdict } from '../job-verdict';
import { settleOverdue } from '../settle-overdue';
import { HOST_CLOCK, useTestQueue, type TestQueue } from '../test-queue';
import type { Dispatch } from '@reveille/provider';
import { createExplain } from './create-explain';
import type { Explanation, TracedDispatch } from './explain-types';

/** Set for a device whose pushkey is dead: stands for the memory of rejections, which is another library's. */
export const DEAD = 'test-dead:';
export const EVENT = 'event-1';
export const DEVICE = 'device-1';
export const INGRESS = 'relay-1:42';
export const DAY_MS = 86_400_000;
const ACCEPTING = { enabled: true, keepMs: DAY_MS, maxPushes: 1000, ingress: INGRESS, queueLimit: 1e6 };

export interface ExplainFixture {
  readonly codec?: DispatchCodec;
  /** Milliseconds since the epoch; default: now. */
  readonly at?: number;
  /** False: as with `explain.enabled: false`. */
  readonly enabled?: boolean;
  readonly keepMs?: number;
  readonly maxPushes?: number;
  readonly ingress?: string;
  readonly queueLimit?: number;
  readonly withoutEvent?: boolean;
}

interface Asked {
  readonly eventHash?: string;
  readonly deviceHash?: string;
}

/** The queue of an app `a` and what is remembered of its pushes, see `useTestQueue`. */
export interface TestExplain extends Omit<TestQueue, 'work'> {
  readonly base: () => string;
  /** Accepts pushes of `EVENT` for `DEVICE`, or with the fields given, in one batch; resolves with the verdicts. */
  readonly accept: (dispatches: readonly Partial<Dispatch>[], fixture?: ExplainFixture) => Promise<readonly string[]>;
  readonly work: (process: (job: DispatchJob) => JobVerdict | Promise<JobVerdict>, fixture?: ExplainFixture & { readonly deadLetters?: number }) => DispatchWorker;
  /** As the dispatchers' sweep does it. */
  readonly sweep: (at: number) => Promise<unknown>;
  /** Resolves when the one dispatch of `EVENT` has ended. */
  readonly ended: () => Promise<Explanation>;
  readonly explain: (asked?: Asked, fixture?: ExplainFixture) => Promise<Explanation>;
}

export function useTestExplain(): TestExplain {
  const test = useTestQueue();
  let workers: DispatchWorker[] = [];
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.close(1000)));
    workers = [];
  });
  const app = () => ({ redis: test.redis(), prefix: test.prefix(), appKey: 'a' });

  return {
    ...test,
    base: () => `${test.prefix()}:{a}:`,
    async accept(dispatches, fixture = {}) {
      const { at, codec, enabled, keepMs, maxPushes, ingress, queueLimit } = { ...ACCEPTING, at: Date.now(), ...fixture };
      const enqueue = createEnqueueDispatches({
        ...app(),
        guard: { lua: `return redis.call('EXISTS', base .. '${DEAD}' .. device) == 1` },
        ...(codec && { codec }),
        ...(enabled && { explain: { keepMs, maxPushes, ingress } }),
        duplicateWindowMs: 60_000,
        queueLimit: () => ({ count: queueLimit, ageMs: 0 }),
        countsMaxAgeMs: () => 60_000,
        timeoutMs: 5000,
        now: () => at,
      });
      const requests = dispatches.map((fields) => {
        const { eventHash = EVENT, ...dispatch } = testDispatch({ acceptedAt: at, deadline: at + 60_000, deviceHash: DEVICE, eventHash: EVENT, ...fields });
        if (fixture.withoutEvent === true) return { appKey: 'a', dispatch };
        return { appKey: 'a', dispatch: { ...dispatch, eventHash }, duplicateKey: `${dispatch.deviceHash}${eventHash}` };
      });
      const result = await enqueue(requests);
      return result.ok ? result.verdicts : [result.detail];
    },
    work(process, { enabled = true, codec = createDispatchCodec(), deadLetters = 100 } = {}) {
      const worker = createDispatchWorker({
        ...app(),
        codec,
        clock: HOST_CLOCK,
        concurrency: 10,
        deadLetters: { maxAgeMs: DAY_MS, maxCount: deadLetters },
        explain: enabled,
        process: async (job) => process(job),
        onPoison: () => undefined,
        onError: () => undefined,
      });
      workers.push(worker);
      return worker;
    },
    sweep: (at) => settleOverdue({ ...app(), deadLetters: { maxAgeMs: DAY_MS, maxCount: 100 }, now: () => at }),
    explain,
    ended: () =>
      eventually(async () => {
        const explanation = await explain();
        return onlyOf(explanation).outcome !== null && explanation;
      }),
  };

  function explain({ eventHash = EVENT, deviceHash }: Asked = {}, fixture: ExplainFixture = {}): Promise<Explanation> {
    const { at = Date.now(), codec, enabled, keepMs, maxPushes } = { ...ACCEPTING, ...fixture };
    const ask = createExplain({
      ...{ redis: test.redis(), prefix: test.prefix(), remembered: { enabled, keepMs, maxPushes } },
      ...(codec && { codec }),
      now: () => at,
    });
    return ask({ appKey: 'a', eventHash, deviceHash });
  }
}

export const DELIVERED: JobVerdict = { kind: 'done', end: 'delivered', reason: 'Success', answer: { status: 200, reason: 'Success' } };
export const RETRY: JobVerdict = { kind: 'retry', delayMs: 1, reason: 'http', answer: { status: 503, reason: 'ServiceUnavailable' } };
export const DEAD_LETTER: JobVerdict = { kind: 'dead', letter: { outcome: 'dead', reason: 'refused', provider_status: 413, provider_reason: 'PayloadTooLarge' } };

/** The one dispatch that is known. */
export function onlyOf({ devices }: Explanation): TracedDispatch {
  const [dispatch, ...others] = devices.flatMap(({ dispatches }) => dispatches);
  if (!dispatch || others.length > 0) throw new Error(`${devices.length} devices and ${others.length} other dispatches`);
  return dispatch;
}
