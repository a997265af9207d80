import type { AppQueue, GateState } from '@reveille/queue';
import type { Storm } from '@reveille/rejections';

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
  /** Rejections that are held instead of told, because there were too many; null: none. */
  readonly storm: StormOverview | null;
}

/** A storm of rejections as the API shows it. */
export interface StormOverview {
  /** ISO 8601. */
  readonly since: string;
  readonly state: Storm['state'];
  /** The provider's most frequent one. */
  readonly reason: string;
  readonly held: number;
  /** Pushkeys that were tried again since, and how many of them the provider took. */
  readonly probed: number;
  readonly accepted_again: number;
  /** Nothing is told before somebody decides: `reveille storms`. */
  readonly needs_operator: boolean;
}

/** Reads one app's queue and storm; changes nothing. Rejects when Redis does. */
export async function readAppOverview(
  queue: AppQueue,
  readStorm: (appKey: string) => Promise<Storm | undefined>,
): Promise<AppOverview> {
  const [counts, closed, storm] = await Promise.all([queue.counts(), queue.gate.read(), readStorm(queue.appKey)]);
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
    storm: storm ? toStormOverview(storm) : null,
  };
}

function toStormOverview({ since, state, reason, held, probed, acceptedAgain, needsOperator }: Storm): StormOverview {
  return {
    since: new Date(since).toISOString(),
    state,
    reason,
    held,
    probed,
    accepted_again: acceptedAgain,
    needs_operator: needsOperator,
  };
}
