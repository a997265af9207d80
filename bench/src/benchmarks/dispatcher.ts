import type { BenchProcess } from '../bench-process';
import { onStage, type BenchStage } from '../bench-stage';
import { generateLoad } from '../generate-load';
import { APNS_APP, APNS_BODY, FCM_APP, FCM_BODY } from '../notify-bodies';
import { watchCpu } from '../process-usage';
import { toRow, type Row, type Sample } from '../row';
import { pushStatsSchema, type PushSample, type PushStats, type RawClientArguments } from '../workers/push-protocol';
import { delay, inRounds, warmUpCount, type BenchContext, type Benchmark } from './benchmark';

/** Pushes in flight, of the dispatcher as of the raw client. */
const IN_FLIGHT = 500;
/** What Apple and Google take to answer, from a data centre nearby. */
const LATENCY_MS = 60;
/** Of the raw session's rate. */
const TO_REACH = 0.35;
/** As many requests at one time fill the queue. */
const FILL_CONNECTIONS = 64;
/** Pushes beyond what can be sent in the time: those in flight, and those of the moments between two looks. */
const SPARE = 2 * IN_FLIGHT;
const ANSWERED_TIMEOUT_MS = 60_000;
const POLL_SECONDS = 0.02;
const CALL_TIMEOUT_MS = 30_000;
const US_PER_MS = 1000;

interface Measurement {
  readonly perSecond: number;
  readonly inFlight: number;
  readonly sessions: number;
  /** CPU time for each push, in microseconds. */
  readonly cpuUs: Readonly<Record<'sender' | 'redis' | 'server', number>>;
  /** Share of one core that the stand-in for the provider used: near 1 it would be the bottleneck. */
  readonly serverBusy: number;
  readonly sample: PushSample;
}

type Pair = Readonly<Record<'dispatcher' | 'raw', Measurement>>;

export const apnsBenchmark = dispatcherBenchmark('apns', APNS_APP, APNS_BODY);
export const fcmBenchmark = dispatcherBenchmark('fcm', FCM_APP, FCM_BODY);

/** Pushes of one dispatcher process out of a full queue, against one raw HTTP/2 session that sends the same. */
function dispatcherBenchmark(name: string, appKey: string, body: string): Benchmark {
  return {
    name,
    summary: `pushes of one dispatcher process, ${IN_FLIGHT} in flight, provider latency ${LATENCY_MS} ms`,
    run: (context) =>
      onStage({ ...context, push: { latencyMs: LATENCY_MS, concurrency: IN_FLIGHT } }, async (stage) => {
        const pairs = await inRounds(context, async () => {
          await fillQueue(stage, { appKey, body, context });
          const dispatcher = await measureDispatcher(stage, appKey, context);
          return { dispatcher, raw: await measureRaw(stage, dispatcher.sample, context) };
        });
        return toRows(name, pairs);
      }),
  };
}

interface FillOptions {
  readonly appKey: string;
  readonly body: string;
  readonly context: BenchContext;
}

/**
 * The real way in, with no dispatcher there. What an earlier round left counts; in all there are more than can be sent
 * in the time, so that the queue never runs dry.
 */
async function fillQueue(stage: BenchStage, { appKey, body, context }: FillOptions): Promise<void> {
  const mostPerSecond = (IN_FLIGHT * 1000) / LATENCY_MS;
  const wanted = Math.ceil(mostPerSecond * context.seconds) + warmUpCount(context) + SPARE;
  const count = wanted - (await stage.redis.waiting(appKey));
  if (count <= 0) return;
  const ingress = await stage.startRole('ingress');
  const generator = await stage.generator();
  await generateLoad(generator, { url: ingress.notifyUrl, body, connections: FILL_CONNECTIONS, count });
  await ingress.process.stop();
}

async function measureDispatcher(stage: BenchStage, appKey: string, context: BenchContext): Promise<Measurement> {
  const before = await askServer(stage);
  const { process } = await stage.startRole('dispatcher');
  const measured = await measurePushes(stage, { sender: process, answeredBefore: before.answered, context });
  if ((await stage.redis.waiting(appKey)) === 0) context.progress('the queue ran dry: the round shows too little');
  await process.stop();
  return measured;
}

