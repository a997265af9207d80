import { createHash } from 'node:crypto';
import { putFailed, type DeadLetter, type PutPush } from '@reveille/queue';
import type { Redis } from 'ioredis';
import { REDIS_PREFIX } from '../bench-redis';

/** Three days, up to a moment of no importance. */
export const LAST_FAILED_AT = 1_800_000_000_000;
export const FIRST_FAILED_AT = LAST_FAILED_AT - 3 * 86_400_000;

const BATCH = 500;
const DEVICES = 50_000;
const ROOMS = 2000;
const DEVICES_OF_AN_EVENT = 10;
/** Every so many events are in the one room where everybody is. */
const BIG_ROOM_EVERY = 10;
const MOST_ATTEMPTS = 30;

const LETTERS: readonly DeadLetter[] = [
  { outcome: 'expired', reason: 'deadline', provider_status: 503, provider_reason: 'ServiceUnavailable' },
  { outcome: 'expired', reason: 'deadline', provider_status: 429, provider_reason: 'TooManyRequests' },
  { outcome: 'expired', reason: 'deadline', provider_status: 500, provider_reason: 'InternalServerError' },
  { outcome: 'expired', reason: 'deadline', provider_reason: 'timeout' },
  { outcome: 'expired', reason: 'deadline' },
  { outcome: 'dead', reason: 'payload-too-large' },
  { outcome: 'dead', reason: 'BadTopic', provider_status: 400, provider_reason: 'BadTopic' },
  { outcome: 'dead', reason: 'poison' },
];

/** As long as a keyed hash. */
function hashOf(kind: string, number: number): string {
  return createHash('md5').update(`${kind}${number}`).digest('base64url');
}
export const nameOfDevice = (number: number): string => hashOf('device', number % DEVICES);
export const nameOfRoom = (number: number): string => hashOf('room', number % ROOMS);
export const nameOfEvent = (number: number): string => hashOf('event', number);
export const BIG_ROOM = nameOfRoom(0);

/** Fills the failed sets; nine of ten pushes belong to the first app. */
export async function seedFailed(redis: Redis, pushes: number, [first, second]: readonly [string, string]): Promise<void> {
  for (let at = 0; at < pushes; at += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, pushes - at) }, (_, index) => at + index);
    const appKey = (at / BATCH) % 10 === 9 ? second : first;
    await putFailed({ redis, prefix: REDIS_PREFIX, appKey }, numbers.map((number) => pushOf(number, number / pushes)));
  }
}

function pushOf(number: number, share: number): PutPush {
  const failedAt = FIRST_FAILED_AT + Math.floor(share * (LAST_FAILED_AT - FIRST_FAILED_AT));
  const event = Math.floor(number / DEVICES_OF_AN_EVENT);
  const letter = LETTERS[number % LETTERS.length] ?? { outcome: 'dead', reason: 'poison' };
  return {
    letter,
    failedAt,
    attempts: letter.outcome === 'expired' ? 1 + ((number * 7) % MOST_ATTEMPTS) : 1,
    dispatch: {
      id: idOf(number),
      kind: 'event',
      acceptedAt: failedAt - 3_600_000,
      deadline: failedAt,
      deviceHash: nameOfDevice(number * 31),
      eventHash: nameOfEvent(event),
      roomHash: event % BIG_ROOM_EVERY === 0 ? BIG_ROOM : nameOfRoom(event),
      device: { appId: 'com.example.ios', pushkey: hashOf('pushkey', number), defaultPayload: { kind: 'absent' } },
      notification: { eventId: `$${hashOf('id', event)}`, roomId: '!room:example.org', userIsTarget: false, priority: 'high', counts: { unread: 1 } },
    },
  };
}

/** In no order, as the ids of real ones. */
function idOf(number: number): string {
  const hex = createHash('md5').update(String(number)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
