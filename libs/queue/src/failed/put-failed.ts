import type { Dispatch } from '@reveille/provider';
import { JOB_OPTIONS, LOW_PRIORITY } from '../add-job-lua';
import type { RedisClient } from '../connect-redis';
import type { DeadLetter } from '../dead-letter';
import { createDispatchCodec, type DispatchCodec } from '../dispatch-codec';
import { appKeyBase } from '../keyspace';
import { ledgerLua } from '../ledger-lua';
import { createScript } from '../script';
import { failedIndexLua } from './failed-index-lua';

/** A push that failed, as it is to be put into the failed set. */
export interface PutPush {
  readonly dispatch: Dispatch;
  readonly letter: DeadLetter;
  /** Milliseconds since the epoch. */
  readonly failedAt: number;
  /** Default 1. */
  readonly attempts?: number;
  /** Its `historyEntry`s, oldest first. */
  readonly history?: readonly string[];
}

export interface PutFailedOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly appKey: string;
  /** Default: in the clear. */
  readonly codec?: DispatchCodec;
}

const ARGUMENTS = 9;

/** ARGV: for each push id, data, options, priority, accepted at, failed at, attempts, letter, stacktrace. */
const PUT = createScript(`
local base = KEYS[1]
${ledgerLua}
${failedIndexLua}
for i = 1, #ARGV, ${ARGUMENTS} do
  local id, acceptedAt, failedAt, letter = ARGV[i], tonumber(ARGV[i + 4]), tonumber(ARGV[i + 5]), ARGV[i + 7]
  redis.call('HSET', base .. id, 'name', 'push', 'data', ARGV[i + 1], 'opts', ARGV[i + 2], 'timestamp', ARGV[i + 4], 'delay', '0',
    'priority', ARGV[i + 3], 'processedOn', ARGV[i + 5], 'finishedOn', ARGV[i + 5], 'atm', ARGV[i + 6], 'ats', ARGV[i + 6],
    'failedReason', letter, 'stacktrace', ARGV[i + 8])
  redis.call('ZADD', base .. 'failed', failedAt, id)
  failedAdd(id, failedAt)
  ledgerCount(acceptedAt, 'accepted', 1)
  ledgerCount(acceptedAt, failedLetter(letter).outcome, 1)
end
return redis.status_reply('OK')
`);

/**
 * Puts pushes straight into the failed set of an app, its index and its ledger, as if they had been accepted and had failed: for
 * tests and benchmarks, which need a million of them. Rejects when Redis does.
 */
export async function putFailed({ redis, prefix, appKey, codec = createDispatchCodec() }: PutFailedOptions, pushes: readonly PutPush[]): Promise<void> {
  const args = pushes.flatMap(({ dispatch, letter, failedAt, attempts = 1, history = [] }) => {
    const priority = dispatch.notification.priority === 'low' ? LOW_PRIORITY : 0;
    const opts = { ...JOB_OPTIONS, ...(priority > 0 && { priority }) };
    return [
      ...[dispatch.id, codec.encode(appKey, dispatch), JSON.stringify(opts), priority, dispatch.acceptedAt],
      ...[failedAt, attempts, JSON.stringify(letter), JSON.stringify(history)],
    ];
  });
  await PUT.run(redis, appKeyBase(prefix, appKey), args);
}
