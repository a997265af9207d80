import { z } from 'zod';

import { appName, count, eventId, isoTime, pushkey } from './common';
import { attemptSchema } from './failed';

export const explainBody = z.strictObject({
  app: appName,
  event_id: eventId,
  pushkey: pushkey.optional().meta({ description: 'Only this device. Where `apps` has a glob, `app` must be the app id of the pusher.' }),
});

export const tracedDispatchSchema = z.object({
  id: z.string(),
  accepted_at: isoTime.nullable(),
  ingress: z.string().nullable(),
  state: z.enum(['waiting', 'delayed', 'active', 'parked', 'ended']),
  outcome: z.string().nullable(),
  reason: z.string().nullable(),
  ended_at: isoTime.nullable(),
  attempts: count,
  history: z.array(attemptSchema),
  before: z
    .object({ outcome: z.string(), reason: z.string(), ended_at: isoTime })
    .nullable()
    .meta({ description: 'How it had ended before it was sent again by a replay.' }),
});

export const explainAnswer = z.object({
  app: z.string(),
  event_hash: z.string(),
  device_hash: z.string().nullable(),
  devices: z.array(
    z.object({
      device_hash: z.string(),
      dispatches: z.array(tracedDispatchSchema),
      duplicates: z.object({ count, last_at: isoTime }).nullable(),
      told_rejected_at: isoTime.nullable(),
    }),
  ),
  verdict: z.string().meta({ description: 'One sentence for whoever asks.' }),
  kept_since: isoTime.nullable().meta({ description: 'Events before it are not remembered; null: none is.' }),
  truncated: z.boolean().meta({ description: 'There are more devices than are shown.' }),
});
export type Explanation = z.output<typeof explainAnswer>;
