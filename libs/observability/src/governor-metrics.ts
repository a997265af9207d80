import { boundedLabel } from './bounded-label';
import type { RoleRegistry } from './role-registry';

/** An app whose provider has a quota, in this process. */
export interface GovernorSample {
  readonly app: string;
  /** Pushes a minute of all dispatchers together, ramp and refusals included. */
  readonly perMinute: number;
  /** Pushes in this process that wait for their turn. */
  readonly waiting: number;
}

/** What a governor did; `scope`: whose quota it was. */
export interface GovernorEventSample {
  readonly kind: 'waits' | 'refused';
  readonly scope: 'app' | 'device';
}

export interface GovernorMetrics {
  /** A push went back because of a quota, or the provider refused one for it. */
  readonly governed: (app: string, event: GovernorEventSample) => void;
  /** Where to read the apps that have a quota when somebody scrapes. */
  readonly observeGovernors: (read: () => readonly GovernorSample[]) => void;
}

/** The quotas of the providers, as one dispatcher sees them. */
export function createGovernorMetrics(
  { gauge, counter }: Pick<RoleRegistry, 'gauge' | 'counter'>,
  apps: readonly string[],
): GovernorMetrics {
  const known = new Set(apps);
  let read: () => readonly GovernorSample[] = () => [];
  const budget = gauge('reveille_governor_budget', () => {
    budget.reset();
    for (const { app, perMinute } of read()) budget.set({ app: boundedLabel(known, app) }, perMinute);
  });
  const waiting = gauge('reveille_governor_waiting', () => {
    waiting.reset();
    for (const sample of read()) waiting.set({ app: boundedLabel(known, sample.app) }, sample.waiting);
  });
  const putBack = counter('reveille_governor_put_back_total');
  const refusals = counter('reveille_governor_refusals_total');
  return {
    governed: (app, { kind, scope }) => (kind === 'waits' ? putBack : refusals).inc({ app: boundedLabel(known, app), scope }),
    observeGovernors: (reader) => {
      read = reader;
    },
  };
}
