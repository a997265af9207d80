import { askPushServer } from './ask-push-server';
import type { BenchStage } from './bench-stage';
import { delay } from './benchmarks/benchmark';
import type { PushStats } from './workers/push-protocol';

const TIMEOUT_MS = 60_000;
const POLL_SECONDS = 0.05;

/**
 * Waits until so many pushes of the load generator have arrived at APNs since their ages were last forgotten; returns the ages.
 * @throws Error when that takes longer than a minute.
 */
export async function untilArrived(stage: Pick<BenchStage, 'pushServer'>, count: number): Promise<PushStats['ages']> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const { ages } = await askPushServer(stage);
    if (ages.count >= count) return ages;
    if (performance.now() > deadline) throw new Error(`${ages.count} of ${count} pushes arrived within ${TIMEOUT_MS} ms`);
    await delay(POLL_SECONDS);
  }
}
