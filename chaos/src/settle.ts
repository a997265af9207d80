import { audit, type BuriedPush } from './audit';
import type { ChaosStage } from './chaos-stage';
import { delay } from './delay';
import { toDelivery } from './delivery';
import type { RunningLoad } from './load';
import { readBuried, readLedgers } from './queues';
import type { Findings } from './scenario';

export interface SettleOptions {
  readonly load: RunningLoad;
  /** On the monotonic clock, in milliseconds. */
  readonly faultEndedAt: number;
  readonly patienceMs: number;
  /** What lay in the failed sets and may be there no more. */
  readonly buried?: readonly BuriedPush[];
}

/** The load goes on for so long after the fault, in milliseconds. */
const AFTER_FAULT_MS = 1500;
const LOOK_MS = 100;
/** So many looks in a row must find nothing under way: a push may be between two states at the moment of one. */
const QUIET_LOOKS = 3;
/** For a figure that was never reached: above any bound. */
const NEVER_MS = Number.POSITIVE_INFINITY;

/** Waits until everything has come to rest after the fault, and closes the books. */
export async function settle(stage: ChaosStage, { load, faultEndedAt, patienceMs, buried = [] }: SettleOptions): Promise<Findings> {
  const sinceFault = (): number => performance.now() - faultEndedAt;
  const ready = stage.ready(patienceMs).then(sinceFault, () => NEVER_MS);
  await load.end(AFTER_FAULT_MS);
  const loadEndedAt = performance.now();
  const readyMs = await ready;
  const unended = await untilQuiet(stage, patienceMs);
  const settledMs = performance.now() - loadEndedAt;
  const { homeserver, simulator, redis, roles } = stage;
  return {
    ...audit({
      sent: homeserver.sent,
      deliveries: simulator.received().map(toDelivery),
      buried: [...buried, ...(await readBuried(redis.client))],
    }),
    ledgerDifference: (await readLedgers(redis.client)).difference,
    unacknowledged: homeserver.unacknowledged,
    unended,
    crashes: roles.reduce((sum, { crashes }) => sum + crashes, 0),
    readyMs,
    settledMs,
  };
}

/** Pushes that had not ended when the patience was over; 0 as soon as all have. */
async function untilQuiet({ homeserver, redis }: ChaosStage, patienceMs: number): Promise<number> {
  const deadline = performance.now() + patienceMs;
  let quiet = 0;
  for (;;) {
    const { unended } = await readLedgers(redis.client);
    quiet = unended + homeserver.unacknowledged === 0 ? quiet + 1 : 0;
    if (quiet >= QUIET_LOOKS) return 0;
    if (performance.now() > deadline) return unended;
    await delay(LOOK_MS);
  }
}
