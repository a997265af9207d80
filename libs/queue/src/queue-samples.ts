import type { QueueSample } from '@reveille/observability';
import type { AppQueue } from './app-queue';

/** The depths of one app's queue; what waits in a queue that does not run is `paused`. Rejects when Redis does. */
export async function readQueueSamples(queue: AppQueue): Promise<QueueSample[]> {
  const { waiting, delayed, active, failed, oldestWaitingMs, paused } = await queue.counts();
  const app = queue.appKey;
  return [
    { app, state: 'waiting', depth: paused ? 0 : waiting, oldestAgeMs: paused ? 0 : oldestWaitingMs },
    { app, state: 'paused', depth: paused ? waiting : 0, oldestAgeMs: paused ? oldestWaitingMs : 0 },
    { app, state: 'delayed', depth: delayed },
    { app, state: 'active', depth: active },
    { app, state: 'failed', depth: failed },
  ];
}
