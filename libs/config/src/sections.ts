import { z } from 'zod';

import { proxyUrl } from './scalars';
import { admin } from './sections/admin';
import { deadLetters, dedupe, dispatcher, maxAge, queueLimit, rejections, retry } from './sections/dispatching';
import { explain } from './sections/explain';
import { http } from './sections/http';
import { limits, removedAppGrace } from './sections/limits';
import { log, metrics } from './sections/operator-surfaces';
import { privacy } from './sections/privacy';
import { redis } from './sections/redis';
import { stormBreaker } from './sections/storm-breaker';

/** Everything in the file but `apps`. Every key has a working default. */
export const sectionShape = {
  http: http.prefault({}),
  admin: admin.prefault({}),
  metrics: metrics.prefault({}),
  redis: redis.prefault({}),
  log: log.prefault({}),
  dedupe: dedupe.prefault({}),
  max_age: maxAge.prefault({}),
  rejections: rejections.prefault({}),
  storm_breaker: stormBreaker.prefault({}),
  retry: retry.prefault({}),
  dead_letters: deadLetters.prefault({}),
  explain: explain.prefault({}),
  dispatcher: dispatcher.prefault({}),
  queue_limit: queueLimit.prefault({}),
  unknown_app: z
    .enum(['reject', 'accept'])
    .meta({
      description:
        'A pushkey whose app_id matches no app, or several globs: `reject` it (its pusher is deleted), ' +
        'or `accept` and drop.',
      example: 'reject',
    })
    .prefault('reject'),
  removed_app_grace: removedAppGrace,
  limits: limits.prefault({}),
  proxy: proxyUrl(
    'HTTP proxy to the providers; `none`: never. Absent: `HTTPS_PROXY` and `NO_PROXY` of the environment. ' +
      'An app may set its own.',
  ).optional(),
  privacy: privacy.prefault({}),
};
