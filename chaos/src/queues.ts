import { appKeyBase, createDispatchCodec, parseDeadLetter, readLedger, type RedisClient } from '@reveille/queue';

import type { BuriedPush } from './audit';
import { APPS } from './devices';
import { countsKey } from './notification';
import { REDIS_PREFIX } from './relay-configuration';

const APP_IDS = Object.values(APPS);
/** The suite's relay seals nothing: the books have to be read. */
const CODEC = createDispatchCodec();

/** How far the relay's own books are from closing. */
export interface LedgerState {
  /** Pushes of all apps that have not ended: waiting, delayed or under way. */
  readonly unended: number;
  /** Sum over the apps of accepted - ended - waiting, without sign. */
  readonly difference: number;
}

/** Reads the ledger of every app. Rejects when Redis does. */
export async function readLedgers(redis: RedisClient): Promise<LedgerState> {
  const balances = await Promise.all(
    APP_IDS.map((appKey) => readLedger({ redis, prefix: REDIS_PREFIX, appKey, now: Date.now() })),
  );
  return balances.reduce(
    ({ unended, difference }, { waiting, difference: ofApp }) => ({
      unended: unended + waiting.queued + waiting.delayed + waiting.active + waiting.parked,
      difference: difference + Math.abs(ofApp),
    }),
    { unended: 0, difference: 0 },
  );
}

/** The failed sets of all apps, with their reasons. */
export async function readBuried(redis: RedisClient): Promise<BuriedPush[]> {
  const buried = await Promise.all(APP_IDS.map((appKey) => readBuriedOf(redis, appKey)));
  return buried.flat();
}

async function readBuriedOf(redis: RedisClient, appKey: string): Promise<BuriedPush[]> {
  const base = appKeyBase(REDIS_PREFIX, appKey);
  const ids = await redis.zrange(`${base}failed`, '0', '-1');
  const all = await Promise.all(
    ids.map(async (id) => {
      const { data = 'null', failedReason = '' } = await redis.hgetall(`${base}${id}`);
      const { dispatch } = CODEC.decode(appKey, id, JSON.parse(data));
      if (!dispatch) return [];
      const { outcome, reason } = parseDeadLetter(failedReason);
      const { eventId, counts } = dispatch.notification;
      return [{ pushkey: dispatch.device.pushkey, key: eventId ?? countsKey(counts.unread ?? 0), outcome, reason }];
    }),
  );
  return all.flat();
}
