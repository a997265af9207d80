import { z } from 'zod';

import { duration } from '../duration';
import { count } from '../scalars';

/** FCM's, each of its projects: https://firebase.google.com/docs/cloud-messaging/throttling-and-quotas */
const FCM_PER_MINUTE = 600_000;
const FCM_DEVICE_PER_MINUTE = 240;
const FCM_DEVICE_PER_HOUR = 5000;
/** Google asks for a minute at least from nothing to the full rate, in milliseconds. */
const RAMP_MS = 60_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** `quota` of an app. */
export const quota = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .meta({ description: '`false`: pushes are sent as fast as they come, and the provider refuses what is too much.', example: false }),
    per_minute: count('Pushes a minute, of all dispatchers and of all apps of the project. With `fcm` 600000 if absent, with `apns` no limit.', 1, 600_000).optional(),
    device_per_minute: count('Pushes a minute to one device. With `fcm` 240 if absent, with `apns` no limit.', 1, 240).optional(),
    device_per_hour: count('Pushes an hour to one device. With `fcm` 5000 if absent, with `apns` no limit.', 1, 5000).optional(),
    ramp: duration({
      description: 'After a start or an outage of the provider the rate grows from a tenth of `per_minute` to all of it in this time; 60s if absent, `0`: at once.',
      min: 0,
    }).optional(),
  })
  .meta({
    description:
      "What the provider takes: pushes past it wait here instead of being refused there. The provider's published quota if absent; " +
      'with a larger or smaller one granted by it, that.',
  })
  .optional();

/** What an app's provider takes. */
export interface QuotaTerms {
  /** Undefined: not known. */
  readonly perMinute: number | undefined;
  readonly device: readonly { readonly count: number; readonly perMs: number }[];
  readonly rampMs: number;
}

const NO_QUOTA: QuotaTerms = { perMinute: undefined, device: [], rampMs: 0 };

/** The quotas of an app: its own settings, else what its provider has published. */
export function quotaTerms(settings: z.output<typeof quota>, type: string | undefined): QuotaTerms {
  if (settings?.enabled === false) return NO_QUOTA;
  const isFcm = type === 'fcm' || type === 'gcm';
  const limit = (own: number | undefined, published: number): number | undefined => own ?? (isFcm ? published : undefined);
  const device = (own: number | undefined, published: number, perMs: number): QuotaTerms['device'] => {
    const most = limit(own, published);
    return most === undefined ? [] : [{ count: most, perMs }];
  };
  return {
    perMinute: limit(settings?.per_minute, FCM_PER_MINUTE),
    device: [
      ...device(settings?.device_per_minute, FCM_DEVICE_PER_MINUTE, MINUTE_MS),
      ...device(settings?.device_per_hour, FCM_DEVICE_PER_HOUR, HOUR_MS),
    ],
    rampMs: settings?.ramp ?? RAMP_MS,
  };
}
