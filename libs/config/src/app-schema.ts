import { z } from 'zod';

import type { CommonSettings } from './config-schema';
import { count, proxyUrl } from './scalars';
import { quota } from './sections/quota';
import { MAX_CONCURRENCY, maxAgeShape, queueLimitAge, queueLimitCount } from './sections/dispatching';

/** Queues of one app: as many masters can share its load. */
export const MAX_PARTITIONS = 64;

/**
 * The keys that every app has beside its provider's. The dispatcher merges them with the providers' shapes:
 * `z.strictObject({ ...commonAppShape, ...apnsShape })`.
 */
export const commonAppShape = {
  max_age: z
    .strictObject({
      event: maxAgeShape.event.optional(),
      call: maxAgeShape.call.optional(),
      counts: maxAgeShape.counts.optional(),
    })
    .meta({ description: 'Instead of the top-level `max_age`.' })
    .optional(),
  concurrency: count('Pushes in flight, instead of `dispatcher.concurrency`.', 1, 200).max(MAX_CONCURRENCY).optional(),
  inflight_request_limit: count("Sygnal's name for `concurrency`, which wins.", 1, 512)
    .max(MAX_CONCURRENCY)
    .optional(),
  queue_limit: z
    .strictObject({ count: queueLimitCount.optional(), age: queueLimitAge.optional() })
    .meta({ description: 'Instead of the top-level `queue_limit`.' })
    .optional(),
  queue: z
    .strictObject({
      partitions: count(
        'In how many parts it is kept, by hash of the pushkey, so that one app can use several masters of a Redis Cluster. ' +
          'Everywhere else: 1. Changing it: see docs/operations.md.',
        1,
        3,
      )
        .max(MAX_PARTITIONS)
        .prefault(1),
    })
    .meta({ description: "The app's queue on Redis." })
    .optional(),
  content: z
    .enum(['full', 'ids_only'])
    .meta({
      description:
        '`ids_only`: only the ids of event and room, the counts, the priority and the default payload are kept, before anything ' +
        'reaches Redis; the app fetches the event itself. `full`: what a payload can show.',
      example: 'ids_only',
    })
    .optional(),
  quota,
  proxy: proxyUrl('Instead of the top-level `proxy`; `none`: a direct connection.').optional(),
};

/** The common part of an app's settings. */
export type CommonAppSettings = z.output<z.ZodObject<typeof commonAppShape>>;

/** For roles that know no provider (ingress, admin): checks the common keys and leaves the provider's alone. */
export const looseAppSchema = z.looseObject({ type: z.string().optional(), ...commonAppShape });

/** What applies to one app after the top-level settings have filled its gaps. */
export interface AppLimits {
  /** Milliseconds by kind of dispatch. */
  readonly maxAgeMs: Readonly<Record<'event' | 'call' | 'counts', number>>;
  /** Pushes in flight in one dispatcher process. */
  readonly concurrency: number;
  /** What is kept of its notifications. */
  readonly content: 'full' | 'ids_only';
  /** How many pushes may wait, in all its queues, and how long the oldest of them (milliseconds, 0: any). */
  readonly queueLimit: { readonly count: number; readonly ageMs: number };
  /** Queues that the app's pushes are spread over. */
  readonly partitions: number;
}

/** The limits of one app: its own, else the top-level ones. */
export function appLimits(
  app: CommonAppSettings,
  settings: Pick<CommonSettings, 'max_age' | 'dispatcher' | 'queue_limit'>,
): AppLimits {
  const { event, call, counts } = { ...settings.max_age, ...withoutUndefined(app.max_age ?? {}) };
  return {
    maxAgeMs: { event, call, counts },
    content: app.content ?? 'full',
    concurrency: app.concurrency ?? app.inflight_request_limit ?? settings.dispatcher.concurrency,
    partitions: app.queue?.partitions ?? 1,
    queueLimit: queueLimitOf(app, settings),
  };
}

function queueLimitOf({ queue_limit: own }: CommonAppSettings, { queue_limit: common }: Pick<CommonSettings, 'queue_limit'>): AppLimits['queueLimit'] {
  return { count: own?.count ?? common.count, ageMs: own?.age ?? common.age };
}

function withoutUndefined<V>(values: Readonly<Record<string, V | undefined>>): Record<string, V> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, V] => entry[1] !== undefined));
}
