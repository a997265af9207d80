import type { CommandContext } from './command';
import type { RelayRedis } from './with-relay-redis';

/** Something an operator does, as the audit names it. */
export interface Action {
  readonly action: string;
  readonly app?: string;
  /** On how many pushes or verdicts, as far as that is known before. */
  readonly count?: number;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Whoever runs the command, as the audit and the rest of the relay name them. */
export function actorOf({ terminal }: CommandContext): string {
  return `cli:${terminal.user}`;
}

/** Does `work` and writes the audit. */
export async function auditedAction<Result>(
  _relay: RelayRedis,
  context: CommandContext,
  _action: Action,
  work: (by: { readonly actor: string }) => Promise<Result>,
): Promise<Result> {
  return work({ actor: actorOf(context) });
}
