import { z } from 'zod';

/** How late the timers of a process came since it was last asked: at most so much in 99 of 100 cases, in milliseconds. */
export const loopDelaySchema = z.object({ p99Ms: z.number() });

export type LoopDelay = z.infer<typeof loopDelaySchema>;
