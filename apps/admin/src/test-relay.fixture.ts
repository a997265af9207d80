import { appKeyBase, createDispatchCodec, createEnqueueDispatches, putFailed, type RedisClient } from '@reveille/queue';
import { createRejectionMemory, createStormBreaker } from '@reveille/rejections';

import { HASHES, IOS, PREFIX, PUSHKEY, testDispatch } from './test-admin.fixture';

export const baseOf = (appKey: string): string => appKeyBase(PREFIX, appKey);
export const DEVICE = HASHES.device(IOS, PUSHKEY);
export const REFUSED = { outcome: 'dead', reason: 'PayloadTooLarge', provider_status: 413, provider_reason: 'PayloadTooLarge' } as const;
export const IOS_PATH = `/api/v1/apps/${IOS}`;

/** Failed pushes, as a dispatcher leaves them; newest last. */
export async function fail(redis: RedisClient, count = 1, failedAt = Date.now()): Promise<string[]> {
  const pushes = Array.from({ length: count }, (_, index) => {
    const history = [JSON.stringify({ at: failedAt, reason: 'PayloadTooLarge', status: 413, provider_reason: 'PayloadTooLarge' })];
    return { dispatch: testDispatch(), letter: REFUSED, failedAt: failedAt + index, attempts: 3, history };
  });
  await putFailed({ redis, prefix: PREFIX, appKey: IOS, codec: createDispatchCodec() }, pushes);
  return pushes.map(({ dispatch }) => dispatch.id);
}

/** Pushes that wait, as an ingress leaves them. */
export async function enqueue(redis: RedisClient, count: number): Promise<void> {
  const dispatches = Array.from({ length: count }, () => ({ appKey: IOS, dispatch: testDispatch({ acceptedAt: Date.now() }) }));
  const enqueueDispatches = createEnqueueDispatches({
    redis,
    prefix: PREFIX,
    guard: { lua: 'return false' },
    duplicateWindowMs: 1,
    queueLimit: () => ({ count: 100, ageMs: 0 }),
    countsMaxAgeMs: () => 1_000,
    timeoutMs: 2_000,
    now: Date.now,
  });
  for (const one of dispatches) expect(await enqueueDispatches([one])).toMatchObject({ ok: true });
}

/** A device whose pushkey is dead. */
export function remember(redis: RedisClient): Promise<void> {
  const memory = createRejectionMemory({ redis, baseOf, ttlMs: 60_000 });
  return memory.remember(IOS, DEVICE, { diedAt: Date.now(), reason: 'Unregistered' });
}

/** So many held verdicts. */
export async function storm(redis: RedisClient, devices: number, app = IOS): Promise<void> {
  const breaker = createStormBreaker({
    redis,
    base: baseOf(app),
    settings: {
      ...{ windowMs: 60_000, floor: 100, suspectFloor: 20, share: 0.5, suspectShare: 0.25, factor: 5 },
      ...{ holdForMs: 60_000, releasePerMinute: 60, retryMs: 1000, ttlMs: 60_000 },
    },
    fingerprint: () => '',
    now: Date.now,
    random: Math.random,
    onEvent: () => undefined,
  });
  const verdict = { diedAt: Date.now(), reason: 'DeviceTokenNotForTopic', suspect: true, isAnswer: true };
  for (let index = 0; index < devices; index++) await breaker.remember(`h${index}`, verdict);
}
