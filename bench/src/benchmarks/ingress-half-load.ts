import { onStage, type BenchStage, type RunningRole } from '../bench-stage';
import { generateLoad } from '../generate-load';
import { APNS_BODY } from '../notify-bodies';
import { toRow, type Row } from '../row';
import { loopDelaySchema } from '../workers/loop-delay-protocol';
import { inRounds, warmUpCount, type BenchContext, type Benchmark } from './benchmark';

const CONNECTIONS = 64;
const SHARE = 0.5;
const P99_MS_TO_REACH = 10;
const LOOP_DELAY_MS_TO_REACH = 20;
const CALL_TIMEOUT_MS = 30_000;

/** How long a homeserver waits when ingress has half of what it can take. */
export const ingressHalfLoadBenchmark: Benchmark = {
  name: 'ingress-half',
  summary: 'time to an acknowledgement at half of the highest rate',
  run: (context) =>
    onStage({ ...context, push: { latencyMs: 0, concurrency: 1 } }, async (stage) => {
      const ingress = await stage.startRole('ingress', { probeLoop: true });
      return toRows(await inRounds(context, () => measure(stage, ingress, context)));
    }),
};

type Measurement = Awaited<ReturnType<typeof measure>>;

/** Fast first, to know what half of it is; the same process, Redis and client. */
async function measure(stage: BenchStage, { notifyUrl: url, process }: RunningRole, context: BenchContext) {
  const generator = await stage.generator();
  const load = { url, body: APNS_BODY, connections: CONNECTIONS };
  await generateLoad(generator, { ...load, count: warmUpCount(context) });
  const full = await generateLoad(generator, { ...load, seconds: context.seconds });
  await stage.redis.clear();
  const askLoop = () => process.call({}, loopDelaySchema, CALL_TIMEOUT_MS);
  await askLoop();
  const perSecond = (full.acknowledged / full.seconds) * SHARE;
  const half = await generateLoad(generator, { ...load, perSecond, seconds: context.seconds });
  const { p99Ms: loopDelay } = await askLoop();
  await stage.redis.clear();
  return { ...half, full: full.acknowledged / full.seconds, loopDelay };
}

function toRows(rounds: readonly Measurement[]): Row[] {
  const samples = (figure: (each: Measurement) => number) => rounds.map((each) => ({ value: figure(each) }));
  return [
    toRow({
      name: 'ingress-half/p99',
      unit: 'ms',
      samples: samples(({ latencyMs }) => latencyMs.p99),
      target: { figure: 'value', direction: 'at-most', than: P99_MS_TO_REACH },
    }),
    toRow({
      name: 'ingress-half/loop-delay-p99',
      unit: 'ms',
      samples: samples(({ loopDelay }) => loopDelay),
      target: { figure: 'value', direction: 'at-most', than: LOOP_DELAY_MS_TO_REACH },
    }),
    toRow({
      name: 'ingress-half/acks',
      unit: '/s',
      samples: rounds.map(({ acknowledged, seconds, full }) => ({ value: acknowledged / seconds, limit: full })),
    }),
    toRow({ name: 'ingress-half/p50', unit: 'ms', samples: samples(({ latencyMs }) => latencyMs.p50) }),
    toRow({ name: 'ingress-half/p99.9', unit: 'ms', samples: samples(({ latencyMs }) => latencyMs.p999) }),
    toRow({ name: 'ingress-half/generator-delay-p99', unit: 'ms', samples: samples(({ loopDelayP99Ms }) => loopDelayP99Ms) }),
  ];
}
