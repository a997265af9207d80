import { delay } from '../delay';
import type { Scenario } from '../scenario';
import { SingleRedis } from '../single-redis';
import { READY_MS, USUAL_LOAD_MS } from './usual-bounds';

const SHIFT_MS = 600_000;
const SHIFTED_FOR_MS = 4000;

const startRedis = (directory: string): Promise<SingleRedis> => SingleRedis.start('everysec', directory);

/** The clock of the relay's machines moves by ten minutes and back; that of Redis and the providers does not. */
export const clockScenarios: readonly Scenario<SingleRedis>[] = [
  shifted('clock-forward', 'the clock of all roles 10 min forward, after 4 s back', SHIFT_MS),
  shifted('clock-back', 'the clock of all roles 10 min back, after 4 s forward again', -SHIFT_MS),
];

function shifted(name: string, summary: string, shiftMs: number): Scenario<SingleRedis> {
  return {
    name,
    summary,
    startRedis,
    loadMs: USUAL_LOAD_MS,
    async inflict(stage) {
      await stage.moveClocks(shiftMs);
      await delay(SHIFTED_FOR_MS);
      await stage.moveClocks(0);
      return undefined;
    },
    // A call that waits when the clock jumps is ten minutes old at once: not rung late, but expired.
    bounds: (pushes) => ({ expired: Math.ceil(pushes * 0.01), secondPushes: 0, readyMs: READY_MS, delayMs: 30_000 }),
  };
}
