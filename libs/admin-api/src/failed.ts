import { z } from 'zod';

import { appName, count, cursor, eventId, isoTime, keyedHash, moment, orNone, pushkey, roomId, wholeNumber } from './common';

export const failedOutcome = z.enum(['dead', 'expired']);

const reason = z.string().min(1).max(200);
const LAST_STATUS = 999;
export const MOST_ATTEMPTS = 1_000_000;

/** What every question about failed pushes may say. In a query numbers are text. */
const filterShape = {
  app: appName.optional(),
  reason: reason.optional(),
  provider_reason: orNone(reason).optional(),
  outcome: failedOutcome.optional(),
  since: moment.optional(),
  until: moment.optional(),
  event_id: eventId.optional(),
  room_id: roomId.optional(),
  pushkey_hash: keyedHash.optional(),
};
const inQuery = {
  ...filterShape,
  provider_status: orNone(wholeNumber(0, LAST_STATUS)).optional(),
  attempts_min: wholeNumber(0, MOST_ATTEMPTS).optional(),
  attempts_max: wholeNumber(0, MOST_ATTEMPTS).optional(),
};
const inBody = {
  ...filterShape,
  provider_status: orNone(z.int().min(0).max(LAST_STATUS)).optional(),
  attempts_min: z.int().min(0).max(MOST_ATTEMPTS).optional(),
  attempts_max: z.int().min(0).max(MOST_ATTEMPTS).optional(),
  app_id: z.string().min(1).max(255).optional().meta({ description: 'The app id of the pusher; beside `pushkey`, where `app` is none.' }),
  pushkey: pushkey.optional(),
};
/** Items of a page. */
export const MOST_FAILED_ITEMS = 200;
export const USUAL_FAILED_ITEMS = 50;

export const failedQuery = z.strictObject({
  ...inQuery,
  cursor: cursor.optional(),
  limit: wholeNumber(1, MOST_FAILED_ITEMS).default(USUAL_FAILED_ITEMS),
});
export const causesQuery = z.strictObject(inQuery);
/** As a POST, so that a pushkey is in no URL. */
export const searchBody = z.strictObject({
  ...inBody,
  cursor: cursor.optional(),
  limit: z.int().min(1).max(MOST_FAILED_ITEMS).default(USUAL_FAILED_ITEMS),
});

/** Ids that a replay names one by one. */
export const MOST_REPLAY_IDS = 1000;
/** Of a failed push. Characters. */
export const MOST_ID_LENGTH = 128;
const failedId = z.string().min(1).max(MOST_ID_LENGTH);
/** Which failed pushes a replay is about. */
export const replayFilter = z.strictObject({
  ...inBody,
  ids: z.array(failedId).min(1).max(MOST_REPLAY_IDS).optional(),
});
/** A filter as any of the questions has it, without page and ids. */
export type FilterInput = Omit<z.output<typeof replayFilter>, 'ids'>;
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

export const failedParams = z.strictObject({ id: failedId });
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
