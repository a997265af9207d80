import {
  hasPushes,
  keepPartitionsNoted,
  queueKey,
  readKnownQueues,
  type KnownQueue,
  type RedisClient,
} from '@reveille/queue';
import type { QueueRuntime } from './queue-runtime';

export interface AppQueuesOptions {
  readonly appKey: string;
  readonly prefix: string;
  /** Of the configuration. */
  readonly partitions: number;
  readonly redis: RedisClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly start: (queue: Pick<KnownQueue, 'key' | 'partition'>) => QueueRuntime;
  readonly onError: (error: Error) => void;
}

/** The queues of one app that this process looks after. */
export interface AppQueues {
  /** By their keys; never empty. */
  running(): readonly QueueRuntime[];
  /** No queue is started any more. */
  stopLooking(): void;
}

/** How late a dispatcher looks after a partition that it does not know of, in milliseconds. */
const LOOK_MS = 5000;

/**
 * Runs the queues of the configuration, and those beyond it in which there is something, or may be: ingress may have been started with
 * more partitions already, or still have as many as there were. One that has run empty is let go with the next start of the process.
 */
export function runAppQueues({ appKey, prefix, partitions, redis, now, start, onError }: AppQueuesOptions): AppQueues {
  const place = { redis, prefix };
  const configured = Array.from({ length: partitions }, (_, partition) => ({ key: queueKey(appKey, partition), partition }));
  const running = new Map(configured.map((queue) => [queue.key, start(queue)]));
  // Also when no ingress runs: operators find all queues by that.
  const noted = keepPartitionsNoted({ ...place, partitions: new Map([[appKey, partitions]]), now, onFailure: () => undefined });
  let hasStopped = false;
  const startMissing = async (): Promise<void> => {
    for (const queue of await readKnownQueues(place, appKey, now())) {
      if (running.has(queue.key) || !(queue.isInUse || (await hasPushes(place, queue.key)))) continue;
      if (!hasStopped) running.set(queue.key, start(queue));
    }
  };
  let isLooking = false;
  const look = (): void => {
    // While Redis is away its commands wait: one look at a time.
    if (isLooking || redis.status !== 'ready') return;
    isLooking = true;
    startMissing()
      .catch((error: unknown) => onError(error instanceof Error ? error : new Error(String(error))))
      .finally(() => (isLooking = false));
  };
  const timer = setInterval(look, LOOK_MS);
  redis.on('ready', look);
  look();
  return {
    running: () => [...running.values()],
    stopLooking() {
      hasStopped = true;
      clearInterval(timer);
      redis.off('ready', look);
      noted.close();
    },
  };
}
