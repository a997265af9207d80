import { appKeyBase } from '../keyspace';

export const MINUTE_MS = 60_000;
/** Minutes that are kept, in all and to look back: a day, and an hour so that a range of a day is whole. */
export const KEPT_MINUTES = 25 * 60;
export const STATS_TTL_MS = KEPT_MINUTES * MINUTE_MS;

/** Field of an answer: this, the status, a colon and the reason. */
export const ANSWER = 'answer:';
/** Field of a time to delivery: this and the number of its bucket. */
export const TIME = 'time:';

/** The hash of one minute of an app; `minute` counts from the epoch. */
export function statsKey(prefix: string, appKey: string, minute: number): string {
  return `${appKeyBase(prefix, appKey)}stats:${minute}`;
}

export function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}
