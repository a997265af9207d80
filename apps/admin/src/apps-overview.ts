import type { AppView, StormView } from '@reveille/admin-api';
import { within } from '@reveille/observability';
import { toIso } from '@reveille/operations';
import { readControls, type AppControls, type AppQueue, type GateState, type QueueCounts, type RedisClient } from '@reveille/queue';
import type { Storm } from '@reveille/rejections';

/** What of an app comes from elsewhere than its queue. */
export type AppStatistics = Pick<AppView, 'rates' | 'time_to_delivery_ms' | 'answers'>;

export interface AppsOverviewOptions {
  readonly queues: readonly AppQueue[];
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly readStorm: (appKey: string) => Promise<Storm | undefined>;
  readonly readStatistics: (appKey: string) => Promise<AppStatistics>;
  /** Of all apps, by key. */
  readonly readCredentials: () => Promise<ReadonlyMap<string, AppView['credentials']>>;
}

export interface AppsOverview {
  /** All apps in the order of the configuration; one whose part of Redis does not answer is `unreachable`. */
  readAll(): Promise<AppView[]>;
  read(appKey: string): Promise<AppView>;
}

/** The page asks every two seconds, and an app whose slot of a Cluster is away must not keep the others from it. Milliseconds. */
const APP_TIMEOUT_MS = 1000;
/** Answers of the provider that are shown, the most frequent. */
const MAX_ANSWERS = 20;

export function createAppsOverview(options: AppsOverviewOptions): AppsOverview {
  const { queues, readCredentials } = options;
  const looks = new Map(queues.map((queue) => [queue.appKey, oneAtATime(() => readApp(queue, options))]));
  const credentialsNow = async (): ReturnType<typeof readCredentials> =>
    within(readCredentials().catch(() => new Map<string, never>()), APP_TIMEOUT_MS, new Map<string, never>());

  const look = async (appKey: string): Promise<Omit<AppView, 'credentials'>> => {
    const reading = looks.get(appKey)?.().catch(() => undefined);
    return (await within(reading ?? Promise.resolve(undefined), APP_TIMEOUT_MS, undefined)) ?? unreachable(appKey);
  };
  return {
    async readAll() {
      const [credentials, ...apps] = await Promise.all([credentialsNow(), ...queues.map(({ appKey }) => look(appKey))]);
      return apps.map((app) => ({ ...app, credentials: credentials.get(app.app) ?? [] }));
    },
    async read(appKey) {
      const [credentials, app] = await Promise.all([credentialsNow(), look(appKey)]);
      return { ...app, credentials: credentials.get(appKey) ?? [] };
    },
  };
}

async function readApp(queue: AppQueue, { redis, prefix, readStorm, readStatistics }: AppsOverviewOptions): Promise<Omit<AppView, 'credentials'>> {
  const { appKey } = queue;
  const [counts, gate, controls, storm, statistics] = await Promise.all([
    queue.counts(),
    queue.gate.read(),
    readControls({ redis, prefix }, appKey),
    readStorm(appKey),
    readStatistics(appKey),
  ]);
  return {
    app: appKey,
    ...toState(gate, counts),
    ...toControls(controls),
    ...toCounts(counts),
    ...statistics,
    answers: statistics.answers.slice(0, MAX_ANSWERS),
    storm: storm ? toStormView(storm) : null,
  };
}

function toState(gate: GateState | undefined, { paused }: QueueCounts): Pick<AppView, 'state' | 'reason' | 'since' | 'until' | 'paused_by'> {
  if (!gate) return { state: paused ? 'paused' : 'running', reason: null, since: null, until: null, paused_by: null };
  const { state, reason, since, until, by } = gate;
  return { state, reason, since: toIso(since), until: until > 0 ? toIso(until) : null, paused_by: by ?? null };
}

function toControls({ draining, concurrency }: AppControls): Pick<AppView, 'draining' | 'concurrency_limit'> {
  return { draining, concurrency_limit: concurrency ?? null };
}

function toCounts({ waiting, delayed, active, failed, oldestWaitingMs }: QueueCounts) {
  return { waiting, delayed, active, failed, oldest_waiting_ms: oldestWaitingMs };
}

export function toStormView({ since, state, reason, held, probed, acceptedAgain, needsOperator }: Storm): StormView {
  return { since: toIso(since), state, reason, held, probed, accepted_again: acceptedAgain, needs_operator: needsOperator };
}

function unreachable(appKey: string): Omit<AppView, 'credentials'> {
  return {
    app: appKey,
    ...{ state: 'unreachable', reason: 'redis does not answer for this app', since: null, until: null, paused_by: null },
    ...{ draining: false, concurrency_limit: null },
    ...{ waiting: 0, delayed: 0, active: 0, failed: 0, oldest_waiting_ms: 0 },
    ...{ rates: { accepted: 0, delivered: 0, rejected: 0, failed: 0 }, time_to_delivery_ms: null, answers: [] },
    storm: null,
  };
}

/** A look that waits for Redis is not repeated: who asks meanwhile shares it. */
function oneAtATime<Value>(look: () => Promise<Value>): () => Promise<Value> {
  let underWay: Promise<Value> | undefined;
  return () => {
    underWay ??= look().finally(() => (underWay = undefined));
    return underWay;
  };
}
