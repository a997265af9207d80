import { MOST_AT_ONCE } from '@reveille/admin-api';
import { readControls, setConcurrency } from '@reveille/queue';

import { auditedAction } from './audited-action';
import { UsageError } from './command';
import type { CommandContext } from './command';
import { parseRelayArguments } from './relay-flags';
import { workOnApp } from './work-on-app';

const AS_CONFIGURED = 'default';

/** Sets how many pushes of an app are sent at once, for now; exit code 0, 1 (no such app, no Redis) or 2 (wrong use). */
export function runConcurrency(args: readonly string[], context: CommandContext): Promise<number> {
  const { words, ...flags } = parseRelayArguments(args);
  const [name, word = '', ...rest] = words;
  if (name === undefined || rest.length > 0) throw new UsageError(`one app, and a number or \`${AS_CONFIGURED}\``);
  const limit = word === AS_CONFIGURED ? undefined : limitOf(word);
  return workOnApp(name, flags, context, async ({ relay, app }) => {
    const { concurrency: before } = await readControls(relay, app);
    const action = { action: 'app.concurrency', app, detail: { limit: limit ?? null } };
    await auditedAction(relay, context, action, () => setConcurrency(relay, app, limit));
    if (flags.json) context.print(`${JSON.stringify({ app, limit: limit ?? null, before: before ?? null })}\n`);
    else context.print(`${app}: ${describe(limit)}; before: ${describe(before)}.\n`);
    return 0;
  });
}

function limitOf(word: string): number {
  const limit = /^\d{1,6}$/.test(word) ? Number(word) : 0;
  if (limit >= 1 && limit <= MOST_AT_ONCE) return limit;
  throw new UsageError(`a number of pushes at once from 1 to ${MOST_AT_ONCE}, or \`${AS_CONFIGURED}\`, not '${word}'`);
}

function describe(limit: number | undefined): string {
  return limit === undefined ? 'as many pushes at once as the dispatchers are configured for' : `at most ${limit} pushes at once, in all dispatchers`;
}
