import { boundedLabel } from './bounded-label';
import type { RoleRegistry } from './role-registry';
import { within } from './within';

/** A storm of rejections in one app. */
export interface StormSample {
  readonly app: string;
  /** Rejections that are held. */
  readonly held: number;
}

export interface StormMetrics {
  /** How to learn, when somebody scrapes, which apps are in a storm: those that are not named are in none. */
  readonly observeStorms: (read: () => Promise<readonly StormSample[]>) => void;
}

/** A scrape is answered without the storms rather than late. Milliseconds. */
const STORM_READ_TIMEOUT_MS = 2_000;

/** Storms of rejections, read when scraped, for the roles that can see them. */
export function createStormMetrics({ gauge }: Pick<RoleRegistry, 'gauge'>, apps: readonly string[]): StormMetrics {
  const known = new Set(apps);
  let read: () => Promise<readonly StormSample[] | undefined> = () => Promise.resolve([]);
  let reading: Promise<void> | undefined;

  // One scrape reads both metrics at once: they share one look.
  const collect = (): Promise<void> => {
    reading ??= within(read(), STORM_READ_TIMEOUT_MS, undefined)
      .catch(() => undefined) // Redis is away: reveille_redis_up says so
      .then(store)
      .finally(() => (reading = undefined));
    return reading;
  };
  const storms = gauge('reveille_rejection_storm', collect);
  const held = gauge('reveille_storm_held_rejections', collect);

  const store = (samples: readonly StormSample[] | undefined): void => {
    storms.reset();
    held.reset();
    // Not known is no figure: a 0 would end an alarm.
    if (!samples) return;
    for (const app of apps) {
      storms.set({ app }, 0);
      held.set({ app }, 0);
    }
    for (const sample of samples) {
      const app = boundedLabel(known, sample.app);
      storms.set({ app }, 1);
      held.set({ app }, sample.held);
    }
  };

  return {
    observeStorms: (reader) => {
      read = reader;
    },
  };
}
