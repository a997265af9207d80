import { z } from 'zod';
import { readHistory, type Attempt, type RememberedEnd } from '../attempt-history';
import { parseDeadLetter } from '../dead-letter';
import { JOB_STATES } from './explain-scripts';
import type { TracedDispatch, TracedEnd } from './explain-types';
import type { TraceRecord } from './trace-records';

const number = z.string().transform((text) => (text === '' ? null : Number(text)));

/** As the scripts describe a job. */
export const jobSchema = z
  .tuple([z.string(), z.enum(JOB_STATES), number, number, z.string(), z.string(), number])
  .transform(([id, state, acceptedAt, attempts, stacktrace, letter, endedAt]) => ({
    id,
    state,
    acceptedAt,
    attempts: attempts ?? 0,
    history: readHistory(stacktrace === '' ? null : stacktrace),
    letter,
    endedAt,
  }));

/** What the queue knows of a dispatch. */
export type TracedJob = z.output<typeof jobSchema>;

/** A dispatch out of what is remembered of it (perhaps nothing more) and its job. */
export function toTracedDispatch(job: TracedJob, record?: TraceRecord): TracedDispatch {
  return {
    id: job.id,
    acceptedAt: record?.at ?? job.acceptedAt,
    ingress: record?.ingress ?? null,
    ...standing(job, record?.ends ?? []),
  };
}

type Standing = Omit<TracedDispatch, 'id' | 'acceptedAt' | 'ingress'>;

function standing(job: TracedJob, ends: readonly RememberedEnd[]): Standing {
  const { state, attempts, history } = job;
  switch (state) {
    case 'gone':
      return gone(ends);
    case 'failed': {
      const { outcome, reason } = parseDeadLetter(job.letter);
      return { state: 'ended', outcome, reason, endedAt: job.endedAt, attempts, history, before: toEnd(ends.at(-2)) };
    }
    case 'waiting':
    case 'delayed':
    case 'active':
    case 'parked':
      // One that ended and is here again was sent again by a replay.
      return { state, outcome: null, reason: null, endedAt: null, attempts, history, before: toEnd(ends.at(-1)) };
    default:
      return state satisfies never;
  }
}

function gone(ends: readonly RememberedEnd[]): Standing {
  const end = ends.at(-1);
  return {
    state: 'ended',
    outcome: end?.outcome ?? null,
    reason: end?.reason ?? null,
    endedAt: end?.endedAt ?? null,
    attempts: end?.attempts ?? 0,
    history: end ? lastAttempt(end) : [],
    before: toEnd(ends.at(-2)),
  };
}

/** The history of the attempts went with the job. */
function lastAttempt({ endedAt, outcome, reason, answer }: RememberedEnd): Attempt[] {
  if (!answer) return [];
  return [
    {
      at: endedAt,
      reason: reason === '' ? outcome : reason,
      ...(answer.status !== undefined && { status: answer.status }),
      provider_reason: answer.reason,
    },
  ];
}

function toEnd(end: RememberedEnd | undefined): TracedEnd | null {
  return end ? { outcome: end.outcome, reason: end.reason, endedAt: end.endedAt } : null;
}
