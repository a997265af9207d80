import { z } from 'zod';

import { stormSchema } from './apps';
import { appName, count, isoTime, keyedHash, pushkey } from './common';

export const rejectionQuery = z.strictObject({ app: appName, pushkey_hash: keyedHash });
export const lookupBody = z.strictObject({
  app: appName.meta({ description: 'The app id of the pusher; where `apps` has a glob, not the glob.' }),
  pushkey,
});

export const rejectionAnswer = z.object({
  known: z.boolean().meta({ description: 'Whether the pushkey is known to be dead.' }),
  app: z.string(),
  pushkey_hash: z.string(),
  since: isoTime.nullable(),
  reason: z.string().nullable(),
  told: count.meta({ description: 'How often homeservers were told.' }),
  first_told: isoTime.nullable(),
  last_told: isoTime.nullable(),
});
export type RejectionView = z.output<typeof rejectionAnswer>;

export const forgottenAnswer = z.object({ forgotten: z.boolean() });

export const stormsAnswer = z.object({ storms: z.array(stormSchema.extend({ app: z.string() })) });
export type StormsView = z.output<typeof stormsAnswer>;
export const verdictsAnswer = z.object({
  app: z.string(),
  verdicts: count.meta({ description: 'How many held verdicts were released or discarded; 0: there was no storm.' }),
});
