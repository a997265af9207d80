import type { BenchProcess } from '../bench-process';
import { onStage, type BenchStage, type RunningRole } from '../bench-stage';
import { generateLoad } from '../generate-load';
import { APNS_APP, APNS_BODY } from '../notify-bodies';
import { residentBytes, watchCpu } from '../process-usage';
import { toRow, type Row, type Sample } from '../row';
import type { LoadResult } from '../workers/load-protocol';
import { inRounds, warmUpCount, type BenchContext, type Benchmark } from './benchmark';

/** As many homeservers at one time; each waits for its answer before it sends on, as Synapse does for a pusher. */
const CONNECTIONS = 64;
/** Of the bare server's rate. */
const TO_REACH = 0.6;
const US_PER_MS = 1000;
const BYTES_PER_MB = 2 ** 20;

interface Measurement extends LoadResult {
  /** CPU time for each acknowledgement, in microseconds. */
  readonly cpuUs: Readonly<Record<'server' | 'redis' | 'generator', number>>;
  /** Resident memory of the server at the end, in MB. */
  readonly memoryMb: number;
  /** What each acknowledgement added to Redis' memory, in bytes. */
  readonly redisBytes: number;
}

type Pair = Readonly<Record<'ingress' | 'bare', Measurement>>;

/** Acknowledgements of one ingress process against a bare server on the same Redis, asked by the same client. */
export const ingressBenchmark: Benchmark = {
  name: 'ingress',
  summary: `acknowledgements of one process, ${CONNECTIONS} connections, event-id-only`,
  run: (context) =>
    onStage({ ...context, push: { latencyMs: 0, concurrency: 1 } }, async (stage) => {
      const generator = await stage.generator();
      const ingress = await stage.startRole('ingress');
      const bare = await stage.startWorker('bare-ingress', [stage.redis.url]);
      const measureOne = (server: RunningRole): Promise<Measurement> => measure({ stage, generator, server, context });
      const pairs = await inRounds(context, async () => {
        const pair = { ingress: await measureOne(ingress), bare: await measureOne(bare) };
        await stage.redis.clear();
        return pair;
      });
      return toRows(pairs);
    }),
};

interface MeasureOptions {
  readonly stage: BenchStage;
  readonly generator: BenchProcess;
  readonly server: RunningRole;
  readonly context: BenchContext;
}

async function measure({ stage, generator, server, context }: MeasureOptions): Promise<Measurement> {
  await stage.redis.clear();
  const memoryBefore = await stage.redis.usedMemory();
  const request = { url: server.notifyUrl, body: APNS_BODY, connections: CONNECTIONS };
  const warmUp = await generateLoad(generator, { ...request, count: warmUpCount(context) });
  const cpu = watchCpu({ server: server.process.pid, redis: stage.redis.pid, generator: generator.pid });
  const load = await generateLoad(generator, { ...request, seconds: context.seconds });
  const used = cpu();
  const acknowledged = warmUp.acknowledged + load.acknowledged;
  await checkDurable(stage, acknowledged);
  const each = (ms: number): number => (ms * US_PER_MS) / load.acknowledged;
  return {
    ...load,
    cpuUs: { server: each(used.server), redis: each(used.redis), generator: each(used.generator) },
    memoryMb: residentBytes(server.process.pid) / BYTES_PER_MB,
    redisBytes: ((await stage.redis.usedMemory()) - memoryBefore) / acknowledged,
  };
}

/** What was acknowledged is there, all of it: else the rate is that of something else. */
async function checkDurable({ redis }: BenchStage, acknowledged: number): Promise<void> {
  const kept = (await redis.waiting(APNS_APP)) + (await redis.client.llen('bare'));
  if (kept !== acknowledged) throw new Error(`${acknowledged} requests were acknowledged, but ${kept} are in Redis`);
}

function toRows(pairs: readonly Pair[]): Row[] {
  const compare = (figure: (each: Measurement) => number): Sample[] =>
    pairs.map(({ ingress, bare }) => ({ value: figure(ingress), limit: figure(bare) }));
  const rate = compare(({ acknowledged, seconds }) => acknowledged / seconds);
  return [
    toRow({
      name: 'ingress/acks',
      unit: '/s',
      samples: rate,
      target: { figure: 'ratio', direction: 'at-least', than: TO_REACH },
    }),
    toRow({ name: 'ingress/p50', unit: 'ms', samples: compare(({ latencyMs }) => latencyMs.p50) }),
    toRow({ name: 'ingress/p99', unit: 'ms', samples: compare(({ latencyMs }) => latencyMs.p99) }),
    toRow({ name: 'ingress/p99.9', unit: 'ms', samples: compare(({ latencyMs }) => latencyMs.p999) }),
    toRow({ name: 'ingress/cpu', unit: 'us/ack', samples: compare(({ cpuUs }) => cpuUs.server) }),
    toRow({ name: 'ingress/redis-cpu', unit: 'us/ack', samples: compare(({ cpuUs }) => cpuUs.redis) }),
    toRow({ name: 'ingress/memory', unit: 'MB', samples: compare(({ memoryMb }) => memoryMb) }),
    toRow({ name: 'ingress/redis-memory', unit: 'B/ack', samples: compare(({ redisBytes }) => redisBytes) }),
    toRow({ name: 'ingress/generator-cpu', unit: 'us/ack', samples: compare(({ cpuUs }) => cpuUs.generator) }),
    toRow({ name: 'ingress/generator-busy', unit: 'of 1', samples: compare(({ loopUtilization }) => loopUtilization) }),
    toRow({ name: 'ingress/generator-delay-p99', unit: 'ms', samples: compare((each) => each.loopDelayP99Ms) }),
  ];
}
