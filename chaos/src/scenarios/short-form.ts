import { delay } from '../delay';
import type { Scenario } from '../scenario';
import { SingleRedis } from '../single-redis';
import { READY_MS, STALLED_MS } from './usual-bounds';

const LOAD_MS = 8000;
const OUTAGE_MS = 1500;
const BETWEEN_MS = 500;

/** What `npm test` runs: one relay, the usual faults one after another, one wait until all is quiet. */
export const shortForm: Scenario<SingleRedis> = {
  name: 'short',
  summary: 'kill -9 of an ingress and a dispatcher, 503 of the providers, restart of Redis, one after another',
  startRedis: (directory) => SingleRedis.start('everysec', directory),
  loadMs: LOAD_MS,
  async inflict(stage) {
    const { ingresses, dispatchers, redis } = stage;
    ingresses[0]?.kill();
    await delay(BETWEEN_MS);
    dispatchers[0]?.kill();
    await delay(BETWEEN_MS);
    stage.commandProviders({ answer: { status: 503, reason: 'ServiceUnavailable' } });
    await delay(OUTAGE_MS);
    stage.restoreProviders();
    await redis.terminate();
    await delay(BETWEEN_MS);
    await redis.startAgain();
    return undefined;
  },
  bounds: (pushes) => ({
    secondPushes: Math.ceil(pushes * 0.3),
    readyMs: READY_MS,
    delayMs: STALLED_MS,
  }),
};
