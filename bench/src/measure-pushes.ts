import { askPushServer, untilAnswered } from './ask-push-server';
import type { BenchProcess } from './bench-process';
import type { BenchStage } from './bench-stage';
import { delay, warmUpCount, type BenchContext } from './benchmarks/benchmark';
import { watchCpu } from './process-usage';
import type { PushSample } from './workers/push-protocol';

/** What the provider saw of the pushes of one or more senders, and what they cost. */
export interface PushMeasurement {
  readonly perSecond: number;
  /** The most pushes that were under way at one time. */
  readonly inFlight: number;
  readonly sessions: number;
  /** CPU time for each push, in microseconds: of all senders together, of Redis, of the stand-in for the providers. */
  readonly cpuUs: Readonly<Record<'sender' | 'redis' | 'server', number>>;
  /** Share of one core that the stand-in for the provider used: near 1 it would be the bottleneck. */
  readonly serverBusy: number;
  readonly sample: PushSample;
}

export interface MeasureOptions {
  readonly senders: readonly BenchProcess[];
  /** What the server had answered before the senders were started: the first pushes after that are for warming up. */
  readonly answeredBefore: number;
  readonly context: BenchContext;
}

const US_PER_MS = 1000;

/** Counted where the pushes arrive, by the server's clock: the same for whoever sends them. */
export async function measurePushes(stage: BenchStage, options: MeasureOptions): Promise<PushMeasurement> {
  const { senders, answeredBefore, context } = options;
  const start = await untilAnswered(stage, answeredBefore + warmUpCount(context));
  const ofSenders = senders.map(({ pid }) => watchCpu({ sender: pid }));
  const cpu = watchCpu({ redis: stage.redis.pid, server: stage.pushServer.pid });
  await delay(context.seconds);
  // On a machine that stood still a short time is not enough for any.
  const end = await untilAnswered(stage, start.answered + 1);
  const used = { ...cpu(), sender: ofSenders.reduce((sum, used) => sum + used().sender, 0) };
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

/** Starts so many dispatchers, measures what they send together, and ends them. */
export async function measureDispatchers(stage: BenchStage, dispatchers: number, context: BenchContext): Promise<PushMeasurement> {
  const { answered: answeredBefore } = await askPushServer(stage);
  const running = await Promise.all(Array.from({ length: dispatchers }, () => stage.startRole('dispatcher')));
  const senders = running.map(({ process }) => process);
  const measured = await measurePushes(stage, { senders, answeredBefore, context });
  await Promise.all(senders.map((sender) => sender.stop()));
  return measured;
}

export interface StockOptions {
  readonly appKey: string;
  /** More than can be sent in a second. */
  readonly perSecond: number;
  readonly inFlight: number;
  readonly context: BenchContext;
}

/** How many pushes have to wait so that the queue does not run dry while `measurePushes` looks. */
export function stockFor({ perSecond, inFlight, context }: Omit<StockOptions, 'appKey'>): number {
  // Beyond what can be sent in the time: those in flight, and those of the moments between two looks.
  return Math.ceil(perSecond * context.seconds) + warmUpCount(context) + 2 * inFlight;
}
