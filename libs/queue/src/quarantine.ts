import type { RedisClient } from './connect-redis';
import type { HandedJob } from './handed-job';

/** Tries of a push that crash or hang its handler before it is set apart. */
export const MAX_FAULTS = 3;
/**
 * Two workers died with the push in their hands. Once is the rule (a `kill -9`, a deployment) and says nothing; from the second
 * time on it runs alone among its kind, so that the next death tells it from those that were only beside it.
 */
const SUSPECT_AFTER = 2;
/** How long a suspect waits while another one is tried, in milliseconds: anywhere up to this. */
const LANE_WAIT_MS = 1000;

/** Fields of a job's hash, of which BullMQ knows nothing and which it leaves alone: how often its handler threw or hung ... */
const FAULTS = 'faults';
/** ... and that it is being tried alone: gone when it survives that. */
const ALONE = 'alone';

/** What to do with a job that was handed over. */
export type Suspicion =
  | { readonly kind: 'none' } // as any other
  | { readonly kind: 'alone'; readonly survived: () => Promise<void> } // run it, then call `survived`, before it ends
  | { readonly kind: 'wait'; readonly delayMs: number } // another suspect is being tried
  | { readonly kind: 'poison' }; // it took its workers with it once too often

/** Sets apart what kills its workers, without blaming what was under way beside it. One for each worker. */
export interface Quarantine {
  /** Called before a job runs. */
  suspect(job: HandedJob): Promise<Suspicion>;
  /** Its handler threw or hung: resolves with true when that was once too often. */
  fault(job: HandedJob): Promise<boolean>;
}

export interface QuarantineOptions {
  readonly redis: RedisClient;
  /** The app's key base. */
  readonly base: string;
  /** A number in [0, 1). */
  readonly random: () => number;
}

export function createQuarantine({ redis, base, random }: QuarantineOptions): Quarantine {
  let isTrying = false;
  const keyOf = (job: HandedJob): string => `${base}${job.id}`;

  return {
    async suspect(job) {
      if (job.stalledCounter < SUSPECT_AFTER) return { kind: 'none' };
      const diedAlone = (await redis.hexists(keyOf(job), ALONE)) === 1;
      if (job.stalledCounter >= MAX_FAULTS && diedAlone) return { kind: 'poison' };
      if (isTrying) return { kind: 'wait', delayMs: 1 + Math.floor(random() * LANE_WAIT_MS) };
      isTrying = true;
      // Written before the try: afterwards there may be nobody left to write it.
      await redis.hset(keyOf(job), ALONE, '1');
      return {
        kind: 'alone',
        async survived() {
          isTrying = false;
          await redis.hdel(keyOf(job), ALONE);
        },
      };
    },
    fault: async (job) => (await redis.hincrby(keyOf(job), FAULTS, 1)) >= MAX_FAULTS,
  };
}
