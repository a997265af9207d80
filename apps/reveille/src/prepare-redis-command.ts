import { findRedisServer } from '@reveille/embedded-redis';

import { EXIT_FAILED, UsageError } from './command';
import type { Command } from './command';
import { REDIS_CACHE_DIRECTORY } from './workspace-paths';

/** Makes sure that a Redis can be started here, unpacking one if there is none. */
export const prepareRedisCommand: Command = {
  name: 'prepare-redis',
  usage: '',
  summary: 'makes sure that a Redis can be started here, unpacking one if there is none',
  run: async (args, context) => {
    if (args.length > 0) throw new UsageError('prepare-redis takes no arguments');
    const server = await findRedisServer({
      cacheDirectory: REDIS_CACHE_DIRECTORY,
      allowDownload: true,
      log: (line) => {
        context.print(`${line}\n`);
      },
    });
    if (!server.ok) {
      context.complain(`reveille: ${server.message}\n`);
      return EXIT_FAILED;
    }
    context.print(`Redis ${server.version}: ${server.command}\n`);
    return 0;
  },
};
