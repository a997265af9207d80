import { z } from 'zod';

/**
 * A run of the load generator: until `seconds` have passed or `count` requests are answered, whichever comes first. With
 * `perSecond` requests are begun at that pace, whatever the answers do; without it a connection sends on when it has its answer.
 */
export const loadRequestSchema = z.object({
  /** `http://host:port/path`. */
  url: z.string(),
  /** The body; every `SERIAL_PLACEHOLDER` in it becomes a number that no other request has. */
  body: z.string(),
  /** Each has one request under way at a time. */
  connections: z.number().int().positive(),
  perSecond: z.number().positive().optional(),
  /** The address of loopback to send from: homeservers are told apart by theirs. */
  from: z.string().optional(),
  seconds: z.number().positive().optional(),
  count: z.number().int().positive().optional(),
});

export type LoadRequest = z.infer<typeof loadRequestSchema>;

export const loadResultSchema = z.object({
  /** Answers with status 200. */
  acknowledged: z.number(),
  /** Numbers of answers with any other status, by status. */
  refused: z.record(z.string(), z.number()),
  seconds: z.number(),
  /** Requests whose time had come, but no connection was free for them before the end; 0 without a pace. */
  unsent: z.number(),
  /** From the moment at which the request was to be sent to the last byte of its answer, in milliseconds. */
  latencyMs: z.object({ p50: z.number(), p99: z.number(), p999: z.number() }),
  /** Share of the time in which the generator's event loop was busy: near 1 it would be the bottleneck. */
  loopUtilization: z.number(),
  /** How late the generator's own timers came at most in 99 of 100 cases, in milliseconds. */
  loopDelayP99Ms: z.number(),
});

export type LoadResult = z.infer<typeof loadResultSchema>;

/**
 * Twelve characters that are digits on the wire, and valid in base64. The number is the moment at which the request is written, in
 * microseconds of the machine's monotonic clock (see stamp.ts), so that whoever gets the push knows how old it is.
 */
export const SERIAL_PLACEHOLDER = '############';
