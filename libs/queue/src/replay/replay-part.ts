import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import { decodePlace } from '../failed/failed-place';
import type { FailedPlace } from '../failed/failed-types';
import { ENDS, type End } from '../ledger-lua';
import { CURSOR, FINISHED, LAST_DEADLINE, MATCHED, NOT, NOT_SENT, REPLAY, REPLAY_TTL_MS, SENT, UNTIL, WAITING, type NotSent } from './replay-lua';

/** What became of a replay in one app. Beside the app's queue, so that the scripts which send and end its pushes count here. */
export interface ReplayPart {
  readonly matched: number;
  readonly sent: number;
  /** Sent, and not ended yet. */
  readonly waiting: number;
  readonly ends: Readonly<Record<End, number>>;
  readonly notSent: Readonly<Record<NotSent, number>>;
  /** The last place that was worked off. */
  readonly cursor: FailedPlace | undefined;
  /** Of the last push that it covers, in milliseconds since the epoch. */
  readonly until: number;
  readonly isFinished: boolean;
  /** The latest deadline of what was sent; 0: nothing was. */
  readonly lastDeadline: number;
}

const partSchema = z.record(z.string(), z.string());

export async function addPart(redis: RedisClient, base: string, part: { readonly id: string; readonly matched: number; readonly until: number }): Promise<void> {
  const key = `${base}${REPLAY}${part.id}`;
  await redis.hset(key, { [MATCHED]: part.matched, [UNTIL]: part.until });
  await redis.pexpire(key, REPLAY_TTL_MS);
}

/** It is remembered as long as its replay goes on, also while other apps have their turn. */
export async function renewPart(redis: RedisClient, base: string, id: string): Promise<void> {
  await redis.pexpire(`${base}${REPLAY}${id}`, REPLAY_TTL_MS);
}

/** Undefined: it was forgotten. */
export async function readPart(redis: RedisClient, base: string, id: string): Promise<ReplayPart | undefined> {
  const fields = partSchema.parse(await redis.hgetall(`${base}${REPLAY}${id}`));
  if (fields[MATCHED] === undefined) return undefined;
  const number = (name: string): number => Number(fields[name] ?? 0);
  const cursor = fields[CURSOR] ?? '';
  return {
    matched: number(MATCHED),
    sent: number(SENT),
    waiting: Math.max(0, number(WAITING)),
    ends: countEach(ENDS, number),
    notSent: countEach(NOT_SENT, (reason) => number(NOT + reason)),
    cursor: cursor === '' ? undefined : decodePlace(cursor),
    until: number(UNTIL),
    isFinished: fields[FINISHED] !== undefined,
    lastDeadline: number(LAST_DEADLINE),
  };
}

/** One number for each name. */
export function countEach<Name extends string>(names: readonly Name[], count: (name: Name) => number): Record<Name, number> {
  // Every name is there, since they are what it is made of.
  return Object.fromEntries(names.map((name) => [name, count(name)])) as Record<Name, number>;
}

/** What still waits so long (milliseconds) after the last deadline was lost. */
const LOST_AFTER_MS = 60_000;

/** What waits long after its deadline counts as dead; should it end after all, as it ended. `now`: milliseconds since the epoch. */
export function withLost(part: ReplayPart, now: number): ReplayPart {
  if (part.waiting === 0 || now < part.lastDeadline + LOST_AFTER_MS) return part;
  return { ...part, waiting: 0, ends: { ...part.ends, dead: part.ends.dead + part.waiting } };
}

/** The whole of a replay: its parts together. */
export function sumParts(parts: readonly ReplayPart[]): Pick<ReplayPart, 'matched' | 'sent' | 'waiting' | 'ends' | 'notSent'> {
  const sum = (count: (part: ReplayPart) => number): number => parts.reduce((all, part) => all + count(part), 0);
  return {
    matched: sum(({ matched }) => matched),
    sent: sum(({ sent }) => sent),
    waiting: sum(({ waiting }) => waiting),
    ends: countEach(ENDS, (end) => sum(({ ends }) => ends[end])),
    notSent: countEach(NOT_SENT, (reason) => sum(({ notSent }) => notSent[reason])),
  };
}
