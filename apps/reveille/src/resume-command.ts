import type { GateState } from '@reveille/queue';

import { auditedAction } from './audited-action';
import type { CommandContext } from './command';
import { whyClosed } from './gate-report';
import { parseRelayArguments } from './relay-flags';
import { oneApp, workOnApp } from './work-on-app';

/** Opens the gate of an app at once, whatever closed it; exit code 0, 1 (no such app, no Redis) or 2 (wrong use). */
export function runResume(args: readonly string[], context: CommandContext): Promise<number> {
  const { words, ...flags } = parseRelayArguments(args);
  return workOnApp(oneApp(words), flags, context, async ({ relay, app, queue }) => {
    const before = await queue.gate.read();
    const detail = { was: before?.state ?? 'running' };
    await auditedAction(relay, context, { action: 'app.resume', app, detail }, () => queue.gate.resume());
    context.print(flags.json ? asJson(app, before) : asText(app, before));
    return 0;
  });
}

function asJson(app: string, before: GateState | undefined): string {
  return `${JSON.stringify({ app, state: 'running', before: before ?? null })}\n`;
}

function asText(app: string, before: GateState | undefined): string {
  return before === undefined ? `${app} was running already.\n` : `${app} runs again; it was ${whyClosed(before)}.\n`;
}
