import { createHash } from 'node:crypto';
import type { Device } from '@reveille/notification';
import { createEnqueueDispatches, type AdmissionRequest } from '@reveille/queue';
import { REDIS_PREFIX, type BenchRedis } from './bench-redis';
import { FCM_APP } from './notify-bodies';

/** Pushes that are to wait in the queue of an app. */
export interface Seed {
  readonly appKey: string;
  readonly count: number;
  /** Default: high. */
  readonly lane?: 'high' | 'low';
  /** The namespace of the relay that is to send them; default: the one of the configuration. */
  readonly prefix?: string;
}

/** Pushes in one call; the queue makes batches of 100 of them. */
const AT_ONCE = 1000;
const HOUR_MS = 3_600_000;
const TIMEOUT_MS = 60_000;
const LIMIT = { count: 10_000_000, ageMs: 0 };
/** As in the default configuration. */
const EXPLAIN = { keepMs: 24 * HOUR_MS, maxPushes: 100_000, ingress: 'seed' };
const PUSHKEY_TS = 1_795_333_200;
/** What the load generator's requests give an iOS device. */
const APNS_PAYLOAD = { aps: { 'mutable-content': 1, 'alert': { 'loc-key': 'Notification', 'loc-args': [] } } };
/** Behind letters and a number: 32 bytes in base64, but no serial number of the load generator. */
const PUSHKEY_FILLER = 'qDwv8Zk3yT1mBzR5sXcVbNaLjHgFdSp';

const FCM_PUSHKEY_LENGTH = 163;

/** Over all seeds of this process: no two pushes share an event or a pushkey. */
let lastNumber = 0;

/**
 * Puts pushes into a queue by the very script that ingress uses, 1,000 at a time: as if they had been accepted, with all
 * marks, and in seconds instead of minutes. @throws Error when one of them was not accepted.
 */
export async function seedWaiting({ client }: Pick<BenchRedis, 'client'>, seed: Seed): Promise<void> {
  const enqueue = createEnqueueDispatches({
    redis: client,
    prefix: seed.prefix ?? REDIS_PREFIX,
    guard: { lua: 'return false' },
    duplicateWindowMs: HOUR_MS,
    queueLimit: () => LIMIT,
    countsMaxAgeMs: () => HOUR_MS,
    explain: EXPLAIN,
    timeoutMs: TIMEOUT_MS,
    now: Date.now,
  });
  for (let at = 0; at < seed.count; at += AT_ONCE) {
    const result = await enqueue(Array.from({ length: Math.min(AT_ONCE, seed.count - at) }, () => admissionOf(seed)));
    if (!result.ok) throw new Error(`pushes could not be queued: ${result.detail}`);
    const refused = result.verdicts.find((verdict) => verdict !== 'accepted');
    if (refused !== undefined) throw new Error(`a push that was to wait is ${refused}`);
  }
}

function admissionOf({ appKey, lane = 'high' }: Seed): AdmissionRequest {
  lastNumber += 1;
  const acceptedAt = Date.now();
  const digits = String(lastNumber).padStart(8, '0');
  const hash = createHash('sha256').update(digits).digest();
  const text = hash.toString('base64url');
  return {
    appKey,
    duplicateKey: text.repeat(2).slice(0, 44),
    dispatch: {
      id: idOf(hash.toString('hex')),
      kind: 'event',
      acceptedAt,
      deadline: acceptedAt + HOUR_MS,
      deviceHash: text.slice(0, 22),
      eventHash: text.slice(11, 33),
      roomHash: text.slice(21, 43),
      device: deviceOf(appKey, `seed${digits}${PUSHKEY_FILLER}`),
      notification: {
        eventId: `$${text}`,
        roomId: '!wyaFoweUVbrzTqLqdT:example.org',
        userIsTarget: false,
        priority: lane,
        counts: { unread: 1 },
      },
    },
  };
}

function deviceOf(appId: string, start: string): Device {
  return appId === FCM_APP
    ? { appId, pushkey: start.padEnd(FCM_PUSHKEY_LENGTH, 'x'), pushkeyTs: PUSHKEY_TS, defaultPayload: { kind: 'absent' } }
    : { appId, pushkey: `${start}=`, pushkeyTs: PUSHKEY_TS, defaultPayload: { kind: 'object', value: APNS_PAYLOAD } };
}

function idOf(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
