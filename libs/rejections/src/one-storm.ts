import type { Storm } from './storm';

/** The storms in the queues of an app as the one that they are to whoever looks at the app; undefined: none. */
export function oneStorm(storms: readonly Storm[]): Storm | undefined {
  const [first, ...others] = storms;
  return first && others.reduce(together, first);
}

function together(one: Storm, other: Storm): Storm {
  const reasons = addUp(one.reasons, other.reasons);
  const [[reason] = ['']] = Object.entries(reasons).sort(([, a], [, b]) => b - a);
  return {
    since: Math.min(one.since, other.since),
    kind: one.kind === other.kind ? one.kind : 'both',
    // As long as one holds, not all is being told.
    state: one.state === other.state ? one.state : 'holding',
    reason,
    reasons,
    share: Math.max(one.share, other.share),
    baseline: Math.max(one.baseline, other.baseline),
    held: one.held + other.held,
    told: one.told + other.told,
    probed: one.probed + other.probed,
    acceptedAgain: one.acceptedAgain + other.acceptedAgain,
    needsOperator: one.needsOperator || other.needsOperator,
  };
}

function addUp(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const reasons = new Map(Object.entries(one));
  for (const [reason, count] of Object.entries(other)) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  return Object.fromEntries(reasons);
}
