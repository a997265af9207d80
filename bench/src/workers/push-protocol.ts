import { z } from 'zod';

/** A push as the product sent it, for the raw client to send the same. */
export const pushSampleSchema = z.object({
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

export type PushSample = z.infer<typeof pushSampleSchema>;

/** Where the stand-in for the providers listens. */
export const pushServerReadySchema = z.object({
  /** APNs and FCM: `https://127.0.0.1:port`, HTTP/2. */
  pushUrl: z.string(),
  /** Google's token endpoint, plain HTTP. */
  tokenUrl: z.string(),
});

export type PushServerFacts = z.infer<typeof pushServerReadySchema>;

/** Arguments of the push server, as JSON. */
export const pushServerArgumentsSchema = z.object({
  certificate: z.string(),
  key: z.string(),
  /** From the last byte of a request to its answer, in milliseconds. */
  latencyMs: z.number().nonnegative(),
});

export type PushServerArguments = z.infer<typeof pushServerArgumentsSchema>;

/** What may be asked of the push server while it runs. */
export const pushCallSchema = z.object({
  /** From now on, in milliseconds. */
  latencyMs: z.number().nonnegative().optional(),
  /** Forgets the ages after it has told them. */
  forgetAges: z.literal(true).optional(),
});

export type PushCall = z.infer<typeof pushCallSchema>;

export const pushStatsSchema = z.object({
  /** Pushes answered since the start. */
  answered: z.number(),
  /** The server's own clock, in milliseconds. */
  at: z.number(),
  /** The most requests under way at one time since the last look. */
  inFlight: z.number(),
  /** Sessions open now. */
  sessions: z.number(),
  /**
   * How old the pushes were that arrived since they were last forgotten: from writing the notify request to the push's headers, in
   * milliseconds. Only pushes to APNs that the load generator has made count. `first` is the age of the first of them.
   */
  ages: z.object({ count: z.number(), first: z.number(), p50: z.number(), p99: z.number(), max: z.number() }),
  /** The latest push; absent before the first one. */
  sample: pushSampleSchema.optional(),
});

export type PushStats = z.infer<typeof pushStatsSchema>;

/** Arguments of the raw client, as JSON. */
export const rawClientArgumentsSchema = z.object({
  url: z.string(),
  ca: z.string(),
  sample: pushSampleSchema,
  inFlight: z.number().int().positive(),
});

export type RawClientArguments = z.infer<typeof rawClientArgumentsSchema>;
