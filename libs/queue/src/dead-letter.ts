import { z } from 'zod';
import { parseJson } from './parse-json';

/**
 * Why a dispatch ended in the failed set, as BullMQ's `failedReason`: one line of JSON, so that it is written in the same
 * atomic step as the state. It names causes, never the pushkey or anything of the event.
 */
export const deadLetterSchema = z.object({
  /** `expired`: tried until its deadline. `dead`: can never work, or its job could not be read or finished. */
  outcome: z.enum(['dead', 'expired']),
  reason: z.string(),
  provider_status: z.number().int().exactOptional(),
  provider_reason: z.string().exactOptional(),
});

export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** The dead letter in a `failedReason`; BullMQ writes reasons of its own for jobs that stalled too often. */
export function parseDeadLetter(failedReason: string): DeadLetter {
  const parsed = deadLetterSchema.safeParse(parseJson(failedReason));
  if (parsed.success) return parsed.data;
  // Not ours: BullMQ's own reason.
  return { outcome: 'dead', reason: failedReason.includes('stalled') ? 'stalled' : 'crashed' };
}
