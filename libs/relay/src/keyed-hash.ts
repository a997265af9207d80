import { createHmac } from 'node:crypto';

/** 128 bits: enough that two devices of a large vendor never share a hash, short enough for millions of Redis keys. */
const HASH_BYTES = 16;

/** Keyed hashes by which logs, metrics and Redis keys name what they must not show. */
export interface KeyedHash {
  /** Of a device: its (app_id, pushkey). */
  readonly device: (appId: string, pushkey: string) => string;
  readonly event: (eventId: string) => string;
  readonly room: (roomId: string) => string;
}

/**
 * HMAC-SHA-256 under a key that is generated once (so that a list of hashes cannot be matched against a list of
 * pushkeys by a stranger), as 22 characters of base64url.
 */
export function createKeyedHash(key: Buffer): KeyedHash {
  const digest = (text: string): string =>
    createHmac('sha256', key).update(text).digest().subarray(0, HASH_BYTES).toString('base64url');
  return {
    // The length of the first part keeps ("ab", "c") and ("a", "bc") apart.
    device: (appId, pushkey) => digest(`device:${appId.length}:${appId}:${pushkey}`),
    event: (eventId) => digest(`event:${eventId}`),
    room: (roomId) => digest(`room:${roomId}`),
  };
}
