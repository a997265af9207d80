import { z } from 'zod';

import { count, cursor, isoTime, wholeNumber } from './common';

/** Entries of a page. */
const MOST_ENTRIES = 200;
export const auditQuery = z.strictObject({
  cursor: cursor.optional(),
  limit: wholeNumber(1, MOST_ENTRIES).default(50),
});

export const auditEntrySchema = z.object({
  id: z.string(),
  at: isoTime,
  actor: z.string(),
  role: z.string(),
  via: z.string(),
  action: z.string(),
  app: z.string().nullable(),
  count: count.nullable().meta({ description: 'On how many pushes or verdicts, as known when it was asked for.' }),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntryView = z.output<typeof auditEntrySchema>;

export const auditAnswer = z.object({ entries: z.array(auditEntrySchema), next: z.string().nullable() });
export type AuditPageView = z.output<typeof auditAnswer>;
