import { askPushServer, untilAnswered } from './ask-push-server';
import type { BenchProcess } from './bench-process';
import type { BenchStage } from './bench-stage';
import { delay } from './benchmarks/benchmark';
import { generateLoad } from './generate-load';
import { watchCpu } from './process-usage';
import { backlogGrowth, type BacklogSample } from './steady-search';
import { untilArrived } from './until-arrived';
import type { LoadResult } from './workers/load-protocol';
import type { PushStats } from './workers/push-protocol';

/** Who takes part, by what it is called in the report. */
export type Participant = 'ingress' | 'dispatcher' | 'admin' | 'redis' | 'generator' | 'server';

export interface SteadyOptions {
  readonly stage: BenchStage;
  readonly generator: BenchProcess;
  readonly url: string;
  readonly body: string;
  readonly pids: Readonly<Record<Participant, number>>;
}

export interface SteadyStage {
  readonly load: LoadResult;
  /** Share of the load that was left over. */
  readonly growth: number;
  readonly ages: PushStats['ages'];
  /** CPU time of each while the load went on, in milliseconds. */
  readonly cpuMs: Readonly<Record<Participant, number>>;
  /** Length of the load. */
  readonly tookMs: number;
}

/** As many requests may be under way at one time. */
const CONNECTIONS = 64;
const SAMPLE_SECONDS = 0.02;

/** Sends at a steady pace through everything and looks whether the provider gets as much; ends when all of it has arrived. */
export async function runSteadyStage(options: SteadyOptions, perSecond: number, seconds: number): Promise<SteadyStage> {
  const { stage, generator, url, body, pids } = options;
  const { answered: before } = await askPushServer(stage, { forgetAges: true });
  const cpu = watchCpu(pids);
  const startedAt = performance.now();
  const samples: BacklogSample[] = [];
  let isOver = false;
  const sampling = (async () => {
    while (!isOver) {
      await delay(SAMPLE_SECONDS);
      const { answered } = await askPushServer(stage);
      const at = performance.now() - startedAt;
      if (at <= seconds * 1000) samples.push({ at, backlog: (at * perSecond) / 1000 - (answered - before) });
    }
  })();
  const count = Math.max(1, Math.ceil(perSecond * seconds));
  const load = await generateLoad(generator, { url, body, connections: CONNECTIONS, perSecond, count });
  const cpuMs = cpu();
  const tookMs = performance.now() - startedAt;
  isOver = true;
  await sampling;
  await untilAnswered(stage, before + load.acknowledged);
  return { load, growth: backlogGrowth(samples, perSecond), ages: await untilArrived(stage, load.acknowledged), cpuMs, tookMs };
}
