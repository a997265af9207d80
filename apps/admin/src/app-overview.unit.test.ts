import { toQueueSamples, type AppOverview } from './app-overview';

const overview: AppOverview = {
  app: 'a',
  state: 'running',
  reason: null,
  since: null,
  until: null,
  waiting: 3,
  delayed: 2,
  active: 1,
  failed: 4,
  oldest_waiting_ms: 500,
};

describe('toQueueSamples', () => {
  it.each(['running', 'probing'] as const)('what waits in a queue that is %s is waiting', (state) => {
    expect(toQueueSamples({ ...overview, state })).toEqual([
      { app: 'a', state: 'waiting', depth: 3, oldestAgeMs: 500 },
      { app: 'a', state: 'paused', depth: 0, oldestAgeMs: 0 },
      { app: 'a', state: 'delayed', depth: 2 },
      { app: 'a', state: 'active', depth: 1 },
      { app: 'a', state: 'failed', depth: 4 },
    ]);
  });

  it.each(['parked', 'held', 'paused'] as const)('what waits in a queue that is %s is paused', (state) => {
    expect(toQueueSamples({ ...overview, state }).slice(0, 2)).toEqual([
      { app: 'a', state: 'waiting', depth: 0, oldestAgeMs: 0 },
      { app: 'a', state: 'paused', depth: 3, oldestAgeMs: 500 },
    ]);
  });
});
