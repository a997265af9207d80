import { z } from 'zod';

import { appName, count, cursor, eventId, isoTime, keyedHash, moment, pushkey, roomId } from './common';

export const failedOutcome = z.enum(['dead', 'expired']);

const attempts = z.coerce.number().int().min(0).max(1_000_000);
const reason = z.string().min(1).max(200);

/** What every question about failed pushes may say. */
const filterShape = {
  app: appName.optional(),
  reason: reason.optional(),
  provider_status: z.coerce.number().int().min(0).max(999).optional(),
  provider_reason: reason.optional(),
  outcome: failedOutcome.optional(),
  since: moment.optional(),
  until: moment.optional(),
  event_id: eventId.optional(),
  room_id: roomId.optional(),
  attempts_min: attempts.optional(),
  attempts_max: attempts.optional(),
};

const byHash = { pushkey_hash: keyedHash.optional() };
const byPushkey = {
  app_id: z.string().min(1).max(255).optional().meta({ description: 'The app id of the pusher; needed beside `pushkey`.' }),
  pushkey: pushkey.optional(),
};
/** Items of a page. */
const MOST_ITEMS = 200;
const page = {
  cursor: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(MOST_ITEMS).default(50),
};

export const failedQuery = z.strictObject({ ...filterShape, ...byHash, ...page });
export const causesQuery = z.strictObject({ ...filterShape, ...byHash });
/** As a POST, so that a pushkey is in no URL. */
export const searchBody = z.strictObject({ ...filterShape, ...byHash, ...byPushkey, ...page });

/** Ids that a replay names one by one. */
const MOST_IDS = 1000;
/** Which failed pushes a replay is about. */
export const replayFilter = z.strictObject({
  ...filterShape,
  ...byHash,
  ...byPushkey,
  ids: z.array(z.string().min(1).max(128)).min(1).max(MOST_IDS).optional(),
});
export type ReplayFilterInput = z.input<typeof replayFilter>;

const itemShape = {
  id: z.string(),
  app: z.string(),
  outcome: failedOutcome,
  reason: z.string(),
  provider_status: z.int().nullable(),
  provider_reason: z.string().nullable(),
  failed_at: isoTime,
  accepted_at: isoTime.nullable().meta({ description: 'null: the job cannot be read.' }),
  deadline: isoTime.nullable(),
  attempts: count,
  event_hash: z.string().nullable(),
  room_hash: z.string().nullable(),
  device_hash: z.string().nullable(),
  replayed: count.meta({ description: 'How often it was sent again before.' }),
};

export const failedItemSchema = z.object(itemShape);
export type FailedItemView = z.output<typeof failedItemSchema>;

export const failedAnswer = z.object({
  total: count.meta({ description: 'All that match, not only those of this page.' }),
  items: z.array(failedItemSchema),
  next: z.string().nullable().meta({ description: '`cursor` of the next page; null: this was the last.' }),
  unreachable: z.array(z.string()).meta({ description: 'Apps whose part of Redis did not answer: they are missing.' }),
});
export type FailedPageView = z.output<typeof failedAnswer>;

export const causeSchema = z.object({
  app: z.string(),
  outcome: failedOutcome,
  reason: z.string(),
  provider_status: z.int().nullable(),
  provider_reason: z.string().nullable(),
  count,
  first_at: isoTime,
  last_at: isoTime,
});
export type Cause = z.output<typeof causeSchema>;
export const causesAnswer = z.object({ causes: z.array(causeSchema), unreachable: z.array(z.string()) });
export type CausesView = z.output<typeof causesAnswer>;

export const failedParams = z.strictObject({ id: z.string().min(1).max(128) });
export const showQuery = z.strictObject({ app: appName });

/** One attempt at a push. */
export const attemptSchema = z.object({
  at: isoTime,
  status: z.int().nullable(),
  reason: z.string(),
  provider_reason: z.string().nullable(),
});
export type AttemptView = z.output<typeof attemptSchema>;

export const shownAnswer = z.object({
  ...itemShape,
  kind: z.enum(['event', 'call', 'counts']).nullable(),
  priority: z.enum(['high', 'low']),
  history: z.array(attemptSchema).meta({ description: 'Oldest first.' }),
  shape: z.unknown().meta({ description: 'The payload: every text replaced by its length, everything else by its type. null: see `unreadable`.' }),
  unreadable: z.string().nullable(),
  raw: z.record(z.string(), z.string()).meta({ description: 'Fields of the job that say nothing of its content.' }),
});
export type ShownPushView = z.output<typeof shownAnswer>;
