import { z } from 'zod';

import { filePath, splitCommas, text } from '../scalars';
import { parseSealingKey } from '../sealing-key';

/** Characters. A shorter key of the pushkey hashes could be found by trying. */
const MIN_HASH_KEY_LENGTH = 16;
/** Two are enough for a rotation; a long list is a mistake. */
const MAX_SEALING_KEYS = 16;

const sealingKey = z
  .string()
  .refine((value) => parseSealingKey(value) !== undefined, 'must be 32 random bytes in base64 or hex')
  .meta({ example: 'the output of: openssl rand -base64 32', secret: true });

export const privacy = z
  .strictObject({
    hash_key: text('Key of the hashes that stand for pushkeys in Redis, logs and metrics; one for all processes.', {
      example: 'the output of: openssl rand -hex 32',
      secret: true,
      minLength: MIN_HASH_KEY_LENGTH,
    })
      .optional(),
    hash_key_file: filePath('A file that holds the key.', '/run/secrets/reveille-hash-key').optional(),
    sealing_keys: z
      .preprocess(splitCommas, z.array(sealingKey).min(1).max(MAX_SEALING_KEYS))
      .meta({
        description:
          'Keys that seal the pushes that wait on Redis (AES-256-GCM): 32 bytes each, in base64 or hex. The first is the newest ' +
          'and seals, all of them open. Absent: pushes wait in the clear.',
        type: 'list of texts',
        example: ['the output of: openssl rand -base64 32'],
        secret: true,
      })
      .optional(),
    sealing_key_files: z
      .preprocess(splitCommas, z.array(z.string().min(1)).min(1).max(MAX_SEALING_KEYS))
      .meta({
        description: 'Files that hold a key each, newest first.',
        type: 'list of paths',
        example: ['/run/secrets/reveille-sealing-key-2', '/run/secrets/reveille-sealing-key-1'],
      })
      .optional(),
    require_sealed: z
      .boolean()
      .meta({
        description:
          'Beside sealing keys: a job in the clear on Redis was put there by somebody else, and is a dead letter (`not-sealed`) instead of a push. ' +
          'Set it when every ingress has a key and nothing from before waits any more.',
        example: true,
      })
      .prefault(false),
  })
  .meta({ description: 'What stands for a pushkey where it must not be seen, and what hides the pushes that wait.' });
