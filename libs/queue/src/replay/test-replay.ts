import type { Dispatch } from '@reveille/provider';
import { eventually } from '@reveille/testing';
import { connectWorker, type RedisClient } from '../connect-redis';
import { createDispatchCodec, type DispatchCodec } from '../dispatch-codec';
import { createFailedPushes } from '../failed/failed-pushes';
import { putFailed, type PutPush } from '../failed/put-failed';
import { dispatch as testDispatch } from '../failed/test-failed';
import type { JobVerdict } from '../job-verdict';
import { useTestQueue, type TestQueue } from '../test-queue';
import { createReplays } from './create-replays';
import type { ReplayLimits } from './replay-options';
import type { Replay, ReplayRequest, Replays } from './replay-types';

export const LIMITS: ReplayLimits = { maxAgeMs: { event: 3_600_000, call: 60_000, counts: 600_000 }, queueLimit: { count: 100_000 } };
/** Everything, as fast as it goes. */
export const ALL: ReplayRequest = { filter: {}, includeExpired: false, rate: 10_000 };
/** With the device's hash behind it: when its pushkey died, in milliseconds. It stands for the memory of rejections, which is another library's. */
export const DEAD = 'test-dead:';

interface ReplayFixtures {
  readonly redis?: RedisClient;
  readonly codec?: DispatchCodec;
  readonly limits?: Partial<ReplayLimits>;
  /** Apps of the configuration. */
  readonly served?: readonly string[];
}

/** The queue of an app `a` with replays, see `useTestQueue`. */
export interface TestReplays extends TestQueue {
  readonly base: () => string;
  readonly replays: (fixtures?: ReplayFixtures) => Replays;
  /** Puts pushes of this minute into the failed set; resolves with their ids. */
  readonly fail: (pushes: readonly Partial<Dispatch>[], codec?: DispatchCodec, fields?: Partial<PutPush>) => Promise<string[]>;
  /** Works off replays until the test is over, or the function is called. */
  readonly engine: (replays: Replays) => () => Promise<void>;
  /** A dispatcher that writes down what it is given. */
  readonly sendTo: (sent: string[], verdict?: (dispatch: Dispatch, attemptsMade: number) => JobVerdict) => void;
  /** A connection of its own; closed after the test. */
  readonly connection: () => RedisClient;
  readonly difference: () => Promise<number>;
}

export function useTestReplays(): TestReplays {
  const test = useTestQueue();
  let ends: (() => Promise<void>)[] = [];
  let errors: unknown[] = [];
  afterEach(async () => {
    const ending = ends;
    ends = [];
    await Promise.all(ending.map((end) => end()));
    expect(errors).toEqual([]);
    errors = [];
  });
  return {
    ...test,
    base: () => `${test.prefix()}:{a}:`,
    replays({ redis = test.redis(), codec = createDispatchCodec(), served = ['a'], limits = {} } = {}) {
      const apps = () => Promise.resolve(['a']);
      const failed = createFailedPushes({ redis, prefix: test.prefix(), apps, codec });
      return createReplays({
        ...{ redis, prefix: test.prefix(), failed, apps, codec },
        limits: (appKey) => (served.includes(appKey) ? { ...LIMITS, ...limits } : undefined),
        look: { lua: `local diedAt = redis.call('GET', base .. '${DEAD}' .. device) return diedAt and pushkeyTs <= tonumber(diedAt) or false` },
        duplicateWindowMs: 60_000,
      });
    },
    async fail(pushes, codec = createDispatchCodec(), fields = {}) {
      const now = Date.now();
      const dispatches = pushes.map((each, index) => ({
        ...testDispatch({ acceptedAt: now - 60_000, deadline: now + 600_000, deviceHash: `device-${index}`, eventHash: `event-${index}` }),
        ...each,
      }));
      const letter = { outcome: 'dead', reason: 'http' } as const;
      for (const each of dispatches.filter(({ kind, deadline }) => kind === 'counts' && deadline > now)) {
        await test.redis().set(`${test.prefix()}:{a}:counts:${each.deviceHash}`, `${each.deadline}:${each.id}`);
      }
      await putFailed({ redis: test.redis(), prefix: test.prefix(), appKey: 'a', codec }, dispatches.map((each) => ({ dispatch: each, letter, failedAt: now - 1000, attempts: 5, ...fields })));
      return dispatches.map(({ id }) => id);
    },
    engine(replays) {
      const end = new AbortController();
      const working = replays.work({ signal: end.signal, onError: (error) => errors.push(error) });
      const stop = async (): Promise<void> => {
        end.abort();
        await working;
      };
      ends.push(stop);
      return stop;
    },
    sendTo(sent, verdict = () => ({ kind: 'done', end: 'delivered' })) {
      test.work(({ dispatch, attemptsMade }) => {
        if (!dispatch) throw new Error('unreadable');
        sent.push(dispatch.id);
        return Promise.resolve(verdict(dispatch, attemptsMade));
      });
    },
    connection() {
      const redis = connectWorker({ url: test.url() });
      ends.push(() => Promise.resolve(redis.disconnect()));
      return redis;
    },
    difference: async () => (await test.appQueue(Date.now).ledger()).difference,
  };
}

/** Resolves with the replay when it is over. */
export async function over(replays: Pick<Replays, 'read'>, id: string): Promise<Replay> {
  return eventually(async () => {
    const replay = await replays.read(id);
    return replay?.state === 'done' ? replay : undefined;
  });
}
