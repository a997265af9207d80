import { boundedLabel } from './bounded-label';
import type { RoleRegistry } from './role-registry';
import { within } from './within';

/** The states of a dispatch on Redis. `waiting` holds both lanes; `paused` is waiting while the app is parked. */
export type QueueState = 'waiting' | 'delayed' | 'active' | 'failed' | 'paused';

export interface QueueSample {
  readonly app: string;
  readonly state: QueueState;
  readonly depth: number;
  /** Milliseconds since the oldest one was accepted; absent if unknown. */
  readonly oldestAgeMs?: number;
}

/** What stops an app, as its gate on Redis says. */
export interface GateSample {
  readonly state: 'parked' | 'held' | 'outage' | 'probing' | 'recovering' | 'paused';
  /** While the cause is an outage of the provider: since when. */
  readonly out?: number;
}

export interface QueueMetrics {
  /** How to read the queues when somebody scrapes; at most every `QUEUE_SAMPLE_MS`, whoever asks. */
  readonly observeQueues: (read: () => Promise<readonly QueueSample[]>) => void;
  readonly setLedgerDifference: (app: string, difference: number) => void;
  /** Why the app does not run at full width; undefined: it does. */
  readonly setGate: (app: string, gate: GateSample | undefined) => void;
  /** Whether an operator lets its queue run empty. */
  readonly setDraining: (app: string, isDraining: boolean) => void;
}

/** Reading all queues costs Redis a few commands for each app: no oftener than this, however many scrape. */
export const QUEUE_SAMPLE_MS = 2_000;
/** A scrape is answered without the queues rather than late (Prometheus gives up after 10 s by default). */
export const QUEUE_READ_TIMEOUT_MS = 2_000;

/** Depth and age of the queues, read from Redis when scraped, for the roles that look at queues. */
export function createQueueMetrics(
  { gauge }: Pick<RoleRegistry, 'gauge'>,
  apps: readonly string[],
  now: () => number = () => performance.now(),
): QueueMetrics {
  const known = new Set(apps);
  let read: (() => Promise<readonly QueueSample[]>) | undefined;
  let sampled: { readonly at: number; readonly done: Promise<void> } | undefined;

  const collect = (): Promise<void> => {
    if (!read) {
      return Promise.resolve();
    }
    if (!sampled || now() - sampled.at >= QUEUE_SAMPLE_MS) {
      sampled = { at: now(), done: readInTime(read).then(store) };
    }
    return sampled.done;
  };
  // Each collects, since a scrape reads all metrics at once and none may be older than the others.
  const depth = gauge('reveille_queue_depth', collect);
  const oldest = gauge('reveille_queue_oldest_age_seconds', collect);
  const parkedApps = gauge('reveille_app_parked', collect); // a reader may learn it on the way
  const outages = gauge('reveille_app_provider_out', collect);
  const pausedApps = gauge('reveille_app_paused', collect);
  const drainingApps = gauge('reveille_app_draining', collect);
  const differences = gauge('reveille_ledger_difference', collect);
  for (const app of apps) {
    for (const each of [parkedApps, outages, pausedApps, drainingApps]) each.set({ app }, 0);
  }

  const store = (samples: readonly QueueSample[]): void => {
    // No figure is better than an old one that looks like now.
    depth.reset();
    oldest.reset();
    for (const app of apps) {
      if (!samples.some((sample) => sample.app === app)) differences.remove({ app });
    }
    for (const sample of samples) {
      const labels = { app: boundedLabel(known, sample.app), state: sample.state };
      depth.set(labels, sample.depth);
      if (sample.oldestAgeMs !== undefined) {
        oldest.set(labels, sample.oldestAgeMs / 1000);
      }
    }
  };

  return {
    observeQueues: (reader) => {
      read = reader;
    },
    setLedgerDifference: (app, difference) => differences.set({ app: boundedLabel(known, app) }, difference),
    setGate: (app, gate) => {
      const label = { app: boundedLabel(known, app) };
      const isOut = gate?.out !== undefined;
      // Until a probe has succeeded, an app counts as parked.
      const isParked = gate?.state === 'parked' || (gate?.state === 'probing' && !isOut);
      parkedApps.set(label, isParked ? 1 : 0);
      outages.set(label, isOut ? 1 : 0);
      pausedApps.set(label, gate?.state === 'paused' ? 1 : 0);
    },
    setDraining: (app, isDraining) => drainingApps.set({ app: boundedLabel(known, app) }, isDraining ? 1 : 0),
  };
}

async function readInTime(read: () => Promise<readonly QueueSample[]>): Promise<readonly QueueSample[]> {
  try {
    return await within(read(), QUEUE_READ_TIMEOUT_MS, []);
  } catch {
    return []; // Redis is away: reveille_redis_up says so
  }
}
