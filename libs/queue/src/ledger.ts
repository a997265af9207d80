import { z } from 'zod';
import type { RedisClient } from './connect-redis';
import { GATE, LEDGER, appKeyBase } from './keyspace';
import { ENDS, HOUR_MS, LEDGER_FIELDS, type LedgerField } from './ledger-lua';
import { readQueueKeys } from './partitions/known-partitions';
import { createScript } from './script';

/** Dispatches that have not ended, by where they are. */
export interface Waiting {
  /** Ready to be taken. */
  readonly queued: number;
  /** For another attempt. */
  readonly delayed: number;
  /** Under way in a dispatcher. */
  readonly active: number;
  /** Ready, in an app that does not run (parked, held, or its provider is out). */
  readonly parked: number;
}

/**
 * The books of one app: every accepted dispatch is in exactly one of the ends or waits. `duplicates` and `told` (rejections
 * told to homeservers) stand beside the balance.
 */
export interface Balance extends Readonly<Record<LedgerField, number>> {
  /** Of the accepted ones of the time asked for: not ended yet. */
  readonly open: number;
  /** All that wait now, whenever they were accepted. */
  readonly waiting: Waiting;
  /** accepted - ends - waiting, over all time: 0, or pushes that are lost (above) or counted twice (below). */
  readonly difference: number;
}

/**
 * One atomic look at an app's counts and queue. ARGV: first hour, last hour (of the epoch); the sums are over these hours of
 * acceptance, or over all time when the first is negative.
 */
const READ = createScript(`
local base, first, last = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local fields = { ${LEDGER_FIELDS.map((field) => `'${field}'`).join(', ')} }
local function countsOf(key)
  local counts = redis.call('HMGET', key, unpack(fields))
  for i = 1, #fields do counts[i] = tonumber(counts[i] or 0) end
  return counts
end
local total = countsOf(base .. '${LEDGER}')
local sums = total
if first >= 0 then
  sums = {}
  for i = 1, #fields do sums[i] = 0 end
  for hour = first, last do
    local counts = countsOf(base .. '${LEDGER}:' .. string.format('%.0f', hour))
    for i = 1, #fields do sums[i] = sums[i] + counts[i] end
  end
end
local ready = redis.call('LLEN', base .. 'wait') + redis.call('LLEN', base .. 'paused')
  + redis.call('ZCARD', base .. 'prioritized')
local stopped = redis.call('HEXISTS', base .. 'meta', 'paused') == 1 or redis.call('EXISTS', base .. '${GATE}') == 1
return { total, sums, ready, redis.call('ZCARD', base .. 'delayed'), redis.call('LLEN', base .. 'active'), stopped and 1 or 0 }
`);

const count = z.number().int();
const replySchema = z.tuple([z.array(count), z.array(count), count, count, count, count]);

/** Longest look back by hours; what is older has no counts of its own any more. */
const MAX_HOURS = 35 * 24;

export interface LedgerOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly appKey: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Counts only what was accepted in the hour of this moment (milliseconds since the epoch) or later. */
  readonly since?: number;
}

/**
 * Reads the books of an app, those of each of its queues in one atomic step: right at any moment, whatever is under way. Rejects when
 * Redis does.
 */
export async function readLedger(options: LedgerOptions): Promise<Balance> {
  const keys = await readQueueKeys(options, options.appKey);
  return sumBalances(await Promise.all(keys.map((appKey) => readQueueLedger({ ...options, appKey }))));
}

/** The same of one queue, by its key. */
export async function readQueueLedger({ redis, prefix, appKey, now, since }: LedgerOptions): Promise<Balance> {
  const last = Math.floor(now / HOUR_MS);
  const first = since === undefined ? -1 : Math.max(Math.floor(since / HOUR_MS), last - MAX_HOURS, 0);
  // A clock that is an hour ahead counts into the next hour.
  const reply: unknown = await READ.run(redis, appKeyBase(prefix, appKey), [first, last + 1]);
  const [total, sums, ready, delayed, active, stopped] = replySchema.parse(reply);
  const waiting = { queued: stopped ? 0 : ready, delayed, active, parked: stopped ? ready : 0 };
  const counted = named(sums);
  return { ...counted, open: openOf(counted), waiting, difference: openOf(named(total)) - ready - delayed - active };
}

/** One balance of several; they close together when each does. */
export function sumBalances(balances: readonly Balance[]): Balance {
  const sum = (count: (balance: Balance) => number): number => balances.reduce((all, balance) => all + count(balance), 0);
  return {
    ...named(LEDGER_FIELDS.map((field) => sum((balance) => balance[field]))),
    open: sum(({ open }) => open),
    waiting: {
      queued: sum(({ waiting }) => waiting.queued),
      delayed: sum(({ waiting }) => waiting.delayed),
      active: sum(({ waiting }) => waiting.active),
      parked: sum(({ waiting }) => waiting.parked),
    },
    difference: addUp(balances.map(({ difference }) => difference)),
  };
}

/** What is lost in one queue is not made up for by what is counted twice in another: the faults add up, with the sign of the largest. */
function addUp(differences: readonly number[]): number {
  const largest = differences.reduce((one, other) => (Math.abs(other) > Math.abs(one) ? other : one), 0);
  return Math.sign(largest) * differences.reduce((sum, each) => sum + Math.abs(each), 0);
}

function openOf(counts: Readonly<Record<LedgerField, number>>): number {
  return counts.accepted - ENDS.reduce((sum, end) => sum + counts[end], 0);
}

function named(counts: readonly number[]): Record<LedgerField, number> {
  const of = (field: LedgerField): number => counts[LEDGER_FIELDS.indexOf(field)] ?? 0;
  return {
    accepted: of('accepted'),
    delivered: of('delivered'),
    rejected: of('rejected'),
    skipped: of('skipped'),
    superseded: of('superseded'),
    expired: of('expired'),
    dead: of('dead'),
    duplicates: of('duplicates'),
    told: of('told'),
  };
}
