import { z } from 'zod';
import type { DeadLetter } from './dead-letter';
import type { AttemptAnswer, JobVerdict } from './job-verdict';
import { parseJson } from './parse-json';

const attemptSchema = z.object({
  /** Milliseconds since the epoch. */
  at: z.number(),
  reason: z.string(),
  status: z.number().int().exactOptional(),
  provider_reason: z.string().exactOptional(),
});

/** One attempt at a push that did not end well. Names causes, never anything of the event or its pushkey. */
export type Attempt = z.infer<typeof attemptSchema>;

/** An attempt as it is kept with its job, in the place where BullMQ keeps stacks of errors. */
export function historyEntry(at: number, reason: string, answer?: AttemptAnswer): string {
  const attempt: Attempt = {
    at,
    reason,
    ...(answer?.status !== undefined && { status: answer.status }),
    ...(answer && { provider_reason: answer.reason }),
  };
  return JSON.stringify(attempt);
}

/** The attempts in a job's `stacktrace`, oldest first; what is not ours is left out. */
export function readHistory(stacktrace: string | null | undefined): readonly Attempt[] {
  const entries = z.array(z.string()).safeParse(parseJson(stacktrace ?? '[]'));
  if (!entries.success) return [];
  return entries.data.flatMap((entry) => {
    const attempt = attemptSchema.safeParse(parseJson(entry));
    return attempt.success ? [attempt.data] : [];
  });
}

/** The letter of a push that expired, with what the provider said to it last, if it ever answered: that is why most of them expire. */
export function withLastAnswer(letter: DeadLetter, stacktrace: string | undefined): DeadLetter {
  if (letter.outcome !== 'expired' || letter.provider_reason !== undefined) return letter;
  const last = readHistory(stacktrace).findLast((attempt) => attempt.provider_reason !== undefined);
  if (last?.provider_reason === undefined) return letter;
  return { ...letter, provider_reason: last.provider_reason, ...(last.status !== undefined && { provider_status: last.status }) };
}

const endSchema = z.tuple([z.string(), z.string(), z.number(), z.number(), z.number().nullable(), z.string().nullable()]);

/** How a dispatch ended, as it is remembered for whoever asks. */
export interface RememberedEnd {
  readonly outcome: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
  readonly attempts: number;
  readonly answer?: AttemptAnswer;
}

/** What is known of a job that ends. */
export interface EndingJob {
  /** The last one included. */
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Its attempts before this one, as JSON. */
  readonly stacktrace: string | undefined;
}

/** A decision that ends a dispatch, as few bytes; undefined: it does not end it. */
export function describeEnd(verdict: JobVerdict, { attempts, now, stacktrace }: EndingJob): string | undefined {
  switch (verdict.kind) {
    case 'done':
      return encodeEnd({ outcome: verdict.end, reason: verdict.reason ?? '', endedAt: now, attempts, ...(verdict.answer && { answer: verdict.answer }) });
    case 'dead': {
      const { outcome, reason, provider_status: status, provider_reason: said } = withLastAnswer(verdict.letter, stacktrace);
      const answer = said === undefined ? undefined : { reason: said, ...(status !== undefined && { status }) };
      return encodeEnd({ outcome, reason, endedAt: now, attempts, ...(answer && { answer }) });
    }
    case 'retry':
    case 'put-back':
    case 'wait':
    case 'fault':
      return undefined;
    default:
      return verdict satisfies never;
  }
}

export function encodeEnd({ outcome, reason, endedAt, attempts, answer }: RememberedEnd): string {
  return JSON.stringify([outcome, reason, endedAt, attempts, answer?.status ?? null, answer?.reason ?? null]);
}

/** Undefined: it is not ours. */
export function decodeEnd(text: string): RememberedEnd | undefined {
  const parsed = endSchema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const [outcome, reason, endedAt, attempts, status, said] = parsed.data;
  const answer = said === null ? undefined : { reason: said, ...(status !== null && { status }) };
  return { outcome, reason, endedAt, attempts, ...(answer && { answer }) };
}
