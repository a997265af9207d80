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

export const pushStatsSchema = z.object({
  /** Pushes answered since the start. */
  answered: z.number(),
  /** The server's own clock, in milliseconds. */
  at: z.number(),
  /** The most requests under way at one time since the last look. */
  inFlight: z.number(),
  /** Sessions open now. */
  sessions: z.number(),
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
