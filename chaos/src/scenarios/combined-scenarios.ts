import type { ChaosStage } from '../chaos-stage';
import { delay } from '../delay';
import { pick } from '../random';
import type { Scenario } from '../scenario';
import { SingleRedis } from '../single-redis';
import { PROVIDER_FAULTS, relayFaults, type ShortFault } from './short-faults';
import { READY_MS, STALLED_MS } from './usual-bounds';

const LOAD_MS = 40_000;
/** The last fault begins before this, in milliseconds from the first. */
const FAULTS_MS = 25_000;
const LONGEST_PAUSE_MS = 1500;

/** Faults of all kinds, several at a time, in an order that the seed decides. */
export const combinedScenarios: readonly Scenario<SingleRedis>[] = [
  {
    name: 'combined',
    summary: 'faults of all kinds for 25 s, one of the relay or Redis and one of the providers at a time, in an order that the seed decides',
    startRedis: (directory) => SingleRedis.start('everysec', directory),
    loadMs: LOAD_MS,
    async inflict(stage) {
      const names = await Promise.all([inTurn(stage, relayFaults((roles) => roles)), inTurn(stage, PROVIDER_FAULTS)]);
      return names.map((each) => each.join(', ')).join('; beside it ');
    },
    // A call is not rung after a minute: one that was in the hands of a dispatcher that died comes 35 s late, later still when its provider
    // is silent then.
    bounds: (pushes) => ({ expired: Math.ceil(pushes * 0.005), secondPushes: Math.ceil(pushes * 0.6), readyMs: READY_MS, delayMs: LOAD_MS + STALLED_MS }),
  },
];

/** One fault after another; returns their names. */
async function inTurn(stage: ChaosStage<SingleRedis>, faults: readonly ShortFault[]): Promise<string[]> {
  const until = performance.now() + FAULTS_MS;
  const names: string[] = [];
  while (performance.now() < until) {
    const fault = pick(stage.random, faults);
    names.push(fault.name);
    await fault.inflict(stage);
    await delay(stage.random() * LONGEST_PAUSE_MS);
  }
  return names;
}
