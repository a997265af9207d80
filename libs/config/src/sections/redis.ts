import { z } from 'zod';

import { filePath, redisUrl, text } from '../scalars';

export const redis = z
  .strictObject({
    url: redisUrl(
      'Redis or Valkey. Absent: an embedded server, started by `reveille serve`. `REDIS_URL` sets it too.',
    ).optional(),
    url_file: filePath('A file that holds the URL.', '/run/secrets/redis-url').optional(),
    username: text('ACL user, if the URL names none.', { example: 'reveille' }).optional(),
    password: text('Password, if the URL holds none.', { example: "'in quotes'", secret: true }).optional(),
    password_file: filePath('A file that holds the password.', '/run/secrets/redis-password').optional(),
    prefix: text('Start of every key, so that several installations can share a server.', { example: 'reveille' })
      // Braces would change the hash tags that spread the queues over a cluster.
      .regex(/^[A-Za-z0-9_.-]+$/, 'must consist of letters, digits, `_`, `-` and `.`')
      .prefault('reveille'),
    data_directory: filePath('Where the embedded server keeps its append-only file.', './data').prefault('./data'),
  })
  .meta({
    description: 'Where accepted pushes wait. The server needs `maxmemory-policy noeviction` and `appendonly yes`.',
  });
