import type { AppQueue, GateState } from '@reveille/queue';

/** One app as the API shows it. */
export interface AppOverview {
  /** The key under `apps`: an exact id or a glob. */
  readonly app: string;
  /** `paused`: by an operator, without a reason of ours. */
  readonly state: 'running' | 'paused' | GateState['state'];
  /** Why it does not run at full width, since when, and when it is tried again (ISO 8601); null while it runs. */
  readonly reason: string | null;
  readonly since: string | null;
  readonly until: string | null;
  /** Dispatches by state. */
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
  readonly failed: number;
  readonly oldest_waiting_ms: number;
}

/** Reads one app's queue; changes nothing. Rejects when Redis does. */
export async function readAppOverview(queue: AppQueue): Promise<AppOverview> {
  const [counts, closed] = await Promise.all([queue.counts(), queue.gate.read()]);
  const { waiting, delayed, active, failed, oldestWaitingMs, paused } = counts;
  return {
    app: queue.appKey,
    state: closed?.state ?? (paused ? 'paused' : 'running'),
    reason: closed?.reason ?? null,
    since: closed ? new Date(closed.since).toISOString() : null,
    until: closed ? new Date(closed.until).toISOString() : null,
    waiting,
    delayed,
    active,
    failed,
    oldest_waiting_ms: oldestWaitingMs,
  };
}
