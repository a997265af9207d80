import type { QueueSample } from '@reveille/observability';
import type { AppQueue, QueueCounts } from './app-queue';

/** The depths of one app's queues together; what waits in a queue that does not run is `paused`. Rejects when Redis does. */
export async function readQueueSamples({ appKey: app, queues }: Pick<AppQueue, 'appKey' | 'queues'>): Promise<QueueSample[]> {
  const counts = await Promise.all((await queues()).map((queue) => queue.counts()));
  const sum = (count: (of: QueueCounts) => number, of = counts): number => of.reduce((all, each) => all + count(each), 0);
  const waiting = (of: readonly QueueCounts[]) => ({
    depth: sum((each) => each.waiting, [...of]),
    oldestAgeMs: Math.max(0, ...of.map(({ oldestWaitingMs }) => oldestWaitingMs)),
  });
  return [
    { app, state: 'waiting', ...waiting(counts.filter(({ paused }) => !paused)) },
    { app, state: 'paused', ...waiting(counts.filter(({ paused }) => paused)) },
    { app, state: 'delayed', depth: sum(({ delayed }) => delayed) },
    { app, state: 'active', depth: sum(({ active }) => active) },
    { app, state: 'failed', depth: sum(({ failed }) => failed) },
  ];
}
