import type { Environment } from '@reveille/config';
import { within } from '@reveille/observability';

import { ChaosStage } from '../chaos-stage';
import type { BuriedPush } from '../audit';
import { delay } from '../delay';
import { makeDevices } from '../devices';
import { startLoad } from '../load';
import { createPushFactory } from '../notification';
import { readBuried } from '../queues';
import { seededRandom, shuffle } from '../random';
import type { Bounds, Findings } from '../scenario';
import { PROVIDER_FAULTS, relayFaults, type ShortFault } from '../scenarios/short-faults';
import { settle } from '../settle';
import { SingleRedis } from '../single-redis';
import { violationsOf, type Violation } from '../violations';
import { growthOf, type Growth } from './growth';
import { takeSample, type Sample } from './sample';
import type { SoakOptions } from './soak-options';

export interface SoakResult {
  readonly findings: Findings;
  readonly bounds: Bounds;
  readonly violations: readonly Violation[];
  readonly growth: readonly Growth[];
  /** How often each fault came. */
  readonly faults: ReadonlyMap<string, number>;
}

export interface SoakContext {
  readonly environment: Environment;
  readonly progress: (line: string) => void;
}

const MS_PER_MINUTE = 60_000;
const MS_PER_S = 1000;
/** Few enough that each one's keys are there after the first quarter. */
const DEVICES = 400;
/** All faults come once in an eighth of the time, so that each window that is compared has all of them. */
const CYCLES = 8;
/** Never more often than this, in milliseconds. */
const FAULT_EVERY_MS = 5000;
const SAMPLE_EVERY_MS = 2000;
const PATIENCE_MS = 150_000;
/** Before that, buffers, streams and memory pools are still growing to their size. */
const LONG_ENOUGH_MINUTES = 10;
const RECORDS_PER_PUSH = 4;
/** What lives long by design is made short, so that Redis' size is that of the load. */
const SECTIONS = {
  dedupe: { window: '30s' },
  max_age: { counts: '1m' },
  dead_letters: { max_count: 100 },
};

/**
 * The young space begins at the size to which it grows anyway (`--max-semi-space-size` of production). Left alone it takes steps of
 * tens of megabytes whenever a fault makes requests wait, for a quarter of an hour, and would hide what grows for ever.
 */
const NODE_FLAGS = ['--min-semi-space-size=64'];

/** Steady load with all faults at a low rate, and what it does to processes and Redis. */
export async function runSoak(options: SoakOptions, { environment, progress }: SoakContext): Promise<SoakResult> {
  const { minutes, rate, seed } = options;
  const lengthMs = minutes * MS_PER_MINUTE;
  const pushes = Math.ceil((lengthMs / MS_PER_S) * rate);
  const devices = makeDevices(DEVICES, seed);
  const stage = await ChaosStage.open({
    startRedis: (directory) => SingleRedis.start('everysec', directory),
    devices,
    random: seededRandom(seed + 1),
    environment,
    sections: SECTIONS,
    nodeFlags: NODE_FLAGS,
    recordLimit: pushes * RECORDS_PER_PUSH,
  });
  try {
    await stage.ready(PATIENCE_MS);
    const makePush = createPushFactory(seededRandom(seed), seed);
    const startedAt = performance.now();
    const load = startLoad({ pushes, lengthMs, send: () => stage.homeserver.send(makePush(devices)) });
    const endAt = startedAt + lengthMs;
    const buried = new BuriedBook(stage.redis);
    const [samples, faults] = await Promise.all([
      takeSamples(stage, { startedAt, endAt, progress, buried }),
      inflictFaults(stage, endAt, lengthMs),
    ]).finally(() => load.stop());
    const findings = await settle(stage, { load, faultEndedAt: performance.now(), patienceMs: PATIENCE_MS, buried: buried.all });
    const bounds = boundsFor(pushes);
    return {
      findings,
      bounds,
      violations: violationsOf(findings, bounds),
      growth: growthOf(samples, lengthMs, minutes >= LONG_ENOUGH_MINUTES),
      faults,
    };
  } finally {
    await stage.close();
  }
}

function boundsFor(pushes: number): Bounds {
  return {
    // Calls and counts have a minute, and a push in hand-over to a process that dies waits for half of it.
    expired: Math.ceil(pushes * 0.02),
    secondPushes: Math.ceil(pushes * 0.2),
    readyMs: 30_000,
    delayMs: PATIENCE_MS,
  };
}

interface Sampling {
  readonly startedAt: number;
  readonly endAt: number;
  readonly progress: (line: string) => void;
  readonly buried: BuriedBook;
}

/** Notes what lies in the failed sets before it is too old for them. */
class BuriedBook {
  readonly #seen = new Map<string, BuriedPush>();

  constructor(private readonly redis: SingleRedis) {}

  get all(): readonly BuriedPush[] {
    return [...this.#seen.values()];
  }

  async look(): Promise<void> {
    if (this.redis.client.status !== 'ready') return;
    // It may go away in between: what lies there is still there at the next look.
    const found = await within(readBuried(this.redis.client).catch(() => []), SAMPLE_EVERY_MS, []);
    for (const each of found) this.#seen.set(`${each.pushkey} ${each.key}`, each);
  }
}

async function takeSamples(stage: ChaosStage<SingleRedis>, { startedAt, endAt, progress, buried }: Sampling): Promise<Sample[]> {
  const samples: Sample[] = [];
  let told = 0;
  while (performance.now() < endAt) {
    const sample = await takeSample(stage, performance.now() - startedAt);
    samples.push(sample);
    await buried.look();
    const minute = Math.floor(sample.atMs / MS_PER_MINUTE);
    if (minute > told) {
      told = minute;
      progress(`minute ${minute}: ${describe(sample)}`);
    }
    await delay(SAMPLE_EVERY_MS);
  }
  return samples;
}

function describe({ figures }: Sample): string {
  return Object.entries(figures)
    .filter(([name]) => !name.includes('p99'))
    .map(([name, value]) => `${name} ${value.toFixed(0)}`)
    .join('; ');
}

/** All faults in an order of chance, then all again in another. Returns how often each came. */
async function inflictFaults(stage: ChaosStage<SingleRedis>, endAt: number, lengthMs: number): Promise<Map<string, number>> {
  // The first process of each role is the one that is measured: it lives through everything.
  const all: readonly ShortFault[] = [...relayFaults((roles) => roles.slice(1)), ...PROVIDER_FAULTS];
  const everyMs = Math.max(FAULT_EVERY_MS, lengthMs / CYCLES / all.length);
  const counts = new Map<string, number>();
  for (;;) {
    for (const fault of shuffle(stage.random, all)) {
      const beganAt = performance.now();
      if (beganAt >= endAt - everyMs) return counts;
      await fault.inflict(stage);
      counts.set(fault.name, (counts.get(fault.name) ?? 0) + 1);
      await delay(Math.max(0, everyMs - (performance.now() - beganAt)));
    }
  }
}
