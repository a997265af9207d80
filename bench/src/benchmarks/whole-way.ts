import { untilAnswered } from '../ask-push-server';
import { onStage, type BenchStage } from '../bench-stage';
import { generateLoad } from '../generate-load';
import { APNS_BODY } from '../notify-bodies';
import { residentBytes } from '../process-usage';
import { toRow, type Row, type RowOptions } from '../row';
import { findHighestRate } from '../steady-search';
import { runSteadyStage, type Participant, type SteadyOptions, type SteadyStage } from '../steady-stage';
import { inRounds, warmUpCount, type BenchContext, type Benchmark } from './benchmark';

const LATENCY_MS = 60;
const IN_FLIGHT = 500;
const CONNECTIONS = 64;
const START_PER_SECOND = 500;
const MOST_PER_SECOND = 16_000;
const HALVINGS = 4;
/** Length of a stage of the search, by that of a measurement; shorter than the least, it ends before the answers come. */
const STAGE_SHARE = 2 / 3;
const MIN_STAGE_SECONDS = 0.3;
/** Of the load may be left over in a stage of the search, and in the measurement: what a moment's standstill leaves. */
const GROWTH_IN_SEARCH = 0.05;
const GROWTH = 0.02;
/** What was held for a moment may be too much for longer: then a tenth less, so often. */
const TRIES = 5;
const LESS = 0.9;
const LOW_LOAD = 0.1;
const OURS = ['ingress', 'dispatcher', 'admin', 'redis'] as const;
const BYTES_PER_MB = 2 ** 20;

interface Measurement {
  readonly rate: number;
  readonly high: SteadyStage;
  readonly low: SteadyStage;
  readonly memoryMb: Readonly<Record<'ingress' | 'dispatcher' | 'redis', number>>;
}

/** From the notify request to the provider's answer, all processes at once: the highest steady rate and what a push costs. */
export const wholeWayBenchmark: Benchmark = {
  name: 'whole',
  summary: 'highest steady rate from notify request to provider, all processes on this machine',
  run: (context) =>
    onStage({ ...context, push: { latencyMs: LATENCY_MS, concurrency: IN_FLIGHT } }, async (stage) => {
      const options = await startAll(stage, context);
      const rounds = await inRounds(context, () => measure(options, context));
      return toRows(rounds);
    }),
};

async function startAll(stage: BenchStage, context: BenchContext): Promise<SteadyOptions> {
  const ingress = await stage.startRole('ingress');
  const dispatcher = await stage.startRole('dispatcher');
  const admin = await stage.startRole('admin');
  const generator = await stage.generator();
  const url = ingress.notifyUrl;
  const pids = {
    ingress: ingress.process.pid,
    dispatcher: dispatcher.process.pid,
    admin: admin.process.pid,
    redis: stage.redis.pid,
    generator: generator.pid,
    server: stage.pushServer.pid,
  };
  const warmUp = await generateLoad(generator, { url, body: APNS_BODY, connections: CONNECTIONS, count: warmUpCount(context) });
  await untilAnswered(stage, warmUp.acknowledged);
  return { stage, generator, url, body: APNS_BODY, pids };
}

async function measure(options: SteadyOptions, context: BenchContext): Promise<Measurement> {
  const seconds = Math.max(MIN_STAGE_SECONDS, context.seconds * STAGE_SHARE);
  // A run of less than a second searches less.
  const share = Math.min(1, context.seconds);
  const found = await findHighestRate({
    start: START_PER_SECOND,
    halvings: Math.round(HALVINGS * share),
    most: Math.max(START_PER_SECOND, MOST_PER_SECOND * share),
    isHeld: async (rate) => {
      const { growth, load } = await runSteadyStage(options, rate, seconds);
      context.progress(`${rate.toFixed(0)}/s: ${(growth * 100).toFixed(1)} % left over, p99 of acknowledgements ${load.latencyMs.p99.toFixed(0)} ms`);
      return growth <= GROWTH_IN_SEARCH;
    },
  });
  const { rate, high } = await confirm(options, found === 0 ? START_PER_SECOND : found, context);
  const { ingress, dispatcher, redis } = options.pids;
  const memory = (pid: number): number => residentBytes(pid) / BYTES_PER_MB;
  const memoryMb = { ingress: memory(ingress), dispatcher: memory(dispatcher), redis: memory(redis) };
  return { rate, high, memoryMb, low: await runSteadyStage(options, rate * LOW_LOAD, context.seconds) };
}

