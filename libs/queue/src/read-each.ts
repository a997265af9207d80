import { within } from '@reveille/observability';
import type { AppQueue } from './app-queue';

/** A scrape waits 2 s for all queues. Milliseconds. */
const READ_TIMEOUT_MS = 1000;

/**
 * Reads something of each app for whoever asks again and again. Of a Cluster the slot of some apps may be away for long: they are left
 * out, so that the others are seen, and a look at them that waits is not repeated, so that no looks pile up. Rejects when
 * Redis does.
 */
export function readEach<Value>(
  queues: readonly AppQueue[],
  read: (queue: AppQueue) => Promise<Value>,
): () => Promise<Value[]> {
  const looks = queues.map((queue) => oneAtATime(() => read(queue)));
  return async () => {
    const found = await Promise.all(
      looks.map((look) => within(look().then((value) => ({ value })), READ_TIMEOUT_MS, undefined)),
    );
    return found.flatMap((each) => (each ? [each.value] : []));
  };
}

/** Who asks while a look is under way shares it. */
function oneAtATime<Value>(look: () => Promise<Value>): () => Promise<Value> {
  let underWay: Promise<Value> | undefined;
  return () => {
    underWay ??= look().finally(() => (underWay = undefined));
    return underWay;
  };
}
