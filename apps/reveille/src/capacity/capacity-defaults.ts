import { quotaTerms, sectionsSchema } from '@reveille/config';
import { PACE } from '@reveille/queue';

import type { Limits } from './capacity-warnings';
import type { MemorySettings } from './demand';

/** The settings that cost memory, as the configuration has them when nobody says anything else. */
export function defaultMemorySettings(): MemorySettings {
  const { dedupe, explain, dead_letters: deadLetters, max_age: maxAge } = sectionsSchema.parse({});
  return {
    dedupeWindowMs: dedupe.window,
    explainPushes: explain.enabled ? explain.max_pushes : 0,
    explainKeepMs: explain.keep,
    deadLetters: deadLetters.max_count,
    maxAgeMs: maxAge.event,
  };
}

const MS_PER_MINUTE = 60_000;

/** What Google has published, and how many pushes may wait. */
export function defaultLimits(): Limits {
  const { perMinute, device } = quotaTerms(undefined, 'fcm');
  return {
    fcmPerMinute: (perMinute ?? Number.POSITIVE_INFINITY) * PACE,
    fcmDevicePerMinute: device.find(({ perMs }) => perMs === MS_PER_MINUTE)?.count ?? Number.POSITIVE_INFINITY,
    queueCount: sectionsSchema.parse({}).queue_limit.count,
  };
}
