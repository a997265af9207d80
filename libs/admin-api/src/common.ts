import { z } from 'zod';

// Shared by the admin, its web page and the command line.

/** A moment in an answer: ISO 8601, UTC. */
export const isoTime = z.iso.datetime().meta({ description: 'ISO 8601, UTC.', example: '2026-01-31T12:00:00.000Z' });

/** A moment in a question: read by `parseMoment` of libs/config. */
export const moment = z
  .string()
  .min(1)
  .max(40)
  .meta({ description: 'ISO 8601, or a time back from now with its unit.', example: '2h' });

/** A key under `apps` of the configuration, or an app id that one of them serves. */
export const appName = z
  .string()
  .min(1)
  .max(255)
  .meta({ description: 'A key under `apps` of the configuration (an app id or a glob), or an app id that one of them serves.' });

/** The keyed hash of a device, an event or a room. */
export const keyedHash = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be a hash as the API shows it: letters, digits, - and _')
  .meta({ description: 'A keyed hash, as the API shows it.' });

/** What an app gives the homeserver for a device. Never in a URL, never in an answer. */
export const pushkey = z.string().min(1).max(4096).meta({ description: 'A pushkey in the clear. It is hashed and forgotten.' });

export const eventId = z.string().min(1).max(255).meta({ description: 'A Matrix event id.', example: '$143273582443PhrSn' });

export const roomId = z.string().min(1).max(255).meta({ description: 'A Matrix room id.', example: '!636q39766251:example.com' });

export const count = z.int().min(0);

/** A whole number in a query, where everything is text. */
export function wholeNumber(min: number, max: number) {
  return z.preprocess((text) => (typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text), z.int().min(min).max(max));
}

/** In the place of a value: none at all, as opposed to any. In a body null says the same. */
export const NONE = 'none';

export function orNone<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === NONE ? null : value), schema.nullable()).meta({ description: '`none`: the provider said nothing.' });
}

/** Where a page goes on; opaque. */
export const cursor = z.string().min(1).max(400).meta({ description: 'A `next` of the page before.' });

/** What a signed-in person or program may do. */
export const roleSchema = z.enum(['viewer', 'operator']);
export type Role = z.output<typeof roleSchema>;

/** The body of every error. */
export const errorSchema = z.object({
  error: z.object({
    code: z.enum([
      'bad_request',
      'unauthenticated',
      'forbidden',
      'foreign_origin',
      'not_found',
      'method_not_allowed',
      'conflict',
      'too_large',
      'too_many_attempts',
      'internal',
      'redis_unavailable',
      'page_missing',
    ]),
    /** A sentence for people. */
    message: z.string(),
    /** What of the request is wrong. */
    field: z.string().optional(),
  }),
});
export type ApiError = z.output<typeof errorSchema>;
export type ErrorCode = ApiError['error']['code'];

/** The answer of whatever has nothing to say. */
export const nothing = z.strictObject({});
