import { createAppQueue, readServedApps } from '@reveille/queue';
import type { AppQueue } from '@reveille/queue';

import { EXIT_FAILED, UsageError } from './command';
import type { CommandContext } from './command';
import { findApp } from './find-app';
import type { FoundApp } from './find-app';
import type { RelayFlags } from './relay-flags';
import { withRelayRedis } from './with-relay-redis';
import type { RelayRedis } from './with-relay-redis';

/** One app, and what is needed to change it. */
export interface AppAtHand {
  readonly relay: RelayRedis;
  /** Its key in the configuration. */
  readonly app: string;
  readonly queue: AppQueue;
}

/** The app of a word of the command line: also one that has left the configuration, while its pushes are still sent. */
export async function findServedApp(relay: RelayRedis, name: string): Promise<FoundApp> {
  const served = (await readServedApps(relay)).map(({ appKey }) => appKey);
  return served.includes(name) ? { ok: true, key: name } : findApp(name, relay.apps);
}

/** The one word that names an app. @throws UsageError */
export function oneApp([name, ...rest]: readonly string[]): string {
  if (name !== undefined && rest.length === 0) return name;
  throw new UsageError('one app, by its app id or its key in the configuration');
}

/** Connects, finds the app and does `work` with its queue. Resolves with the exit code. */
export function workOnApp(
  name: string,
  flags: RelayFlags,
  context: CommandContext,
  work: (at: AppAtHand) => Promise<number>,
): Promise<number> {
  return withRelayRedis(flags, context, async (relay) => {
    const app = await findServedApp(relay, name);
    if (!app.ok) {
      context.complain(`reveille: ${app.message}\n`);
      return EXIT_FAILED;
    }
    const { redis, prefix, now } = relay;
    const queue = createAppQueue({ appKey: app.key, prefix, redis, now, onError: () => undefined });
    try {
      return await work({ relay, app: app.key, queue });
    } finally {
      await queue.close();
    }
  });
}
