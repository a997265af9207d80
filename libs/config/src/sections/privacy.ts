import { z } from 'zod';

import { filePath, text } from '../scalars';

/** Characters. A shorter key of the pushkey hashes could be found by trying. */
const MIN_HASH_KEY_LENGTH = 16;

export const privacy = z
  .strictObject({
    hash_key: text('Key of the hashes that stand for pushkeys in Redis, logs and metrics; one for all processes.', {
      example: 'the output of: openssl rand -hex 32',
      secret: true,
      minLength: MIN_HASH_KEY_LENGTH,
    })
      .optional(),
    hash_key_file: filePath('A file that holds the key.', '/run/secrets/reveille-hash-key').optional(),
  })
  .meta({ description: 'What stands for a pushkey where the pushkey itself must not be seen.' });
