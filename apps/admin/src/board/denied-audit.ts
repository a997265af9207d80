import type { Audit } from '@reveille/queue';

import { actorOf } from '../routes/apps/app-deps';
import type { Caller } from '../routes/route';

/** Once for so many milliseconds and person: the audit is bounded, and nobody may fill it with what was denied. */
const ONCE_IN_MS = 60_000;

/** Writes into the audit that somebody tried to change something in the raw view. */
export function createDeniedAudit(audit: Pick<Audit, 'write'>, now: () => number): (caller: Caller | undefined) => void {
  const toldAt = new Map<string, number>();
  return (caller) => {
    if (!caller?.identity) return;
    const { identity } = caller;
    const key = `${identity.via}:${identity.name}`;
    if (now() - (toldAt.get(key) ?? -Infinity) < ONCE_IN_MS) return;
    toldAt.set(key, now());
    // Nothing was done: the log of requests has it even when Redis is away.
    audit.write(actorOf(identity), { action: 'board.denied' }).catch(() => undefined);
  };
}
