import { toAuditEntryView } from '@reveille/operations';
import { createAudit } from '@reveille/queue';
import type { AuditEntry } from '@reveille/queue';

import { UsageError } from './command';
import type { CommandContext } from './command';
import { table } from './failed-report';
import { wholeNumber } from './flag-values';
import { printable } from './printable';
import { parseRelayArguments } from './relay-flags';
import { withRelayRedis } from './with-relay-redis';

const DEFAULT_LIMIT = 50;
/** About as many as are kept. */
const LIMIT = { least: 1, most: 10_000 };

/** Prints who did what, newest first; exit code 0, 1 (no Redis) or 2 (wrong use). */
export function runAudit(args: readonly string[], context: CommandContext): Promise<number> {
  const { words, values, ...flags } = parseRelayArguments(args, ['limit']);
  if (words.length > 0) throw new UsageError('no words, only flags');
  const limit = wholeNumber(values, 'limit', LIMIT) ?? DEFAULT_LIMIT;
  return withRelayRedis(flags, context, async ({ redis, prefix }) => {
    const { entries } = await createAudit({ redis, prefix }).list({ limit });
    if (flags.json) context.print(`${JSON.stringify({ entries: entries.map(toAuditEntryView) })}\n`);
    else context.print(table(entries.map(entryRow)) || 'Nobody has done anything yet.\n');
    return 0;
  });
}

function entryRow({ at, actor, via, action, app, count, detail }: AuditEntry): string[] {
  const what = [count === undefined ? '' : String(count), detail === undefined ? '' : JSON.stringify(detail)];
  return [new Date(at).toISOString(), actor, via, action, app ?? '-', what.filter((part) => part !== '').join(' ')].map(printable);
}
