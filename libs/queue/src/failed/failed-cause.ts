import { CAUSE_SEPARATOR } from './failed-keys';
import type { FailedCause } from './failed-filter';
import type { CauseCount, FailedItem } from './failed-types';

/** A cause as the index has it, without its number of attempts; undefined: it is not one of ours. */
export function parseCause(cause: string): FailedCause | undefined {
  const [outcome, reason, status, answer, attempts] = cause.split(CAUSE_SEPARATOR);
  if (outcome === undefined || reason === undefined || attempts === undefined) return undefined;
  return {
    outcome,
    reason,
    ...(status !== undefined && status !== '' && { providerStatus: Number(status) }),
    ...(answer !== undefined && answer !== '' && { providerReason: answer }),
  };
}

/** One push as a count. */
export function toCounted({ app, failedAt, outcome, reason, providerStatus, providerReason }: FailedItem): CauseCount {
  return {
    app,
    outcome,
    reason,
    ...(providerStatus !== undefined && { providerStatus }),
    ...(providerReason !== undefined && { providerReason }),
    count: 1,
    firstAt: failedAt,
    lastAt: failedAt,
  };
}

/** Puts together what has the same cause. */
export function groupByCause(counts: readonly CauseCount[]): CauseCount[] {
  const groups = new Map<string, CauseCount>();
  for (const one of counts) {
    const key = JSON.stringify([one.outcome, one.reason, one.providerStatus, one.providerReason]);
    const group = groups.get(key);
    groups.set(key, group ? addUp(group, one) : one);
  }
  return [...groups.values()];
}

function addUp(group: CauseCount, one: CauseCount): CauseCount {
  return {
    ...group,
    count: group.count + one.count,
    firstAt: Math.min(group.firstAt, one.firstAt),
    lastAt: Math.max(group.lastAt, one.lastAt),
  };
}
