import type { DispatcherMetrics, Logger } from '@reveille/observability';
import { readQueueKeys, readServedApps, settleOverdue, type RedisClient, type SettleOverdueOptions } from '@reveille/queue';
import { recordSettled } from './tend-app';

export interface TendRemovedOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The keys of the apps that are configured now. */
  readonly configured: ReadonlySet<string>;
  readonly deadLetters: SettleOverdueOptions['deadLetters'];
  readonly metrics: DispatcherMetrics;
  readonly logger: Logger;
  readonly onError: (error: Error) => void;
}

/** Milliseconds. Nobody waits for these pushes; only the books do. */
const EVERY_MS = 30_000;

/**
 * Pushes that still wait when their app leaves the configuration go out again if it comes back in time, and expire otherwise,
 * like those of a parked app. No worker takes them. Returns how to stop.
 */
export function tendRemovedApps(options: TendRemovedOptions): () => void {
  let isTending = false;
  const timer = setInterval(() => {
    if (isTending) return;
    isTending = true;
    settleAll(options)
      .catch(options.onError)
      .finally(() => (isTending = false));
  }, EVERY_MS);
  return () => clearInterval(timer);
}

async function settleAll(options: TendRemovedOptions): Promise<void> {
  const served = await readServedApps(options);
  for (const { appKey } of served.filter((app) => !options.configured.has(app.appKey))) {
    const queues = await readQueueKeys(options, appKey);
    const { maxAgeMs, maxCount } = options.deadLetters;
    const deadLetters = { maxAgeMs, maxCount: Math.ceil(maxCount / queues.length) };
    for (const queue of queues) {
      for (const one of await settleOverdue({ ...options, deadLetters, appKey: queue })) recordSettled(one, { ...options, appKey });
    }
  }
}
