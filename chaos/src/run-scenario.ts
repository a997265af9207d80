import type { Environment } from '@reveille/config';

import type { ChaosRedis } from './chaos-redis';
import { ChaosStage } from './chaos-stage';
import { delay } from './delay';
import { makeDevices } from './devices';
import { startLoad } from './load';
import { createPushFactory } from './notification';
import { readRetries } from './read-retries';
import { seededRandom } from './random';
import type { Bounds, FaultNote, Findings, Scenario } from './scenario';
import { settle } from './settle';
import { violationsOf, type Violation } from './violations';

export interface RunOptions {
  readonly seed: number;
  readonly pushes: number;
  readonly environment: Environment;
}

/** One scenario, done. */
export interface ScenarioResult {
  readonly name: string;
  readonly summary: string;
  readonly seed: number;
  readonly findings: Findings;
  readonly bounds: Bounds;
  readonly note: FaultNote;
  /** What homeservers got besides 200. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Why dispatchers repeated attempts, as far as they lived to tell. */
  readonly retries: ReadonlyMap<string, number>;
  /** What was worse than its bound; none: it passed. */
  readonly violations: readonly Violation[];
  readonly tookMs: number;
}

/** Devices for each push: so that some get several and most get few. */
const DEVICES_PER_PUSH = 0.5;
/** The fault comes when so much of the load has gone out. */
const FAULT_AT = 0.3;
/** A job in hand-over to a dispatcher that died comes after 35 s; the retries after that. Milliseconds. */
const PATIENCE_MS = 100_000;
/** Requests for each push that the simulator remembers. */
const RECORDS_PER_PUSH = 20;

/** Puts up a relay, sends the pushes, inflicts the fault meanwhile, waits until all is quiet, and closes the books. */
export async function runScenario<R extends ChaosRedis>(scenario: Scenario<R>, options: RunOptions): Promise<ScenarioResult> {
  const startedAt = performance.now();
  const { seed, pushes, environment } = options;
  const devices = makeDevices(Math.ceil(pushes * DEVICES_PER_PUSH), seed);
  const stage = await ChaosStage.open({
    startRedis: scenario.startRedis,
    devices,
    random: seededRandom(seed + 1),
    environment,
    sections: scenario.sections,
    recordLimit: pushes * RECORDS_PER_PUSH,
  });
  try {
    await stage.ready(PATIENCE_MS);
    const makePush = createPushFactory(seededRandom(seed), seed);
    const load = startLoad({ pushes, lengthMs: scenario.loadMs, send: () => stage.homeserver.send(makePush(devices)) });
    await delay(scenario.loadMs * FAULT_AT);
    const note = await scenario.inflict(stage).catch((error: unknown) => {
      load.stop();
      throw error;
    });
    const findings = await settle(stage, { load, faultEndedAt: performance.now(), patienceMs: PATIENCE_MS });
    const bounds = scenario.bounds(pushes);
    return {
      name: scenario.name,
      summary: scenario.summary,
      seed,
      findings,
      bounds,
      note,
      refusals: stage.homeserver.refusals,
      retries: await readRetries(stage.dispatchers),
      violations: violationsOf(findings, bounds),
      tookMs: performance.now() - startedAt,
    };
  } finally {
    await stage.close();
  }
}
