import type { QuotaTerms } from '@reveille/config';
import type { GovernorSample } from '@reveille/observability';
import type { SendOutcome, Dispatch } from '@reveille/provider';
import { createDeviceCounter, createQuotaBucket, quotaKey, appKeyBase, type AppGate, type RedisClient } from '@reveille/queue';
import type { DispatchDeps, Faulted } from '@reveille/relay';
import { randomUUID } from 'node:crypto';
import { createBudget } from './budget';
import { createDeviceQuota } from './device-quota';
import { governSend, type GovernorEvent } from './govern-send';

/** What keeps one app in this process within the quotas of its provider. */
export interface AppGovernor {
  readonly send: DispatchDeps['send'];
  /** Undefined: no quota of the app is known. */
  sample(): GovernorSample | undefined;
  /** What waits goes back to its queue, and nothing more is sent. */
  close(): void;
}

export interface AppGovernorOptions {
  readonly appKey: string;
  readonly prefix: string;
  /** Whose the quota is: apps with the same owner share it. */
  readonly owner: string;
  readonly terms: QuotaTerms;
  readonly redis: RedisClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly gate: Pick<AppGate, 'current'>;
  /** Sends one push, whatever the quota. */
  readonly send: (dispatch: Dispatch) => Promise<SendOutcome | Faulted>;
  /** How many pushes of the app this process may have in hand; undefined: as configured. */
  readonly setConcurrency: (count: number | undefined) => void;
  readonly onEvent: (event: GovernorEvent) => void;
}

/** How often it looks after itself, in milliseconds. */
const TICK_MS = 1000;

/** Starts governing one app. */
export function startAppGovernor(options: AppGovernorOptions): AppGovernor {
  const { appKey, prefix, owner, terms, redis, now, gate, onEvent } = options;
  const isRedisThere = (): boolean => redis.status === 'ready';
  const { perMinute, rampMs } = terms;
  const budget =
    perMinute === undefined
      ? undefined
      : createBudget({
          bucket: createQuotaBucket({ redis, key: quotaKey(prefix, owner), id: randomUUID(), perMinute, rampMs, now }),
          perMinute,
          isOut: () => gate.current?.state === 'outage' || (gate.current?.state === 'probing' && gate.current.out !== undefined),
          isRedisThere,
          now,
          later: laterOf,
        });
  const devices = createDeviceQuota({
    limits: terms.device,
    counter: createDeviceCounter({ redis, base: appKeyBase(prefix, appKey), limits: terms.device, now }),
    dispatchers: () => budget?.dispatchers() ?? 1,
    isRedisThere,
    now,
    random: Math.random,
  });
  let underWay = 0;
  const governed = governSend(
    async (dispatch) => {
      underWay += 1;
      try {
        return await options.send(dispatch);
      } finally {
        underWay -= 1;
      }
    },
    { budget, devices, now, onEvent },
  );
  const tick = (): void => {
    budget?.tick();
    const width = budget?.width();
    // What is taken out of the queue before its time cannot be overtaken by a more urgent push any more.
    options.setConcurrency(width === undefined ? undefined : underWay + width);
  };
  const timer = setInterval(tick, TICK_MS / 4);
  return {
    send: governed,
    sample: () => budget && { app: appKey, perMinute: budget.perMinute(), waiting: budget.waiting() },
    close() {
      clearInterval(timer);
      budget?.close();
    },
  };
}

function laterOf(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
}
