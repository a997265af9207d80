import { z } from 'zod';

import { duration, MAX_TIMER_MS } from '../duration';
import { count } from '../scalars';

/** Far above what one HTTP/2 session carries; a larger number is a typing mistake. */
export const MAX_CONCURRENCY = 100_000;

export const dedupe = z
  .strictObject({
    window: duration({
      description:
        "How long a device's event is remembered, so that a homeserver's repeat is not pushed twice. " +
        'Costs Redis memory for each push accepted in it.',
    }).prefault('1h'),
  })
  .meta({ description: 'Suppression of duplicates.' });

/** The keys of `max_age`, for all apps and for one. */
export const maxAgeShape = {
  event: duration({ description: 'An event.' }),
  call: duration({
    description: 'A ringing call; its own `lifetime` comes first, up to the longer of this and `max_age.event`.',
  }),
  counts: duration({ description: 'An update of the unread counts.' }),
};

export const maxAge = z
  .strictObject({
    event: maxAgeShape.event.prefault('1h'),
    call: maxAgeShape.call.prefault('60s'),
    counts: maxAgeShape.counts.prefault('10m'),
  })
  .meta({
    description:
      'How long after its acceptance a push is still worth sending; retries end there. An app may set its own.',
  });

export const rejections = z
  .strictObject({
    ttl: duration({ description: 'How long a dead pushkey is remembered and told.' }).prefault('30d'),
  })
  .meta({ description: 'The memory of dead pushkeys.' });

export const retry = z
  .strictObject({
    base: duration({ description: 'The first delay; it doubles with each attempt, with full jitter.' }).prefault('1s'),
    cap: duration({ description: 'The longest delay.' }).prefault('5m'),
  })
  .refine(({ base, cap }) => base <= cap, { path: ['cap'], message: 'must not be shorter than `base`' })
  .meta({ description: "Delays between attempts; the provider's `Retry-After` is a floor." });

export const deadLetters = z
  .strictObject({
    max_age: duration({ description: 'How long a push that failed for good is kept for replay.' }).prefault('7d'),
    max_count: count('How many are kept for each app.', 0, 100_000).prefault(100_000),
  })
  .meta({ description: 'Pushes that failed for good.' });

export const dispatcher = z
  .strictObject({
    concurrency: count('Pushes in flight for each app and dispatcher process, unless the app sets its own. Of ten one is kept for high priority.', 1, 200)
      .max(MAX_CONCURRENCY)
      .prefault(200),
    shutdown_grace: duration({
      description: 'At SIGTERM: for pushes in flight to end; the rest goes back to the queue.',
      min: 0,
      max: MAX_TIMER_MS,
    }).prefault('25s'),
    request_timeout: duration({
      description: "For a provider's answer to one push.",
      max: MAX_TIMER_MS,
    }).prefault('30s'),
  })
  .meta({ description: 'The workers that call the providers.' });

/** `queue_limit.count`, for all apps and for one. */
export const queueLimitCount = count(
  'Pushes of one app that may wait; past it homeservers get 503 for that app and keep the event. From half of it on, ' +
    'homeservers that send more than their share get 429 while others send too.',
  1,
  1_000_000,
);

/** `queue_limit.age`, for all apps and for one. */
export const queueLimitAge = duration({
  description:
    'Age of the oldest waiting push of one app; past it homeservers get 503 for that app and keep the event. 0: any.',
  min: 0,
});

export const queueLimit = z
  .strictObject({ count: queueLimitCount.prefault(1_000_000), age: queueLimitAge.prefault('1h') })
  .meta({ description: 'Backpressure. An app may set its own.' });
