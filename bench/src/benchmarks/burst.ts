import { askPushServer, untilAnswered } from '../ask-push-server';
import { onStage, type BenchStage } from '../bench-stage';
import { generateLoad } from '../generate-load';
import { APNS_BODY, FCM_BURST_BODY, FCM_BURST_DEVICES } from '../notify-bodies';
import { toRow } from '../row';
import { untilArrived } from '../until-arrived';
import type { LoadResult } from '../workers/load-protocol';
import type { PushStats } from '../workers/push-protocol';
import { inRounds, type BenchContext, type Benchmark } from './benchmark';

/** Pushes of the burst and seconds in which they come; both less in a run of less than a second. */
const BURST = 50_000;
const BURST_SECONDS = 5;
const BURST_CONNECTIONS = 64;
/** Of the other app; from another homeserver. */
const OTHER_PER_SECOND = 50;
const OTHER_CONNECTIONS = 16;
const OTHER_HOMESERVER = '127.0.0.2';
/** So much longer than the burst is the other app looked at: the burst's queue is then being worked off. */
const LOOKED_AT = 2;
const LATENCY_MS = 60;
const IN_FLIGHT = 200;
const TO_REACH = 2;

/** The other app's pushes: how old they were at the provider, and how long its homeserver waited. */
interface Other {
  readonly ages: PushStats['ages'];
  readonly load: LoadResult;
}

interface Pair {
  readonly alone: Other;
  readonly beside: Other;
  readonly burst: LoadResult;
}

/** What a burst into one app does to the pushes of another: FCM gets it, APNs is looked at. */
export const burstBenchmark: Benchmark = {
  name: 'burst',
  summary: `${BURST} pushes in ${BURST_SECONDS} s into one app, ${OTHER_PER_SECOND}/s into another`,
  run: (context) =>
    onStage({ ...context, push: { latencyMs: LATENCY_MS, concurrency: IN_FLIGHT } }, async (stage) => {
      const ingress = await stage.startRole('ingress');
      await stage.startRole('dispatcher');
      const url = ingress.notifyUrl;
      await measureOther(stage, url, context); // so that nothing is compiled while the app is alone
      const pairs = await inRounds(context, () => measure(stage, url, context));
      return toRows(pairs);
    }),
};

async function measure(stage: BenchStage, url: string, context: BenchContext): Promise<Pair> {
  const before = await askPushServer(stage);
  const alone = await measureOther(stage, url, context);
  const share = Math.min(1, context.seconds);
  const count = Math.ceil((BURST * share) / FCM_BURST_DEVICES);
  const perSecond = BURST / BURST_SECONDS / FCM_BURST_DEVICES;
  const { process } = await stage.startWorker('load-generator');
  const load = { url, body: FCM_BURST_BODY, connections: BURST_CONNECTIONS, perSecond, count };
  const [beside, burst] = await Promise.all([measureOther(stage, url, context), generateLoad(process, load)]);
  await process.stop();
  // The next round begins with empty queues.
  await untilAnswered(stage, before.answered + alone.ages.count + beside.ages.count + burst.acknowledged * FCM_BURST_DEVICES);
  return { alone, beside, burst };
}

async function measureOther(stage: BenchStage, url: string, context: BenchContext): Promise<Other> {
  const generator = await stage.generator();
  await askPushServer(stage, { forgetAges: true });
  const seconds = BURST_SECONDS * LOOKED_AT * Math.min(1, context.seconds);
  const request = { url, body: APNS_BODY, connections: OTHER_CONNECTIONS, from: OTHER_HOMESERVER };
  const count = Math.ceil(OTHER_PER_SECOND * seconds);
  const load = await generateLoad(generator, { ...request, perSecond: OTHER_PER_SECOND, count });
  return { ages: await untilArrived(stage, load.acknowledged), load };
}

function toRows(pairs: readonly Pair[]) {
  const compare = (figure: (other: Other) => number) => pairs.map(({ alone, beside }) => ({ value: figure(beside), limit: figure(alone) }));
  return [
    toRow({
      name: 'burst/other-p99',
      unit: 'ms',
      samples: compare(({ ages }) => ages.p99),
      target: { figure: 'ratio', direction: 'at-most', than: TO_REACH },
    }),
    toRow({ name: 'burst/other-p50', unit: 'ms', samples: compare(({ ages }) => ages.p50) }),
    toRow({ name: 'burst/other-max', unit: 'ms', samples: compare(({ ages }) => ages.max) }),
    toRow({ name: 'burst/other-ack-p99', unit: 'ms', samples: compare(({ load }) => load.latencyMs.p99) }),
    toRow({ name: 'burst/took', unit: 's', samples: pairs.map(({ burst }) => ({ value: burst.seconds })) }),
    toRow({ name: 'burst/ack-p99', unit: 'ms', samples: pairs.map(({ burst }) => ({ value: burst.latencyMs.p99 })) }),
  ];
}
