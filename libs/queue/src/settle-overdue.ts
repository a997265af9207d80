import { z } from 'zod';
import type { RedisClient } from './connect-redis';
import type { DeadLetter } from './dead-letter';
import { catchUpFailed } from './failed/catch-up';
import { appKeyBase } from './keyspace';
import { OVERDUE_BATCH, SETTLE_OVERDUE } from './overdue-script';
import { parseJson } from './parse-json';
import { SETTLE_VANISHED } from './vanished-script';

/** A dispatch that ended without a worker. What is not known of it is absent. */
export interface SettledDispatch {
  readonly id: string;
  /** `expired`: its deadline passed while it waited. `dead`: it was not in the queue any more. */
  readonly letter: DeadLetter;
  readonly deviceHash?: string;
  /** Milliseconds since the epoch. */
  readonly acceptedAt?: number;
}

export interface SettleOverdueOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** The queue key: see keyspace.ts. */
  readonly appKey: string;
  /** How long, and how many, dead letters of the app are kept. */
  readonly deadLetters: { readonly maxAgeMs: number; readonly maxCount: number };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A dispatch at its deadline is the worker's to end; this long after (milliseconds) nobody will. */
const GRACE_MS = 1000;
/** How long one go may take, in milliseconds: the rest has time until the next one. */
const GO_MS = 500;
/** Looks in vain for those that vanished, in one go. */
const MAX_LOOKS = 5;

const EXPIRED: DeadLetter = { outcome: 'expired', reason: 'deadline' };
const LOST: DeadLetter = { outcome: 'dead', reason: 'lost' };

const replySchema = z.tuple([z.number().int(), z.array(z.string())]);
/** What of a job's data is in the clear, sealed or not. */
const clearSchema = z.object({ deviceHash: z.string(), acceptedAt: z.number() });

/**
 * Ends what no worker ends: pushes of an app that is parked or whose provider is out, once they are past their deadline, and
 * those that vanished from the queue. Every dispatcher may call it; each dispatch is ended once. Rejects when Redis does.
 */
export async function settleOverdue(options: SettleOverdueOptions): Promise<SettledDispatch[]> {
  // First: what has been settled must be told, and not be lost because this failed.
  await catchUpFailed(options.redis, appKeyBase(options.prefix, options.appKey));
  const goOnUntil = performance.now() + GO_MS;
  const settled: SettledDispatch[] = [];
  try {
    await endOverdue(options, settled, goOnUntil);
    await endVanished(options, settled, goOnUntil);
  } catch (error) {
    if (settled.length === 0) throw error;
    // What has been settled must be told; the next sweep meets the failure again.
  }
  return settled;
}

async function endOverdue(options: SettleOverdueOptions, settled: SettledDispatch[], goOnUntil: number): Promise<void> {
  const { redis, prefix, appKey, deadLetters, now } = options;
  let passedOver = 0;
  do {
    const { maxCount, maxAgeMs } = deadLetters;
    const letters = [EXPIRED, LOST].map((letter) => JSON.stringify(letter));
    const args = [now(), now() - GRACE_MS, passedOver, maxCount, maxAgeMs, ...letters];
    const [left, ended] = replySchema.parse(await SETTLE_OVERDUE.run(redis, appKeyBase(prefix, appKey), args));
    passedOver += left;
    for (let i = 0; i + 2 < ended.length; i += 3) settled.push(toSettled(ended.slice(i, i + 3)));
    if (left + ended.length / 3 < OVERDUE_BATCH) break;
  } while (performance.now() < goOnUntil);
}

/** Those that are not in the queue any more, whatever time they had. */
async function endVanished({ redis, prefix, appKey, now }: SettleOverdueOptions, settled: SettledDispatch[], goOnUntil: number): Promise<void> {
  for (let run = 1; performance.now() < goOnUntil; run++) {
    const reply: unknown = await SETTLE_VANISHED.run(redis, appKeyBase(prefix, appKey), [now(), JSON.stringify(LOST)]);
    const [hasMore, ended] = replySchema.parse(reply);
    for (let i = 0; i + 1 < ended.length; i += 2) settled.push(toSettled([ended[i] ?? '', 'lost', ended[i + 1] ?? '']));
    if (hasMore === 0 || (ended.length === 0 && run >= MAX_LOOKS)) break;
  }
}

function toSettled([id = '', outcome, data = '']: readonly string[]): SettledDispatch {
  const clear = clearSchema.safeParse(parseJson(data));
  return { id, letter: outcome === 'expired' ? EXPIRED : LOST, ...(clear.success && clear.data) };
}
