import { askPushServer, untilAnswered } from '../ask-push-server';
import { onStage, type BenchStage } from '../bench-stage';
import { generateLoad } from '../generate-load';
import { APNS_APP, APNS_BODY } from '../notify-bodies';
import { toRow, type Sample } from '../row';
import { seedWaiting } from '../seed-waiting';
import { untilArrived } from '../until-arrived';
import { inRounds, type BenchContext, type Benchmark } from './benchmark';

/** Waiting pushes of the low lane, or fewer in a run of less than a second. */
const LOW = 20_000;
/** After so many of them the dispatcher is in full swing. */
const LOW_BEFORE = 2000;
const LATENCY_MS = 60;
const IN_FLIGHT = 200;
/** High ones, one after another; the first is the row's, the others tell whether it was typical. */
const HIGH = 20;
const HIGH_PER_SECOND = 20;
const MS_TO_REACH = 50;

/** How soon a high push is at the provider when thousands of low ones wait. */
export const lanesBenchmark: Benchmark = {
  name: 'lanes',
  summary: `a high push while ${LOW} low ones wait`,
  run: (context) =>
    onStage({ ...context, push: { latencyMs: LATENCY_MS, concurrency: IN_FLIGHT } }, async (stage) => {
      const ingress = await stage.startRole('ingress');
      const ages = await inRounds(context, () => measure(stage, ingress.notifyUrl, context));
      const samples = (figure: 'first' | 'p50' | 'max'): Sample[] => ages.map((each) => ({ value: each[figure] }));
      return [
        toRow({
          name: 'lanes/first-high',
          unit: 'ms',
          samples: samples('first'),
          target: { figure: 'value', direction: 'at-most', than: MS_TO_REACH },
        }),
        toRow({ name: 'lanes/high-p50', unit: 'ms', samples: samples('p50') }),
        toRow({ name: 'lanes/high-max', unit: 'ms', samples: samples('max') }),
      ];
    }),
};

async function measure(stage: BenchStage, url: string, context: BenchContext) {
  const share = Math.min(1, context.seconds);
  const generator = await stage.generator();
  await seedWaiting(stage.redis, { appKey: APNS_APP, count: Math.ceil(LOW * share), lane: 'low' });
  const { answered } = await askPushServer(stage);
  const dispatcher = await stage.startRole('dispatcher');
  await untilAnswered(stage, answered + Math.ceil(LOW_BEFORE * share));
  await askPushServer(stage, { forgetAges: true });
  const count = Math.max(1, Math.ceil(HIGH * share));
  await generateLoad(generator, { url, body: APNS_BODY, connections: 1, perSecond: HIGH_PER_SECOND, count });
  const ages = await untilArrived(stage, count);
  if ((await stage.redis.waiting(APNS_APP)) === 0) context.progress('no low push was left: the round shows too little');
  await dispatcher.process.stop();
  await stage.redis.clear();
  return ages;
}
