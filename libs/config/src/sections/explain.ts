import { z } from 'zod';

import { duration } from '../duration';
import { count } from '../scalars';

export const explain = z
  .strictObject({
    enabled: z
      .boolean()
      .meta({ description: 'Whether it is remembered what became of each push, by the hashes of its event and device.', example: false })
      .prefault(true),
    keep: duration({ description: 'How long.' }).prefault('24h'),
    max_pushes: count('Of how many pushes of an app; the oldest are forgotten first. Each takes 400 to 600 bytes on Redis.', 1, 100_000)
      .max(100_000_000)
      .prefault(100_000),
  })
  .meta({ description: 'The answer to the question why a device did not get its push: `reveille explain`, and the admin.' });
