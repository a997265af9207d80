import { createLogger } from '@reveille/observability';

import type { Command } from './command';
import { endWithSignals, untilTheEnd } from './end-with-signals';
import { parseRoleFlags } from './role-flags';
import { startRelay } from './start-relay';
import type { StartedRelay } from './start-relay';
import { Supervisor } from './supervisor';
import { REDIS_CACHE_DIRECTORY, roleScript } from './workspace-paths';

/** All roles under one supervisor, with an embedded Redis if the configuration names none. */
export const serveCommand: Command = {
  name: 'serve',
  usage: '[--config FILE] [--http-port N] [--metrics-port N] [--redis-url URL]',
  summary: 'all roles, supervised; with a Redis of its own if the configuration names none',
  run: async (args, context) => {
    const flags = parseRoleFlags(args);
    const logger = createLogger({ role: 'reveille', level: 'info', format: 'auto' });
    const supervisor = new Supervisor();
    endWithSignals(supervisor, logger);
    const relay = await startRelay({
      ...flags,
      ...context,
      redisCacheDirectory: REDIS_CACHE_DIRECTORY,
      roleScript,
      supervisor,
      logger,
    });
    if (!relay.ok) {
      await supervisor.stop();
      return relay.exitCode;
    }
    context.print(`${describeRelay(relay)}\n`);
    return untilTheEnd();
  },
};

/** Where everything listens, one line each. */
export function describeRelay(relay: StartedRelay): string {
  const { ingress, dispatcher, admin } = relay.urls;
  const metrics = Object.entries({ ingress, dispatcher, admin })
    .map(([role, urls]) => `${role} ${firstUrl(urls.metrics)}/metrics`)
    .join(', ');
  const { embeddedRedis: redis, adminLogin } = relay;
  return [
    `  notify     ${firstUrl(ingress.http)}/_matrix/push/v1/notify`,
    `  admin      ${firstUrl(admin.http)}`,
    ...(adminLogin ? [`             sign in as ${adminLogin.name} with ${adminLogin.password} (until this ends)`] : []),
    `  metrics    ${metrics}`,
    ...(redis ? [`  Redis      127.0.0.1:${redis.port}, data in ${redis.dataDirectory}`] : []),
  ].join('\n');
}

/** A role may listen on several addresses. */
export function firstUrl(urls: string | string[] | undefined): string {
  const url = Array.isArray(urls) ? urls[0] : urls;
  return url?.replace(/\/$/, '') ?? '(not reported)';
}
