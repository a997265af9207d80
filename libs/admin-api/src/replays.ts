import { z } from 'zod';

import { count, isoTime } from './common';
import { replayFilter } from './failed';

/** Pushes a second, over all apps of a replay. */
export const MOST_REPLAY_RATE = 10_000;
export const DEFAULT_REPLAY_RATE = 100;

export const replayBody = z.strictObject({
  filter: replayFilter.optional().meta({ description: 'Which failed pushes; {}: all of them.' }),
  all: z.boolean().default(false).meta({ description: 'All of them, in the place of a filter.' }),
  preview: z.boolean().default(false).meta({ description: 'Only say what would happen.' }),
  include_expired: z.boolean().default(false).meta({ description: 'Send those past their deadline too, with a new one.' }),
  rate: z.int().min(1).max(MOST_REPLAY_RATE).default(DEFAULT_REPLAY_RATE).meta({ description: 'Pushes a second.' }),
});
export type ReplayInput = z.input<typeof replayBody>;

export const previewSchema = z.object({
  matched: count,
  would_send: count,
  expired: count,
  superseded: count,
  already_delivered: count,
  rejected: count,
  parked: count,
  estimated: z.boolean().optional().meta({ description: 'Too many to look at each: the parts are in proportion to those that were looked at.' }),
  unreadable: count.optional().meta({ description: 'Their job cannot be read, or is gone; a part of `matched` too.' }),
});
export type ReplayPreview = z.output<typeof previewSchema>;
export const previewAnswer = z.object({ preview: previewSchema });

export const startedAnswer = z.object({ id: z.string() });

export const replayParams = z.strictObject({ id: z.uuid('is no id of a replay') });

export const replaySchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'paused', 'cancelled', 'done']),
  by: z.string(),
  created_at: isoTime,
  filter: z.record(z.string(), z.unknown()).meta({ description: 'Hashes instead of ids of events, rooms and devices.' }),
  rate: z.int(),
  include_expired: z.boolean(),
  matched: count,
  done: count.meta({ description: 'Pushes that ended, or were not sent.' }),
  waits_for: z
    .array(z.object({ app: z.string(), why: z.enum(['paused', 'outage', 'held', 'draining', 'queue']) }))
    .meta({ description: 'Apps that take nothing from it now, and why; it goes on when they do. `queue`: enough waits there already.' }),
  outcomes: z.object({
    delivered: count,
    rejected: count,
    skipped: count,
    superseded: count,
    expired: count,
    dead: count,
    waiting: count,
    not_sent: count,
    not_sent_by: z.record(z.string(), count),
  }),
});
export type ReplayView = z.output<typeof replaySchema>;
export const replaysAnswer = z.object({ replays: z.array(replaySchema) });
