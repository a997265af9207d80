import { z } from 'zod';
import { MOST_ATTEMPTS } from './failed-keys';

/** Ids that may be named at once. */
const MAX_IDS = 1000;
const MAX_TEXT = 200;

const text = z.string().min(1).max(MAX_TEXT);
/** A keyed hash: nothing that could leave its place in a key. */
const hash = z.string().regex(/^[\w-]{1,64}$/);
/** Milliseconds since the epoch. */
const moment = z.number().int().nonnegative().max(9_999_999_999_999);
const attempts = z.number().int().nonnegative();

/** Which failed pushes are meant. What is absent does not matter; everything that is there must hold. */
export const failedFilterSchema = z.strictObject({
  /** Key of the app in the configuration; absent: all apps. */
  app: text.exactOptional(),
  outcome: z.enum(['dead', 'expired']).exactOptional(),
  reason: text.exactOptional(),
  /** What the provider said last; null: it never answered, or nothing that was kept. */
  providerStatus: z.number().int().nullable().exactOptional(),
  providerReason: text.nullable().exactOptional(),
  /** When it failed: from this moment on ... */
  since: moment.exactOptional(),
  /** ... to this one, both included. */
  until: moment.exactOptional(),
  eventHash: hash.exactOptional(),
  roomHash: hash.exactOptional(),
  deviceHash: hash.exactOptional(),
  /** Both included. From 50 on they are not told apart: a lower limit above it counts as 50. */
  attemptsMin: attempts.exactOptional(),
  attemptsMax: attempts.exactOptional(),
  ids: z.array(text).max(MAX_IDS).exactOptional(),
});

export type FailedFilter = Readonly<z.infer<typeof failedFilterSchema>>;

/** Why something failed, as far as it is told apart. */
export interface FailedCause {
  readonly outcome: string;
  readonly reason: string;
  readonly providerStatus?: number;
  readonly providerReason?: string;
}

/** What of a failed push a filter looks at. */
export interface FilteredPush extends FailedCause {
  readonly id: string;
  readonly app: string;
  /** Milliseconds since the epoch. */
  readonly failedAt: number;
  readonly attempts: number;
  readonly eventHash?: string;
  readonly roomHash?: string;
  readonly deviceHash?: string;
}

const EXACT = ['app', 'outcome', 'reason', 'eventHash', 'roomHash', 'deviceHash'] as const;
const ABSENT_AS_NULL = ['providerStatus', 'providerReason'] as const;

/** Whether a failed push is meant: the meaning of a filter, for what is not found by the index. */
export function matchesFailed(filter: FailedFilter, push: FilteredPush): boolean {
  return (
    EXACT.every((name) => filter[name] === undefined || filter[name] === push[name]) &&
    ABSENT_AS_NULL.every((name) => filter[name] === undefined || filter[name] === (push[name] ?? null)) &&
    isInTime(filter, push.failedAt) &&
    isSoOften(filter, push.attempts) &&
    (filter.ids === undefined || filter.ids.includes(push.id))
  );
}

function isInTime({ since = 0, until = Infinity }: FailedFilter, failedAt: number): boolean {
  return failedAt >= since && failedAt <= until;
}

function isSoOften(filter: FailedFilter, made: number): boolean {
  const { least, most } = attemptsRange(filter);
  const counted = Math.min(made, MOST_ATTEMPTS);
  return counted >= least && counted <= most;
}

/** Numbers of attempts as the index tells them apart. */
export function attemptsRange({ attemptsMin = 0, attemptsMax = MOST_ATTEMPTS }: FailedFilter): { readonly least: number; readonly most: number } {
  return { least: Math.min(attemptsMin, MOST_ATTEMPTS), most: Math.min(attemptsMax, MOST_ATTEMPTS) };
}
