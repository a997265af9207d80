import { DEFAULT_PAUSE_REASON, MOST_PAUSE_REASON_LENGTH } from '@reveille/admin-api';

import { auditedAction } from './audited-action';
import { UsageError } from './command';
import type { CommandContext } from './command';
import { whyClosed } from './gate-report';
import { parseRelayArguments } from './relay-flags';
import { oneApp, workOnApp } from './work-on-app';

/** Stops an app until `resume`; exit code 0, 1 (no such app, no Redis) or 2 (wrong use). */
export function runPause(args: readonly string[], context: CommandContext): Promise<number> {
  const { words, values, ...flags } = parseRelayArguments(args, ['reason']);
  const name = oneApp(words);
  const reason = values.reason?.trim() || DEFAULT_PAUSE_REASON;
  if (reason.length > MOST_PAUSE_REASON_LENGTH) throw new UsageError(`--reason has at most ${MOST_PAUSE_REASON_LENGTH} characters`);
  return workOnApp(name, flags, context, async ({ relay, app, queue }) => {
    const before = await queue.gate.read();
    const action = { action: 'app.pause', app, detail: { reason } };
    const isNew = await auditedAction(relay, context, action, (actor) => queue.gate.pause(reason, actor.name));
    const now = await queue.gate.read();
    const { waiting, delayed } = await queue.counts();
    if (flags.json) {
      context.print(`${JSON.stringify({ app, state: now?.state ?? 'running', gate: now ?? null, before: before ?? null })}\n`);
    } else if (isNew) {
      context.print(`${app} is paused; ${waiting + delayed} pushes wait, and more are accepted. To go on: reveille resume ${app}\n`);
    } else {
      context.print(`${app} was paused already: ${now ? whyClosed(now) : 'just resumed'}.\n`);
    }
    return 0;
  });
}
