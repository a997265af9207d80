import { z } from 'zod';

import { appName, count, isoTime, wholeNumber } from './common';

/** Rejections that are held instead of told. */
export const stormSchema = z.object({
  since: isoTime,
  state: z.enum(['holding', 'releasing']),
  reason: z.string().meta({ description: "The provider's most frequent one." }),
  held: count,
  probed: count.meta({ description: 'Pushkeys that were tried again since.' }),
  accepted_again: count.meta({ description: 'How many of them the provider took.' }),
  needs_operator: z.boolean().meta({ description: 'Nothing is told before somebody decides.' }),
});
export type StormView = z.output<typeof stormSchema>;

export const ratesSchema = z
  .object({ accepted: count, delivered: count, rejected: count, failed: count })
  .meta({ description: 'Of the last sixty seconds, about; failed: dead letters and expired.' });

export const appSchema = z.object({
  app: z.string().meta({ description: 'The key under `apps`: an exact id or a glob.' }),
  state: z
    .enum(['running', 'parked', 'held', 'outage', 'probing', 'recovering', 'paused', 'unreachable'])
    .meta({ description: '`unreachable`: its part of Redis does not answer; all numbers are 0 then, and mean nothing.' }),
  reason: z.string().nullable().meta({ description: 'Why it does not run at full width; null while it runs.' }),
  since: isoTime.nullable(),
  until: isoTime.nullable().meta({ description: 'When it is tried again; null: when an operator says so, or it runs.' }),
  paused_by: z.string().nullable(),
  draining: z.boolean().meta({ description: 'Nothing new is accepted.' }),
  concurrency_limit: z.int().positive().nullable().meta({ description: 'Pushes at once, of an operator; null: as configured.' }),
  waiting: count,
  delayed: count,
  active: count,
  failed: count,
  oldest_waiting_ms: count,
  rates: ratesSchema,
  time_to_delivery_ms: z
    .object({ p50: z.number(), p99: z.number() })
    .nullable()
    .meta({ description: 'Of the last 15 minutes; null: nothing was delivered.' }),
  answers: z
    .array(z.object({ status: z.string(), reason: z.string(), count }))
    .meta({ description: 'What the provider answered in the last hour.' }),
  credentials: z
    .array(z.object({ kind: z.string(), expires_at: isoTime.nullable() }))
    .meta({ description: 'As dispatchers report them; empty: unknown.' }),
  storm: stormSchema.nullable(),
});
/** One app as the API shows it. */
export type AppView = z.output<typeof appSchema>;

export const appsAnswer = z.object({ apps: z.array(appSchema) });
export const appAnswer = z.object({ app: appSchema });

export const appParams = z.strictObject({ app: appName });

/** Hours. */
const LONGEST_HISTORY = 24;
export const historyQuery = z.strictObject({ hours: wholeNumber(1, LONGEST_HISTORY).default(1) });

export const minuteSchema = z.object({
  at: isoTime,
  accepted: count,
  delivered: count,
  rejected: count,
  failed: count,
  expired: count,
  superseded: count,
  skipped: count,
  p50_ms: z.number().nullable(),
  p99_ms: z.number().nullable(),
});
export type Minute = z.output<typeof minuteSchema>;
export const historyAnswer = z.object({ minutes: z.array(minuteSchema) });
export type AppHistory = z.output<typeof historyAnswer>;

/** Why an app is paused, in characters; and where nobody says why. */
export const MOST_PAUSE_REASON_LENGTH = 200;
export const DEFAULT_PAUSE_REASON = 'by an operator';
export const pauseBody = z.strictObject({ reason: z.string().min(1).max(MOST_PAUSE_REASON_LENGTH).optional() });
export const drainBody = z.strictObject({ on: z.boolean() });
/** Pushes at once; far more than one dispatcher has. */
export const MOST_AT_ONCE = 100_000;
export const concurrencyBody = z.strictObject({
  limit: z.int().min(1).max(MOST_AT_ONCE).nullable().meta({ description: 'Pushes at once in all dispatchers; null: as configured.' }),
});
