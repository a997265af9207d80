import { toExplanationView } from '@reveille/operations';

import { askedDevice, deviceHash, PUSHKEY_FLAGS, pusherAppId, relayHash } from './asked-pushkey';
import { EXIT_FAILED, UsageError } from './command';
import type { CommandContext } from './command';
import { explanationText } from './explain-report';
import { parseRelayArguments } from './relay-flags';
import { operationsOf } from './relay-operations';
import { findServedApp } from './work-on-app';
import { withRelayRedis } from './with-relay-redis';

/** Says what became of the pushes of an event; exit code 0, 1 (no such app, no Redis) or 2 (wrong use). */
export async function runExplain(args: readonly string[], context: CommandContext): Promise<number> {
  const { words, values, ...flags } = parseRelayArguments(args, ['app', 'event', ...PUSHKEY_FLAGS]);
  const { app: name, event } = values;
  if (words.length > 0 || name === undefined || !event) throw new UsageError('--app says which app, --event which event');
  const device = await askedDevice({ values }, context);
  if (device && 'pushkey' in device) pusherAppId(name);
  return withRelayRedis(flags, context, async (relay) => {
    const app = await findServedApp(relay, name);
    if (!app.ok) {
      context.complain(`reveille: ${app.message}\n`);
      return EXIT_FAILED;
    }
    const hash = await relayHash(relay);
    const explanation = await operationsOf(relay).explain({
      appKey: app.key,
      eventHash: hash.event(event),
      ...(device && { deviceHash: deviceHash(device, hash, name) }),
    });
    context.print(flags.json ? `${JSON.stringify(toExplanationView(explanation))}\n` : explanationText(explanation));
    return 0;
  });
}
