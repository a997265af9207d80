import { createHmac } from 'node:crypto';

/** 128 bits: enough that two devices of a large vendor never share a hash, short enough for millions of Redis keys. */
const HASH_BYTES = 16;

/** Keyed hashes by which logs, metrics and Redis keys name what they must not show. */
export interface KeyedHash {
  /** Of a device: its (app_id, pushkey). */
  readonly device: (appId: string, pushkey: string) => string;
  /** Of one event for one device. */
  readonly event: (deviceHash: string, eventId: string) => string;
}

/**
 * HMAC-SHA-256 under a key that is generated once (so that a list of hashes cannot be matched against a list of
 * pushkeys by a stranger), as 22 characters of base64url.
 */
export function createKeyedHash(key: Buffer): KeyedHash {
  const digest = (label: string, first: string, second: string): string => {
    const hmac = createHmac('sha256', key);
    // The length of the first part keeps ("ab", "c") and ("a", "bc") apart.
    hmac.update(`${label}:${first.length}:${first}:${second}`);
    return hmac.digest().subarray(0, HASH_BYTES).toString('base64url');
  };
  return {
    device: (appId, pushkey) => digest('device', appId, pushkey),
    event: (deviceHash, eventId) => digest('event', deviceHash, eventId),
  };
}
