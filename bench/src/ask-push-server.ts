import type { BenchStage } from './bench-stage';
import { delay } from './benchmarks/benchmark';
import { pushStatsSchema, type PushCall, type PushStats } from './workers/push-protocol';

const CALL_TIMEOUT_MS = 30_000;
const ANSWERED_TIMEOUT_MS = 60_000;
const POLL_SECONDS = 0.02;

/** What the stand-in for the providers has seen so far; `call` may change how it goes on. */
export function askPushServer({ pushServer }: Pick<BenchStage, 'pushServer'>, call: PushCall = {}): Promise<PushStats> {
  return pushServer.call(call, pushStatsSchema, CALL_TIMEOUT_MS);
}

/** Waits until it has answered so many pushes since its start. @throws Error when that takes longer than a minute. */
export async function untilAnswered(stage: Pick<BenchStage, 'pushServer'>, answered: number, pollSeconds = POLL_SECONDS): Promise<PushStats> {
  const deadline = performance.now() + ANSWERED_TIMEOUT_MS;
  for (;;) {
    const stats = await askPushServer(stage);
    if (stats.answered >= answered) return stats;
    if (performance.now() > deadline) throw new Error(`the pushes did not arrive within ${ANSWERED_TIMEOUT_MS} ms`);
    await delay(pollSeconds);
  }
}
