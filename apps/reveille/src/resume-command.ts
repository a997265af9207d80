import { createAppQueue } from '@reveille/queue';
import type { GateState } from '@reveille/queue';

import { EXIT_FAILED, UsageError } from './command';
import type { CommandContext } from './command';
import { findApp } from './find-app';
import { parseRelayArguments } from './relay-flags';
import { withRelayRedis } from './with-relay-redis';

/** Opens the gate of an app at once, whatever closed it; exit code 0, 1 (no such app, no Redis) or 2 (wrong use). */
export function runResume(args: readonly string[], context: CommandContext): Promise<number> {
  const { words, ...flags } = parseRelayArguments(args);
  const [name, ...rest] = words;
  if (name === undefined || rest.length > 0) throw new UsageError('one app, by its app id or its key in the configuration');
  return withRelayRedis(flags, context, async ({ redis, prefix, apps, now }) => {
    const app = findApp(name, apps);
    if (!app.ok) {
      context.complain(`reveille: ${app.message}\n`);
      return EXIT_FAILED;
    }
    const queue = createAppQueue({ appKey: app.key, prefix, redis, now, onError: () => undefined });
    try {
      const before = await queue.gate.read();
      await queue.gate.resume();
      context.print(flags.json ? asJson(app.key, before) : asText(app.key, before));
      return 0;
    } finally {
      await queue.close();
    }
  });
}

function asJson(app: string, before: GateState | undefined): string {
  return `${JSON.stringify({ app, state: 'running', before: before ?? null })}\n`;
}

function asText(app: string, before: GateState | undefined): string {
  if (before === undefined) return `${app} was running already.\n`;
  const { state, reason, since } = before;
  return `${app} runs again; it was ${state} since ${new Date(since).toISOString()} (${reason}).\n`;
}
