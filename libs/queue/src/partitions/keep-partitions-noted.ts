import { passOnControls } from '../app-controls';
import { notePartitions, type QueuesPlace } from './known-partitions';

export interface KeepPartitionsNotedOptions extends QueuesPlace {
  /** How many each app of the configuration has, by its key. */
  readonly partitions: ReadonlyMap<string, number>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** It is tried again. */
  readonly onFailure: (error: unknown) => void;
}

export interface NotedPartitions {
  /** Nothing may be put into the partitions before: nobody would know of them. Apps with one need not be noted. */
  isNoted(): boolean;
  close(): void;
}

/** How often they are noted again: so exact is the time at which one was in use last. Milliseconds. */
const NOTE_MS = 60_000;
/** Until all are noted, in milliseconds. */
const RETRY_MS = 1000;

/** Keeps Redis knowing how many partitions the apps of this process have, also one that comes back empty. */
export function keepPartitionsNoted({ redis, prefix, partitions, now, onFailure }: KeepPartitionsNotedOptions): NotedPartitions {
  const spread = [...partitions].filter(([, count]) => count > 1);
  const noted = new Set<string>();
  let isNoting = false;
  const noteOne = async (appKey: string, count: number): Promise<void> => {
    await notePartitions({ redis, prefix }, appKey, count, now());
    if (noted.has(appKey)) return;
    // What operators said of the app is said of its new queues.
    await passOnControls({ redis, prefix }, appKey);
    noted.add(appKey);
  };
  const note = (): void => {
    if (isNoting || redis.status !== 'ready') return;
    isNoting = true;
    Promise.all(spread.map(([appKey, count]) => noteOne(appKey, count)))
      .catch(onFailure)
      .finally(() => (isNoting = false));
  };
  const isNoted = (): boolean => noted.size === spread.length;
  const timers = spread.length === 0 ? [] : [setInterval(note, NOTE_MS), setInterval(() => !isNoted() && note(), RETRY_MS)];
  for (const timer of timers) timer.unref();
  redis.on('ready', note);
  note();
  return {
    isNoted,
    close() {
      for (const timer of timers) clearInterval(timer);
      redis.off('ready', note);
    },
  };
}
