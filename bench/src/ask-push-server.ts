import type { BenchStage } from './bench-stage';
import { delay } from './benchmarks/benchmark';
import { pushStatsSchema, type PushCall, type PushStats } from './workers/push-protocol';

const CALL_TIMEOUT_MS = 30_000;
/** On top of what the slowest machine takes for each push. */
const PATIENCE_MS = 60_000;
const PATIENCE_PER_PUSH_MS = 10;
const POLL_SECONDS = 0.02;

/** What the stand-in for the providers has seen so far; `call` may change how it goes on. */
export function askPushServer({ pushServer }: Pick<BenchStage, 'pushServer'>, call: PushCall = {}): Promise<PushStats> {
  return pushServer.call(call, pushStatsSchema, CALL_TIMEOUT_MS);
}

/** Waits until it has answered so many pushes since its start. @throws Error when that takes far too long. */
export async function untilAnswered(
  stage: Pick<BenchStage, 'pushServer'>,
  answered: number,
  pollSeconds = POLL_SECONDS,
): Promise<PushStats> {
  let stats = await askPushServer(stage);
  const deadline = performance.now() + PATIENCE_MS + (answered - stats.answered) * PATIENCE_PER_PUSH_MS;
  while (stats.answered < answered) {
    if (performance.now() > deadline) throw new Error(`${stats.answered} of ${answered} pushes were answered in time`);
    await delay(pollSeconds);
    stats = await askPushServer(stage);
  }
  return stats;
}
