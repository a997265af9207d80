import { readControls, setDraining } from '@reveille/queue';

import { auditedAction } from './audited-action';
import { UsageError } from './command';
import type { CommandContext } from './command';
import { parseRelayArguments } from './relay-flags';
import { workOnApp } from './work-on-app';

/** Lets an app accept nothing new, or accept again; exit code 0, 1 (no such app, no Redis) or 2 (wrong use). */
export function runDrain(args: readonly string[], context: CommandContext): Promise<number> {
  const { words, ...flags } = parseRelayArguments(args);
  const [name, word, ...rest] = words;
  if (name === undefined || (word !== 'on' && word !== 'off') || rest.length > 0) throw new UsageError('one app, and `on` or `off`');
  const on = word === 'on';
  return workOnApp(name, flags, context, async ({ relay, app, queue }) => {
    const { draining: before } = await readControls(relay, app);
    await auditedAction(relay, context, { action: 'app.drain', app, detail: { on } }, () => setDraining(relay, app, on));
    const { waiting, delayed, active } = await queue.counts();
    const left = waiting + delayed + active;
    if (flags.json) context.print(`${JSON.stringify({ app, draining: on, before, left })}\n`);
    else if (on) context.print(`${app} accepts nothing new (homeservers get 503 and send again); ${left} pushes are still to be sent.\n`);
    else context.print(`${app} accepts pushes${before ? ' again' : ', as before'}.\n`);
    return 0;
  });
}
