import { createAudit } from '@reveille/queue';
import type { Actor, AuditedAction } from '@reveille/queue';

import type { CommandContext } from './command';
import type { RelayRedis } from './with-relay-redis';

/** Whoever runs the command, as the audit and the rest of the relay name them: they have a shell, and so every right. */
export function actorOf({ terminal }: CommandContext): Actor {
  return { name: `cli:${terminal.user}`, role: 'operator', via: 'cli' };
}

/** Writes the audit, then does `act`; rejects, and does nothing, when the audit cannot be written. */
export async function auditedAction<Result>(
  { redis, prefix }: RelayRedis,
  context: CommandContext,
  action: AuditedAction,
  act: (actor: Actor) => Promise<Result>,
): Promise<Result> {
  const actor = actorOf(context);
  return createAudit({ redis, prefix }).audited(actor, action, () => act(actor));
}
