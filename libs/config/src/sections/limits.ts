import { z } from 'zod';

import { duration } from '../duration';
import { count } from '../scalars';

/** Redis counts in whole seconds, and a sender that repeats with growing delays is not to wait for hours. Milliseconds. */
const MIN_PER_MS = 1000;
const MAX_PER_MS = 3_600_000;

function rate(description: string, requests: string, example: number) {
  return z
    .strictObject({
      requests: count(requests, 1, example),
      per: duration({ description: 'The window, in whole seconds.', min: MIN_PER_MS, max: MAX_PER_MS }).prefault('1m'),
    })
    .meta({ description })
    .optional();
}

export const limits = z
  .strictObject({
    per_source: rate(
      'For one sender: an address (an IPv6 network of 64 bits), as `http.trust_proxy` sees it. Absent: no limit.',
      'Notify requests.',
      60_000,
    ),
    per_pushkey: rate(
      'For one pushkey of one app, whoever sends. Absent: no limit.',
      'Pushes, repeats included.',
      120,
    ),
  })
  .meta({
    description:
      'Rate limits, counted on Redis for all ingress processes together. Past one the answer is 429 with `retry_after_ms`; ' +
      'homeservers keep the event and repeat it. While Redis is away nothing is refused for them.',
  });

export const removedAppGrace = duration({
  description:
    'How long after it was last configured the pushkeys of an app are accepted and dropped, with an alarm, instead of ' +
    'rejected: an app that is missing by mistake unsubscribes nobody. `0`: rejected at once.',
  min: 0,
}).prefault('24h');
