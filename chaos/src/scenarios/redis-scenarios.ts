import { delay } from '../delay';
import type { Scenario } from '../scenario';
import { SingleRedis } from '../single-redis';
import { READY_MS, STALLED_MS, USUAL_LOAD_MS } from './usual-bounds';

const PAUSE_MS = 20_000;
const DOWN_MS = 3000;
const FULL_MS = 4000;
/** Below what any Redis uses: every write is refused. Bytes. */
const NO_MEMORY = '1';
const NO_LIMIT = '0';

const everysec = (directory: string): Promise<SingleRedis> => SingleRedis.start('everysec', directory);
const always = (directory: string): Promise<SingleRedis> => SingleRedis.start('always', directory);

/** What a server that stops owes: jobs in hand-over wait for their locks, and what was under way may go out again. */
const afterRestart = (pushes: number) => ({
  secondPushes: Math.ceil(pushes * 0.02),
  readyMs: READY_MS,
  delayMs: STALLED_MS,
});

/** One Redis server that dies, stands still, or takes nothing more. */
export const redisScenarios: readonly Scenario<SingleRedis>[] = [
  {
    name: 'kill-redis-everysec',
    summary: 'kill -9 of Redis (appendfsync everysec), started again after 3 s',
    startRedis: everysec,
    loadMs: USUAL_LOAD_MS,
    inflict: async ({ redis }) => killAndStart(redis),
    // The kernel has every write that was answered: only a machine that goes down takes it away.
    bounds: afterRestart,
  },
  {
    name: 'kill-redis-always',
    summary: 'kill -9 of Redis (appendfsync always), started again after 3 s',
    startRedis: always,
    loadMs: USUAL_LOAD_MS,
    inflict: async ({ redis }) => killAndStart(redis),
    bounds: afterRestart,
  },
  {
    name: 'power-cut-everysec',
    summary: 'the machine of Redis loses power (everysec): the last second of its file is gone (a model, the worst case)',
    startRedis: everysec,
    loadMs: USUAL_LOAD_MS,
    inflict: async ({ redis }) => cutAndStart(redis),
    bounds: (pushes) => {
      // Of one second: what was acknowledged and not yet sent is lost, what was delivered goes out again. Dispatchers that work off
      // what waits deliver more in a second than comes in.
      const second = Math.ceil((pushes / USUAL_LOAD_MS) * 1000);
      return {
        lost: Math.ceil(second * 1.5),
        lostWindowMs: 2000,
        secondPushes: second * 4,
        differentIds: Math.ceil(second * 0.1),
        readyMs: READY_MS,
        delayMs: STALLED_MS,
      };
    },
  },
  {
    name: 'power-cut-always',
    summary: 'the machine of Redis loses power (always)',
    startRedis: always,
    loadMs: USUAL_LOAD_MS,
    inflict: async ({ redis }) => cutAndStart(redis),
    bounds: afterRestart,
  },
  {
    name: 'pause-redis',
    summary: 'Redis stands still for 20 s (SIGSTOP)',
    startRedis: everysec,
    loadMs: PAUSE_MS,
    async inflict({ redis }) {
      redis.pause();
      await delay(PAUSE_MS);
      redis.resume();
      return undefined;
    },
    bounds: (pushes) => ({ secondPushes: Math.ceil(pushes * 0.02), readyMs: READY_MS, delayMs: PAUSE_MS + STALLED_MS }),
  },
  {
    name: 'restart-redis',
    summary: 'Redis restarted in order (SIGTERM), down for 3 s, twice',
    startRedis: everysec,
    loadMs: USUAL_LOAD_MS,
    async inflict({ redis }) {
      for (const _round of [1, 2]) {
        await redis.terminate();
        await delay(DOWN_MS);
        await redis.startAgain();
        await delay(1000);
      }
      return undefined;
    },
    bounds: afterRestart,
  },
  {
    name: 'redis-full',
    summary: 'Redis out of memory for 4 s (maxmemory)',
    startRedis: everysec,
    loadMs: USUAL_LOAD_MS,
    async inflict({ redis }) {
      await redis.client.config('SET', 'maxmemory', NO_MEMORY);
      await delay(FULL_MS);
      await redis.client.config('SET', 'maxmemory', NO_LIMIT);
      return undefined;
    },
    bounds: afterRestart,
  },
];

async function killAndStart(redis: SingleRedis): Promise<undefined> {
  await redis.kill();
  await delay(DOWN_MS);
  await redis.startAgain();
}

async function cutAndStart(redis: SingleRedis): Promise<string> {
  const { lostBytes } = await redis.powerCut();
  await delay(DOWN_MS);
  await redis.startAgain();
  return `${Math.round(lostBytes / 1024)} KiB of the file were gone`;
}
