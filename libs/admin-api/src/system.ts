import { z } from 'zod';

import { count, isoTime } from './common';

export const systemAnswer = z.object({
  redis: z.object({
    reachable: z.boolean(),
    version: z.string().nullable(),
    role: z.string().nullable(),
    used_memory_bytes: count.nullable(),
    max_memory_bytes: count.nullable().meta({ description: '0: no limit.' }),
    eviction_policy: z.string().nullable(),
    persistence: z.object({
      aof: z.boolean().nullable(),
      aof_fsync: z.string().nullable(),
      last_save_at: isoTime.nullable(),
    }),
  }),
  processes: z.array(
    z.object({
      role: z.string(),
      id: z.string(),
      version: z.string(),
      started_at: isoTime,
      seen_at: isoTime,
      load: z.object({
        event_loop_p99_ms: z.number(),
        cpu: z.number().meta({ description: 'Share of one core.' }),
        rss_bytes: count,
        in_flight: count,
      }),
    }),
  ),
});
export type SystemView = z.output<typeof systemAnswer>;