async function measureRaw(stage: BenchStage, sample: PushSample, context: BenchContext): Promise<Measurement> {
  const before = await askServer(stage);
  const { pushUrl: url, keys } = stage;
  const rawArguments: RawClientArguments = { url, ca: keys.certificate, sample, inFlight: IN_FLIGHT };
  const { process } = await stage.startWorker('raw-push-client', [JSON.stringify(rawArguments)]);
  const measured = await measurePushes(stage, { sender: process, answeredBefore: before.answered, context });
  await process.stop();
  return measured;
}

interface MeasureOptions {
  readonly sender: BenchProcess;
  readonly answeredBefore: number;
  readonly context: BenchContext;
}

/** Counted where the pushes arrive, by the server's clock: the same for whoever sends them. */
async function measurePushes(stage: BenchStage, options: MeasureOptions): Promise<Measurement> {
  const { sender, answeredBefore, context } = options;
  const start = await untilAnswered(stage, answeredBefore + warmUpCount(context));
  const cpu = watchCpu({ sender: sender.pid, redis: stage.redis.pid, server: stage.pushServer.pid });
  await delay(context.seconds);
  // On a machine that stood still a short time is not enough for any.
  const end = await untilAnswered(stage, start.answered + 1);
  const used = cpu();
  const pushes = end.answered - start.answered;
  if (end.sample === undefined) throw new Error('the push server kept no sample');
  const tookMs = end.at - start.at;
  const each = (ms: number): number => (ms * US_PER_MS) / pushes;
  return {
    perSecond: (pushes * 1000) / tookMs,
    inFlight: end.inFlight,
    sessions: end.sessions,
    cpuUs: { sender: each(used.sender), redis: each(used.redis), server: each(used.server) },
    serverBusy: used.server / tookMs,
    sample: end.sample,
  };
}

async function untilAnswered(stage: BenchStage, answered: number): Promise<PushStats> {
  const deadline = performance.now() + ANSWERED_TIMEOUT_MS;
  for (;;) {
    const stats = await askServer(stage);
    if (stats.answered >= answered) return stats;
    if (performance.now() > deadline) throw new Error(`the pushes did not arrive within ${ANSWERED_TIMEOUT_MS} ms`);
    await delay(POLL_SECONDS);
  }
}

function askServer(stage: BenchStage): Promise<PushStats> {
  return stage.pushServer.call({}, pushStatsSchema, CALL_TIMEOUT_MS);
}

function toRows(name: string, pairs: readonly Pair[]): Row[] {
  const compare = (figure: (each: Measurement) => number): Sample[] =>
    pairs.map(({ dispatcher, raw }) => ({ value: figure(dispatcher), limit: figure(raw) }));
  const redisCpu = pairs.map(({ dispatcher }) => ({ value: dispatcher.cpuUs.redis }));
  return [
    toRow({
      name: `${name}/pushes`,
      unit: '/s',
      samples: compare(({ perSecond }) => perSecond),
      target: { figure: 'ratio', direction: 'at-least', than: TO_REACH },
    }),
    toRow({ name: `${name}/in-flight`, unit: 'pushes', samples: compare(({ inFlight }) => inFlight) }),
    toRow({ name: `${name}/sessions`, unit: 'open', samples: compare(({ sessions }) => sessions) }),
    toRow({ name: `${name}/cpu`, unit: 'us/push', samples: compare(({ cpuUs }) => cpuUs.sender) }),
    toRow({ name: `${name}/redis-cpu`, unit: 'us/push', samples: redisCpu }),
    toRow({ name: `${name}/server-cpu`, unit: 'us/push', samples: compare(({ cpuUs }) => cpuUs.server) }),
    toRow({ name: `${name}/server-busy`, unit: 'of 1', samples: compare(({ serverBusy }) => serverBusy) }),
  ];
}
