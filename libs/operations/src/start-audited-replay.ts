import type { Actor, Audit, FailedPushes, ReplayRequest, Replays } from '@reveille/queue';
import { randomUUID } from 'node:crypto';

import { toFilterView } from './replay-views';

export interface ReplayStart {
  readonly failed: Pick<FailedPushes, 'search'>;
  readonly replays: Pick<Replays, 'start'>;
  readonly audit: Pick<Audit, 'audited'>;
}

/** Begins a replay, with the audit first; resolves with its id. Rejects, and nothing is sent, when Redis does. */
export async function startAuditedReplay({ failed, replays, audit }: ReplayStart, actor: Actor, request: ReplayRequest): Promise<string> {
  const { filter, includeExpired, rate } = request;
  const { total: count } = await failed.search(filter, { limit: 1 });
  const id = randomUUID();
  // Chosen ones by their number: an entry is a line.
  const { ids: _ids, ...named } = toFilterView(filter);
  const detail = { replay: id, filter: { ...named, ...(filter.ids && { ids: filter.ids.length }) }, include_expired: includeExpired, rate };
  const action = { action: 'replay.start', app: filter.app, count, detail };
  return audit.audited(actor, action, () => replays.start(request, actor.name, id));
}
