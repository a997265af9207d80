import { askPushServer } from '../ask-push-server';
import { onStage, type BenchStage } from '../bench-stage';
import { measureDispatchers, measurePushes, stockFor, type PushMeasurement } from '../measure-pushes';
import { APNS_APP, FCM_APP } from '../notify-bodies';
import { toRow, type Row, type Sample } from '../row';
import { seedWaiting } from '../seed-waiting';
import type { PushSample, RawClientArguments } from '../workers/push-protocol';
import { inRounds, type BenchContext, type Benchmark } from './benchmark';

/** Pushes in flight, of the dispatcher as of the raw client. */
const IN_FLIGHT = 500;
/** Share of the raw session's rate that is to be reached. */
interface Setting {
  /** What the provider takes to answer. 60 ms: Apple and Google, from a data centre nearby; 0: nothing but our own work. */
  readonly latencyMs: number;
  readonly toReach: number;
}
const SETTINGS: readonly Setting[] = [
  { latencyMs: 0, toReach: 0.6 },
  { latencyMs: 60, toReach: 0.85 },
];
/** More than any sender on Node gets through. */
const MOST_PER_SECOND = 9000;

interface Pair {
  readonly latencyMs: number;
  readonly dispatcher: PushMeasurement;
  readonly raw: PushMeasurement;
}

export const apnsBenchmark = dispatcherBenchmark('apns', APNS_APP);
export const fcmBenchmark = dispatcherBenchmark('fcm', FCM_APP);

/** Pushes of one dispatcher process out of a full queue, against one raw HTTP/2 session that sends the same. */
function dispatcherBenchmark(name: string, appKey: string): Benchmark {
  return {
    name,
    summary: `pushes of one dispatcher process, ${IN_FLIGHT} in flight, provider latency 0 and 60 ms`,
    run: (context) =>
      onStage({ ...context, push: { latencyMs: 0, concurrency: IN_FLIGHT } }, async (stage) => {
        const rounds = await inRounds(context, async () => {
          const pairs: Pair[] = [];
          for (const { latencyMs } of SETTINGS) {
            await askPushServer(stage, { latencyMs });
            await fillQueue(stage, appKey, context);
            const dispatcher = await measureDispatchers(stage, 1, context);
            if ((await stage.redis.waiting(appKey)) === 0) context.progress('the queue ran dry: the round shows too little');
            pairs.push({ latencyMs, dispatcher, raw: await measureRaw(stage, dispatcher.sample, context) });
          }
          return pairs;
        });
        const pairs = rounds.flat();
        return SETTINGS.flatMap((setting) => toRows(name, setting, pairs.filter(({ latencyMs }) => latencyMs === setting.latencyMs)));
      }),
  };
}

/** What an earlier round left counts. */
async function fillQueue({ redis }: BenchStage, appKey: string, context: BenchContext): Promise<void> {
  const wanted = stockFor({ perSecond: MOST_PER_SECOND, inFlight: IN_FLIGHT, context });
  await seedWaiting(redis, { appKey, count: Math.max(0, wanted - (await redis.waiting(appKey))) });
}

async function measureRaw(stage: BenchStage, sample: PushSample, context: BenchContext): Promise<PushMeasurement> {
  const { answered: answeredBefore } = await askPushServer(stage);
  const { pushUrl: url, keys } = stage;
  const rawArguments: RawClientArguments = { url, ca: keys.certificate, sample, inFlight: IN_FLIGHT };
  const { process } = await stage.startWorker('raw-push-client', [JSON.stringify(rawArguments)]);
  const measured = await measurePushes(stage, { senders: [process], answeredBefore, context });
  await process.stop();
  return measured;
}

function toRows(name: string, { latencyMs, toReach }: Setting, pairs: readonly Pair[]): Row[] {
  const compare = (figure: (each: PushMeasurement) => number): Sample[] =>
    pairs.map(({ dispatcher, raw }) => ({ value: figure(dispatcher), limit: figure(raw) }));
  const redisCpu = pairs.map(({ dispatcher }) => ({ value: dispatcher.cpuUs.redis }));
  const at = (figure: string): string => `${name}/${figure}-${latencyMs}ms`;
  return [
    toRow({
      name: at('pushes'),
      unit: '/s',
      samples: compare(({ perSecond }) => perSecond),
      target: { figure: 'ratio', direction: 'at-least', than: toReach },
    }),
    toRow({ name: at('in-flight'), unit: 'pushes', samples: compare(({ inFlight }) => inFlight) }),
    toRow({ name: at('sessions'), unit: 'open', samples: compare(({ sessions }) => sessions) }),
    toRow({ name: at('cpu'), unit: 'us/push', samples: compare(({ cpuUs }) => cpuUs.sender) }),
    toRow({ name: at('redis-cpu'), unit: 'us/push', samples: redisCpu }),
    toRow({ name: at('server-cpu'), unit: 'us/push', samples: compare(({ cpuUs }) => cpuUs.server) }),
    toRow({ name: at('server-busy'), unit: 'of 1', samples: compare(({ serverBusy }) => serverBusy) }),
  ];
}
