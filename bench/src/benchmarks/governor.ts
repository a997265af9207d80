import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dispatch } from '@reveille/provider';
import { createEnqueueDispatches } from '@reveille/queue';
import { fcmApp, startSimulator, type Simulator } from '@reveille/simulator';
import { z } from 'zod';
import { BenchProcess } from '../bench-process';
import { findBenchRedis, REDIS_PREFIX, startBenchRedis, type BenchRedis } from '../bench-redis';
import { FCM_APP } from '../notify-bodies';
import { toRow, type Row } from '../row';
import { roleScript } from '../workspace-paths';
import { delay, inRounds, type BenchContext, type Benchmark } from './benchmark';

/** A part of FCM's quota: the machine is not to be what holds it up. */
const PER_SECOND = 400;
const PER_MINUTE = PER_SECOND * 60;
const LATENCY_MS = 60;
const DISPATCHERS = 2;
/**
 * The provider's window, in measurements. Google's is a minute. The shorter it is, the more counts when exactly a push arrives, of which
 * 1.5 % of the window is all that the governor leaves for.
 */
const WINDOW_MEASUREMENTS = 3;
/** Until both have begun and what gathered before is used up. */
const WARM_UP_SECONDS = 3;
/** Pushes that the provider took by then, at least. */
const WARM_UP_COUNT = 200;
/** For what is sent while processes start and stop. */
const SPARE_SECONDS = 5;
const POLL_SECONDS = 0.02;
const SEED_AT_ONCE = 1000;
const HOUR_MS = 3_600_000;
/** Milliseconds. */
const LEAST_WINDOW_MS = 200;

/** What two dispatchers use of a quota that they share, out of a queue that never runs dry. */
export const governorBenchmark: Benchmark = {
  name: 'governor',
  summary: `${DISPATCHERS} dispatchers, a quota of ${PER_SECOND} pushes a second that they share, provider latency ${LATENCY_MS} ms`,
  async run(context) {
    const directory = mkdtempSync(join(tmpdir(), 'reveille-bench-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    const redis = await startBenchRedis(await findBenchRedis(), directory);
    const simulator = await startSimulator({ record: false, latencyMs: LATENCY_MS });
    const stage: Stage = { redis, simulator, directory, context };
    try {
      return toRows(await inRounds(context, () => measure(stage)));
    } finally {
      await simulator.close();
      await redis.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

interface Stage {
  readonly redis: BenchRedis;
  readonly simulator: Simulator;
  readonly directory: string;
  readonly context: BenchContext;
}

interface Measurement {
  readonly admitted: number;
  readonly refused: number;
  /** What the quota would have admitted. */
  readonly quota: number;
}

async function measure({ redis, simulator, directory, context }: Stage): Promise<Measurement> {
  const windowMs = Math.max(LEAST_WINDOW_MS, context.seconds * 1000 * WINDOW_MEASUREMENTS);
  const count = Math.round((PER_SECOND * windowMs) / 1000);
  await redis.clear();
  const warmUpSeconds = WARM_UP_SECONDS * Math.min(1, context.seconds);
  await seed(redis, Math.ceil(count + PER_SECOND * (warmUpSeconds + SPARE_SECONDS)));
  simulator.setQuota(undefined);
  const before = simulator.stats().accepted;
  const configFile = writeConfiguration(directory, redis, simulator);
  const dispatchers = await Promise.all(Array.from({ length: DISPATCHERS }, () => startDispatcher(configFile, context)));
  try {
    while (simulator.stats().accepted - before < WARM_UP_COUNT) await delay(POLL_SECONDS);
    await delay(warmUpSeconds);
    simulator.setQuota({ project: { count, windowMs, startsAt: Date.now() } });
    await delay(windowMs / 1000);
    const [window] = simulator.stats().quotaWindows;
    return { admitted: window?.admitted ?? 0, refused: window?.refused ?? 0, quota: count };
  } finally {
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop()));
  }
}

async function startDispatcher(configFile: string, { environment }: BenchContext): Promise<BenchProcess> {
  const own = Object.entries(environment).filter(([name]) => !name.startsWith('REVEILLE_') && name !== 'REDIS_URL');
  const dispatcher = new BenchProcess({
    name: 'dispatcher',
    script: roleScript('dispatcher'),
    args: ['--config', configFile],
    environment: Object.fromEntries(own),
  });
  await dispatcher.ready(z.unknown());
  return dispatcher;
}

function writeConfiguration(directory: string, redis: BenchRedis, simulator: Simulator): string {
  const file = join(directory, 'governor.yaml');
  const configuration = {
    metrics: { ports: { dispatcher: 0 } },
    redis: { url: redis.url, prefix: REDIS_PREFIX },
    privacy: { hash_key: 'bench-bench-bench-bench-bench-be' },
    apps: { [FCM_APP]: fcmApp(simulator, { quota: { per_minute: PER_MINUTE, ramp: 0 } }) },
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration), { mode: 0o600 });
  return file;
}

/** Puts pushes into the queue by the script that ingress uses, each for a device of its own. */
async function seed({ client }: BenchRedis, count: number): Promise<void> {
  const enqueue = createEnqueueDispatches({
    redis: client,
    prefix: REDIS_PREFIX,
    guard: { lua: 'return false' },
    duplicateWindowMs: HOUR_MS,
    queueLimit: () => ({ count: 10_000_000, ageMs: 0 }),
    countsMaxAgeMs: () => HOUR_MS,
    timeoutMs: HOUR_MS,
    now: Date.now,
  });
  for (let at = 0; at < count; at += SEED_AT_ONCE) {
    const dispatches = Array.from({ length: Math.min(SEED_AT_ONCE, count - at) }, newDispatch);
    const result = await enqueue(dispatches.map((dispatch) => ({ dispatch, appKey: FCM_APP })));
    if (!result.ok) throw new Error(`pushes could not be queued: ${result.detail}`);
  }
}

function newDispatch(): Dispatch {
  const id = randomUUID();
  const acceptedAt = Date.now();
  return {
    id,
    kind: 'event',
    acceptedAt,
    deadline: acceptedAt + HOUR_MS,
    deviceHash: id,
    device: { appId: FCM_APP, pushkey: `fcm:${id}`, defaultPayload: { kind: 'absent' } },
    notification: { eventId: `$${id}`, roomId: '!room:example.org', userIsTarget: false, priority: 'high', counts: {} },
  };
}

function toRows(rounds: readonly Measurement[]): Row[] {
  return [
    toRow({
      name: 'governor/used',
      unit: 'pushes',
      samples: rounds.map(({ admitted, quota }) => ({ value: admitted, limit: quota })),
      target: { figure: 'ratio', direction: 'at-least', than: 0.95 },
    }),
    toRow({
      name: 'governor/refused',
      unit: 'of 1',
      samples: rounds.map(({ admitted, refused }) => ({ value: refused / Math.max(1, admitted + refused) })),
      target: { figure: 'value', direction: 'at-most', than: 0.005 },
    }),
  ];
}
