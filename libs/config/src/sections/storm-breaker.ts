import { z } from 'zod';

import { duration } from '../duration';
import { count } from '../scalars';

/** Buckets of the window must be of a length that a clock can tell. Milliseconds. */
const MIN_WINDOW_MS = 1000;

function share(description: string) {
  return z.number().gt(0).max(1).meta({ description, type: 'number', example: 0.5 });
}

export const stormBreaker = z
  .strictObject({
    enabled: z
      .boolean()
      .meta({ description: '`false`: every rejection is believed and told at once.' })
      .prefault(true),
    window: duration({ description: 'How far back the answers of the provider are looked at.', min: MIN_WINDOW_MS }).prefault('5m'),
    floor: count('Devices that must be rejected in the window for a storm.', 1, 100).prefault(100),
    suspect_floor: count(
      'The same for reasons that a wrong topic or sender would cause too (`DeviceTokenNotForTopic`, `SENDER_ID_MISMATCH`).',
      1,
      20,
    ).prefault(20),
    share: share('Share of the rejections in all answers that a storm has at least.').prefault(0.5),
    suspect_share: share('The same for the suspect reasons.').prefault(0.25),
    factor: z
      .number()
      .min(1)
      .meta({ description: "How many times the app's usual share it must be as well.", type: 'number', example: 5 })
      .prefault(5),
    slow_floor: count(
      'Devices rejected for a reason that a mistake of ours would cause too (the suspect ones, `BadDeviceToken`, `INVALID_ARGUMENT` of ' +
        'the pushkey) that are a storm at any rate, in an app of few pushes too, when they pass `slow_share`. `0`: rate matters.',
      0,
      5,
    ).prefault(5),
    slow_share: share('Share of these devices in the latest that the provider judged, each once, above which it is a storm.').prefault(0.5),
    slow_window: duration({ description: 'How far back these devices are remembered; at most 500 that were delivered to.', min: MIN_WINDOW_MS }).prefault('24h'),
    hold_for: duration({
      description: 'How long rejections that look genuine are held; suspect ones wait for an operator.',
    }).prefault('30m'),
    release_per_minute: count('Held rejections that are then told in a minute, for each app.', 1, 60).prefault(60),
    retry: duration({
      description: 'First delay of the push of a held rejection; it grows to four times that.',
    }).prefault('30s'),
  })
  .meta({
    description:
      "Rule against mistaken mass rejections: when an app's share of rejections jumps, they are held instead of told, and " +
      'some are tried again.',
  });
