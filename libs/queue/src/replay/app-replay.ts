import { z } from 'zod';
import type { FailedFilter } from '../failed/failed-filter';
import { encodePlace } from '../failed/failed-place';
import type { FailedPlace } from '../failed/failed-types';
import { appKeyBase, appOfQueue } from '../keyspace';
import type { Script } from '../script';
import { readServerTime } from '../server-time';
import { candidateArguments, readCandidates, type Candidate } from './candidates';
import { NOT_SENT, type NotSent } from './replay-lua';
import type { ReplaysOptions } from './replay-options';
import type { ReplayPart } from './replay-part';
import { ANOTHER_PLACE, lookScript, READ_STANDS, SEND, STANDS, stepScript } from './replay-scripts';

export type Decision = NotSent | typeof SEND;

/** A failed push, and what a replay would do with it. */
export interface Decided {
  readonly decision: Decision;
  readonly push: Candidate;
}

/** Its gate, its operator, or its queue: as much waits there as may. */
export const STANDS_WHY = ['paused', 'outage', 'held', 'draining', 'queue'] as const;
export type StandsWhy = (typeof STANDS_WHY)[number];

export interface StepRequest {
  readonly id: string;
  readonly filter: FailedFilter;
  readonly includeExpired: boolean;
  /** Failed pushes at most. */
  readonly limit: number;
}

/** What a replay does in one queue of an app. Everything rejects when Redis does. */
export interface AppReplay {
  look(places: readonly FailedPlace[], options: { readonly includeExpired: boolean }): Promise<Decided[]>;
  /** The next step after `part`. `elsewhere`: somebody else did it meanwhile; `stands`: the app takes nothing now. */
  step(part: Pick<ReplayPart, 'cursor' | 'until'>, request: StepRequest): Promise<Step | 'elsewhere' | 'stands'>;
  /** Why the app takes nothing from a replay now. */
  stands(): Promise<StandsWhy | undefined>;
}

export interface Step {
  readonly sent: number;
  readonly cursor: FailedPlace | undefined;
  readonly isFinished: boolean;
}

const decisionsSchema = z.array(z.enum([...NOT_SENT, SEND]));
const sentSchema = z.number();
const standsSchema = z.enum([...STANDS_WHY, '']);

/** So many may wait for their first attempt when a replay adds to them: more would be in the way of what comes in. */
const MOST_WAITING = 1000;
/** The same as a part of the queue's limit. */
const SHARE_WAITING = 0.5;

/** The scripts are made once: their text is long. */
export interface ReplayScripts {
  readonly look: Script;
  readonly step: Script;
}

export function replayScripts({ look }: Pick<ReplaysOptions, 'look'>): ReplayScripts {
  return { look: lookScript(look), step: stepScript(look) };
}

export function createAppReplay(options: ReplaysOptions, scripts: ReplayScripts, key: string): AppReplay {
  const appKey = appOfQueue(key);
  const { redis, prefix, codec, failed, duplicateWindowMs } = options;
  const base = appKeyBase(prefix, key);
  const limits = options.limits(appKey);
  const isServed = limits ? '1' : '0';
  const mostWaiting = Math.max(1, Math.min(MOST_WAITING, Math.floor((limits?.queueLimit.count ?? 0) * SHARE_WAITING)));
  const read = async (places: readonly FailedPlace[], includeExpired: boolean): Promise<{ now: number; pushes: Candidate[] }> => {
    const now = await readServerTime(redis);
    return { now, pushes: await readCandidates({ redis, base, appKey, codec, renewed: includeExpired ? limits?.maxAgeMs : undefined, now }, places) };
  };
  return {
    async look(places, { includeExpired }) {
      const { now, pushes } = await read(places, includeExpired);
      const decisions = decisionsSchema.parse(await scripts.look.run(redis, base, [now, isServed, ...candidateArguments(pushes)]));
      return pushes.flatMap((push, index) => {
        const decision = decisions[index];
        return decision === undefined ? [] : [{ decision, push }];
      });
    },
    async step({ cursor, until }, { id, filter, includeExpired, limit }) {
      const places = await failed.oldestFirst(key, filter, { after: cursor, until, limit });
      const { now, pushes } = await read(places, includeExpired);
      const isFinished = places.length < limit;
      const reached = places.at(-1) ?? cursor;
      const own = [now, isServed, id, textOf(cursor), textOf(reached), isFinished ? '1' : '0', duplicateWindowMs, mostWaiting];
      const sent = sentSchema.parse(await scripts.step.run(redis, base, [...own, ...candidateArguments(pushes)]));
      if (sent === ANOTHER_PLACE) return 'elsewhere';
      return sent === STANDS ? 'stands' : { sent, cursor: reached, isFinished };
    },
    async stands() {
      const why = standsSchema.parse(await READ_STANDS.run(redis, base, [mostWaiting]));
      return why === '' || !limits ? undefined : why;
    },
  };
}

function textOf(place: FailedPlace | undefined): string {
  return place ? encodePlace(place) : '';
}