/** For as long as a measurement takes; the rate at which it went well, or, if none did, the last. */
async function confirm(options: SteadyOptions, found: number, context: BenchContext): Promise<Pick<Measurement, 'rate' | 'high'>> {
  let rate = found;
  for (let left = Math.ceil(TRIES * Math.min(1, context.seconds)); ; left -= 1) {
    const high = await runSteadyStage(options, rate, Math.max(MIN_STAGE_SECONDS, context.seconds));
    if (high.growth <= GROWTH || left === 1) {
      if (high.growth > GROWTH) context.progress(`at ${rate.toFixed(0)}/s the backlog still grew`);
      return { rate, high };
    }
    rate *= LESS;
  }
}

type RowHead = Omit<RowOptions, 'samples'>;

function toRows(rounds: readonly Measurement[]): Row[] {
  const row = (head: RowHead, figure: (each: Measurement) => number): Row =>
    toRow({ ...head, samples: rounds.map((each) => ({ value: figure(each) })) });
  const busy = (name: Participant): Row =>
    row({ name: `whole/${name}-busy`, unit: 'of 1' }, ({ high }) => high.cpuMs[name] / high.tookMs);
  return [
    row({ name: 'whole/rate', unit: '/s', target: { figure: 'value', direction: 'at-least', than: 3000 } }, ({ rate }) => rate),
    row({ name: 'whole/left-over', unit: 'of 1' }, ({ high }) => Math.max(0, high.growth)),
    row({ name: 'whole/cpu', unit: 'ms/push', target: { figure: 'value', direction: 'at-most', than: 0.3 } }, ({ high }) => cpuPerPush(high, OURS)),
    ...OURS.map((name) => row({ name: `whole/${name}-cpu`, unit: 'ms/push' }, ({ high }) => cpuPerPush(high, [name]))),
    ...(['ingress', 'dispatcher', 'admin', 'redis', 'generator', 'server'] as const).map(busy),
    ...(['ingress', 'dispatcher', 'redis'] as const).map((name) =>
      row({ name: `whole/${name}-memory`, unit: 'MB' }, ({ memoryMb }) => memoryMb[name]),
    ),
    row({ name: 'whole/ack-p50', unit: 'ms' }, ({ high }) => high.load.latencyMs.p50),
    row({ name: 'whole/ack-p99', unit: 'ms' }, ({ high }) => high.load.latencyMs.p99),
    row({ name: 'whole/ack-p99.9', unit: 'ms' }, ({ high }) => high.load.latencyMs.p999),
    row({ name: 'whole/to-provider-p50', unit: 'ms' }, ({ high }) => high.ages.p50),
    row({ name: 'whole/to-provider-p99', unit: 'ms' }, ({ high }) => high.ages.p99),
    row({ name: 'whole/generator-delay-p99', unit: 'ms' }, ({ high }) => high.load.loopDelayP99Ms),
    row({ name: 'whole/low-load-rate', unit: '/s' }, ({ rate }) => rate * LOW_LOAD),
    row({ name: 'whole/low-load-to-provider-p50', unit: 'ms' }, ({ low }) => low.ages.p50),
    row(
      { name: 'whole/low-load-to-provider-p99', unit: 'ms', target: { figure: 'value', direction: 'at-most', than: 20 } },
      ({ low }) => low.ages.p99,
    ),
    row({ name: 'whole/low-load-to-provider-max', unit: 'ms' }, ({ low }) => low.ages.max),
  ];
}

/** Of some of the processes together, in milliseconds. */
function cpuPerPush({ cpuMs, load }: SteadyStage, names: readonly Participant[]): number {
  return names.reduce((sum, name) => sum + cpuMs[name], 0) / load.acknowledged;
}
