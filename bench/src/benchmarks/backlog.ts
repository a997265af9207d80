import { askPushServer, untilAnswered } from '../ask-push-server';
import { onStage, type BenchStage } from '../bench-stage';
import { measurePushes, type PushMeasurement } from '../measure-pushes';
import { APNS_APP } from '../notify-bodies';
import { toRow } from '../row';
import { seedWaiting, type Seed } from '../seed-waiting';
import { delay, inRounds, type BenchContext, type Benchmark } from './benchmark';

/** Waiting pushes, or fewer in a run of less than a second. */
const MANY = 500_000;
const FEW = 1000;
/** A relay of its own, so that both queues can be there at one time. */
const PREFIX_OF_MANY = 'bench-many';
const PREFIX_OF_FEW = 'bench-few';
const IN_FLIGHT = 200;
const LATENCY_MS = 0;
const KEEP_SECONDS = 0.02;
const POLL_SECONDS = 0.005;
const RATIO_TO_REACH = 0.9;
const SECONDS_TO_REACH = 5;
const MS_PER_SECOND = 1000;

interface Measurement {
  readonly many: PushMeasurement;
  readonly few: PushMeasurement;
  /** From the start of a dispatcher to the first push, in seconds. */
  readonly firstPush: number;
  /** The same from the start of Redis, which has to read its file first. */
  readonly firstPushWithRedis: number;
}

/** Whether a long queue slows the dispatcher down, and how soon it goes on after a restart. */
export const backlogBenchmark: Benchmark = {
  name: 'backlog',
  summary: `${MANY} waiting pushes: pushes per second, and time to the first push after a restart`,
  run: (context) =>
    onStage({ ...context, push: { latencyMs: LATENCY_MS, concurrency: IN_FLIGHT } }, async (stage) => {
      const count = Math.ceil(MANY * Math.min(1, context.seconds));
      const many: Seed = { appKey: APNS_APP, count, prefix: PREFIX_OF_MANY };
      const few: Seed = { appKey: APNS_APP, count: FEW, prefix: PREFIX_OF_FEW };
      return toRows(
        await inRounds(context, async () => {
          context.progress(`${count} pushes are queued`);
          await stage.redis.withRewrites(() => topUp(stage, many));
          const firstPushWithRedis = await timeToFirstPush(stage, many, () => stage.redis.restart());
          const firstPush = await timeToFirstPush(stage, many, () => Promise.resolve());
          return { few: await measure(stage, few, context), many: await measure(stage, many, context), firstPush, firstPushWithRedis };
        }),
      );
    }),
};

async function topUp({ redis }: BenchStage, seed: Seed): Promise<void> {
  const missing = seed.count - (await redis.waiting(seed.appKey, seed.prefix));
  if (missing > 0) await seedWaiting(redis, { ...seed, count: missing });
}

function startDispatcher(stage: BenchStage, { prefix }: Seed) {
  return stage.startRole('dispatcher', { settings: { REVEILLE_REDIS__PREFIX: prefix } });
}

async function timeToFirstPush(stage: BenchStage, seed: Seed, restart: () => Promise<void>): Promise<number> {
  const { answered } = await askPushServer(stage);
  const startedAt = performance.now();
  await restart();
  const starting = startDispatcher(stage, seed);
  // The dispatcher's own end, if it comes, is told by `starting`.
  const [{ process }, at] = await Promise.all([
    starting,
    untilAnswered(stage, answered + 1, POLL_SECONDS).then(() => performance.now()),
  ]);
  await process.stop();
  return (at - startedAt) / MS_PER_SECOND;
}

/** As many wait all the time: what is sent is put back, for the many as for the few, since that is work too. */
async function measure(stage: BenchStage, seed: Seed, context: BenchContext): Promise<PushMeasurement> {
  await topUp(stage, seed);
  const { answered: answeredBefore } = await askPushServer(stage);
  const { process } = await startDispatcher(stage, seed);
  let isOver = false;
  const keeping = (async () => {
    while (!isOver) {
      await topUp(stage, seed);
      await delay(KEEP_SECONDS);
    }
  })();
  const [measured] = await Promise.all([
    measurePushes(stage, { senders: [process], answeredBefore, context }).finally(() => (isOver = true)),
    keeping,
  ]);
  await process.stop();
  return measured;
}

function toRows(rounds: readonly Measurement[]) {
  const compare = (figure: (each: PushMeasurement) => number) =>
    rounds.map(({ many, few }) => ({ value: figure(many), limit: figure(few) }));
  const target = { figure: 'value', direction: 'at-most', than: SECONDS_TO_REACH } as const;
  return [
    toRow({
      name: 'backlog/pushes',
      unit: '/s',
      samples: compare(({ perSecond }) => perSecond),
      target: { figure: 'ratio', direction: 'at-least', than: RATIO_TO_REACH },
    }),
    toRow({ name: 'backlog/cpu', unit: 'us/push', samples: compare(({ cpuUs }) => cpuUs.sender) }),
    toRow({ name: 'backlog/redis-cpu', unit: 'us/push', samples: compare(({ cpuUs }) => cpuUs.redis) }),
    toRow({ name: 'backlog/first-push', unit: 's', samples: rounds.map(({ firstPush: value }) => ({ value })), target }),
    toRow({ name: 'backlog/first-push-with-redis', unit: 's', samples: rounds.map(({ firstPushWithRedis: value }) => ({ value })), target }),
  ];
}
