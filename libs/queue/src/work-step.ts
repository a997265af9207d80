import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Ending } from './finish-batches';
import { handedSchema, toHandedJob, type HandedJob } from './handed-job';
import type { End } from './ledger-lua';
import type { RedisClient } from './connect-redis';
import type { SharedClock } from './shared-clock';
import { isRefusal, untilTaken } from './until-taken';
import { END_FAILURES, WORK } from './work-script';

/** A push that was done, and how. */
export interface DoneJob {
  readonly job: HandedJob;
  readonly end: End;
  readonly ending: Ending | undefined;
}

/** What a step brought. */
export interface WorkReply {
  /** Errors of the ends that came to nothing. */
  readonly failures: readonly Error[];
  /** Ends that Redis took not: it takes no writes for now. */
  readonly refused: readonly DoneJob[];
  readonly taken: readonly HandedJob[];
  /** When the next delayed job is due, by the shared clock, in milliseconds since the epoch; 0: none waits. */
  readonly dueAt: number;
  /** Low ones wait that this worker wanted none of. */
  readonly isLowFull: boolean;
}

/** How many jobs are wanted. */
export interface Wanted {
  readonly count: number;
  /** Of the low lane, at most. */
  readonly low: number;
}

/** Ends some jobs, takes others. */
export type WorkStep = (done: readonly DoneJob[], wanted: Wanted) => Promise<WorkReply>;

export interface WorkStepOptions {
  readonly redis: RedisClient;
  /** The app's key base. */
  readonly base: string;
  readonly clock: SharedClock;
  /** How long a lock holds, in milliseconds. */
  readonly lockMs: number;
}

const replySchema = z.tuple([z.array(z.union([z.number().int(), z.string()])), z.array(handedSchema), z.number().int(), z.literal([0, 1])]);

/** Runs the worker's script (work-script.ts). Rejects when Redis is away. */
export function createWorkStep({ redis, base, clock, lockMs }: WorkStepOptions): WorkStep {
  const worker = randomUUID();
  let steps = 0;
  return async (done, wanted) => {
    // Redis is there, or this would wait for it too.
    await clock.synchronised;
    // A job is taken once in a step: no other try has its lock's token.
    const token = `${worker}:${steps++}`;
    const args = [wanted.count, wanted.low, token, lockMs, ...done.flatMap(toArguments)];
    const [ends, taken, dueAt, low] = replySchema.parse(await untilTaken(() => WORK.run(redis, base, [clock.now(), ...args])));
    const refused = done.filter((_job, index) => isRefusedEnd(ends[index]));
    const failures = ends.flatMap((result, index) => (isRefusedEnd(result) ? [] : toFailure(result, done[index])));
    return { failures, refused, taken: taken.map((one) => toHandedJob(one, token)), dueAt, isLowFull: low === 1 };
  };
}

function isRefusedEnd(result: number | string | undefined): boolean {
  return typeof result === 'string' && isRefusal(result);
}

function toArguments({ job, end, ending }: DoneJob): string[] {
  const { eventHash = '', deviceHash = '', remembered = '' } = ending ?? {};
  return [job.id, job.token, job.acceptedAt, job.replay, end, eventHash, deviceHash, remembered];
}

function toFailure(result: number | string, done: DoneJob | undefined): Error[] {
  if (result === 0) return [];
  const causes: Readonly<Record<string, string>> = END_FAILURES;
  return [new Error(`job ${String(done?.job.id)} could not be ended: ${causes[result] ?? result}`)];
}
