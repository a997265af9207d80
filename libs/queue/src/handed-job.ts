import { z } from 'zod';
import { parseJson } from './parse-json';

/** A job as a worker is handed it. */
export interface HandedJob {
  readonly id: string;
  /** What its lock holds: while it does, no other worker has the job. */
  readonly token: string;
  /** Its data; undefined: they are no JSON. */
  readonly data: unknown;
  /** Milliseconds since the epoch, as it stands there: a damaged job has no number. */
  readonly acceptedAt: string;
  /** BullMQ's: 0 for the lane of those that come first. */
  readonly priority: number;
  readonly attemptsMade: number;
  /** How often its worker died. */
  readonly stalledCounter: number;
  /** Its attempts so far, as JSON (see attempt-history.ts). */
  readonly stacktrace: string | undefined;
  /** The replay that put it back into the queue; '' for none. */
  readonly replay: string;
}

const field = z.string().nullish();

/** A job's id and its HANDED_FIELDS; of a damaged one there is less. */
export const handedSchema = z.tuple([z.string(), field, field, field, field, field, field, field]).or(z.tuple([z.string()]));

export function toHandedJob(handed: z.infer<typeof handedSchema>, token: string): HandedJob {
  const [id, data, acceptedAt, priority, attemptsMade, stalled, stacktrace, replay] = handed;
  return {
    id,
    token,
    data: parseJson(data ?? ''),
    acceptedAt: acceptedAt ?? '',
    priority: toCount(priority),
    attemptsMade: toCount(attemptsMade),
    stalledCounter: toCount(stalled),
    stacktrace: stacktrace ?? undefined,
    replay: replay ?? '',
  };
}

function toCount(text: string | null | undefined): number {
  const count = Number(text ?? 0);
  return Number.isFinite(count) ? count : 0;
}
