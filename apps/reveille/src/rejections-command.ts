import { toRejectionView } from '@reveille/operations';
import type { Rejection } from '@reveille/rejections';

import { askedDevice, deviceHash, PUSHKEY_FLAGS, pusherAppId, relayHash } from './asked-pushkey';
import { auditedAction } from './audited-action';
import { EXIT_FAILED, UsageError } from './command';
import type { CommandContext } from './command';
import { printable } from './printable';
import { parseRelayArguments } from './relay-flags';
import { operationsOf } from './relay-operations';
import { findServedApp } from './work-on-app';
import { withRelayRedis } from './with-relay-redis';

/** Shows whether a device is known to be dead, or forgets that; exit code 0, 1 (no such app, no Redis) or 2 (wrong use). */
export async function runRejections(args: readonly string[], context: CommandContext): Promise<number> {
  const { words, values, ...flags } = parseRelayArguments(args, ['app', ...PUSHKEY_FLAGS]);
  const action = actionOf(words);
  const { app: name } = values;
  if (name === undefined) throw new UsageError('--app says which app');
  const device = await askedDevice({ values }, context);
  if (!device) throw new UsageError('which device? `--pushkey -` reads its pushkey from standard input');
  if ('pushkey' in device) pusherAppId(name);
  return withRelayRedis(flags, context, async (relay) => {
    const app = await findServedApp(relay, name);
    if (!app.ok) {
      context.complain(`reveille: ${app.message}\n`);
      return EXIT_FAILED;
    }
    const hash = deviceHash(device, await relayHash(relay), name);
    const { rejections: memory } = operationsOf(relay);
    if (action === 'show') {
      const known = await memory.recall(app.key, hash);
      context.print(flags.json ? `${JSON.stringify(toRejectionView(app.key, hash, known))}\n` : asText(hash, known));
      return 0;
    }
    const audited = { action: 'rejection.forget', app: app.key, count: 1, detail: { pushkey_hash: hash } };
    const forgotten = await auditedAction(relay, context, audited, () => memory.forget(app.key, hash));
    if (flags.json) context.print(`${JSON.stringify({ app: app.key, pushkey_hash: hash, forgotten })}\n`);
    else context.print(forgotten ? `${hash} is forgotten: its pushes are sent again.\n` : `${hash} was not known to be dead.\n`);
    return 0;
  });
}

function actionOf([action, ...rest]: readonly string[]): 'show' | 'forget' {
  if ((action === 'show' || action === 'forget') && rest.length === 0) return action;
  throw new UsageError('`rejections show` or `rejections forget`');
}

function asText(hash: string, known: Rejection | undefined): string {
  if (!known) return `${hash} is not known to be dead.\n`;
  const { diedAt, reason, told = 0, lastTold } = known;
  const last = lastTold === undefined ? '' : `, last ${new Date(lastTold).toISOString()}`;
  return `${hash} is dead since ${new Date(diedAt).toISOString()} (${printable(reason)}); homeservers were told ${told} times${last}.\n`;
}
