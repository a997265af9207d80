import { z } from 'zod';

import { roleSchema } from './common';

export const loginBody = z.strictObject({
  name: z.string().min(1).max(128),
  password: z.string().min(1).max(1024),
});

export const loginAnswer = z.object({ name: z.string(), role: roleSchema });

/** Who asks, and how they showed it. */
export const sessionAnswer = z.object({
  name: z.string(),
  role: roleSchema,
  via: z.enum(['password', 'token', 'header']),
});
export type Session = z.output<typeof sessionAnswer>;
