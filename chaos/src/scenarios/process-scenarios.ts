import { delay } from '../delay';
import type { Scenario } from '../scenario';
import { SingleRedis } from '../single-redis';
import { READY_MS, STALLED_MS, UNDER_WAY, USUAL_LOAD_MS } from './usual-bounds';

const KILLS = 3;
/** Between two kills, in milliseconds: a role is up again and at work by then. */
const BETWEEN_KILLS_MS = 2500;

const startRedis = (directory: string): Promise<SingleRedis> => SingleRedis.start('everysec', directory);

/** Roles that die without a word, and are started again by their supervisor. */
export const processScenarios: readonly Scenario<SingleRedis>[] = [
  {
    name: 'kill-ingress',
    summary: 'kill -9 of an ingress, three times in turn',
    startRedis,
    loadMs: USUAL_LOAD_MS,
    async inflict({ ingresses }) {
      for (let kill = 0; kill < KILLS; kill += 1) {
        ingresses[kill % ingresses.length]?.kill();
        await delay(BETWEEN_KILLS_MS);
      }
      return undefined;
    },
    // A resend finds the event as a duplicate: nothing comes twice.
    bounds: () => ({ secondPushes: 0, readyMs: READY_MS, delayMs: 30_000 }),
  },
  {
    name: 'kill-dispatchers',
    summary: 'kill -9 of one dispatcher, of the other, of both',
    startRedis,
    loadMs: USUAL_LOAD_MS,
    async inflict({ dispatchers: [first, second] }) {
      first?.kill();
      await delay(BETWEEN_KILLS_MS);
      second?.kill();
      await delay(BETWEEN_KILLS_MS);
      first?.kill();
      second?.kill();
      return undefined;
    },
    // What was under way in the four that died: the provider may have taken it, and only the dispatcher knew.
    bounds: () => ({ secondPushes: 4 * UNDER_WAY, readyMs: READY_MS, delayMs: STALLED_MS }),
  },
];
