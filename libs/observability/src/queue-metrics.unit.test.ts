import { QUEUE_SAMPLE_MS, createQueueMetrics, type QueueSample } from './queue-metrics';
import { createRoleRegistry } from './role-registry';

const sample: QueueSample = { app: 'a', state: 'waiting', depth: 7, oldestAgeMs: 1_500 };

function setUp(): ReturnType<typeof createQueueMetrics> & {
  scrape: () => Promise<string>;
  advance: (ms: number) => void;
} {
  let now = 0;
  const roleRegistry = createRoleRegistry('admin', { processMetrics: false });
  return {
    ...createQueueMetrics(roleRegistry, ['a'], () => now),
    scrape: () => roleRegistry.registry.metrics(),
    advance: (ms) => {
      now += ms;
    },
  };
}

describe('queue metrics', () => {
  it('read the queues when scraped: both figures, of one reading', async () => {
    const { observeQueues, scrape } = setUp();
    observeQueues(() => Promise.resolve([sample]));
    const text = await scrape();
    expect(text).toContain('reveille_queue_depth{app="a",state="waiting"} 7');
    expect(text).toContain('reveille_queue_oldest_age_seconds{app="a",state="waiting"} 1.5');
  });

  it('read once, however many scrape', async () => {
    const { observeQueues, scrape, advance } = setUp();
    let reads = 0;
    observeQueues(() => Promise.resolve([{ ...sample, depth: ++reads }]));
    await Promise.all([scrape(), scrape()]);
    advance(QUEUE_SAMPLE_MS - 1);
    expect(await scrape()).toContain('reveille_queue_depth{app="a",state="waiting"} 1');
    advance(1);
    expect(await scrape()).toContain('reveille_queue_depth{app="a",state="waiting"} 2');
  });

  it('show no figure rather than an old one when Redis is away', async () => {
    const { observeQueues, scrape, advance } = setUp();
    observeQueues(() => Promise.resolve([sample]));
    await scrape();
    observeQueues(() => Promise.reject(new Error('away')));
    advance(QUEUE_SAMPLE_MS);
    expect(await scrape()).not.toContain('reveille_queue_depth{');
  });

  it('say which apps are parked', async () => {
    const { setGate, scrape } = setUp();
    expect(await scrape()).toContain('reveille_app_parked{app="a"} 0');
    setGate('a', { state: 'parked' });
    setGate('unknown', { state: 'parked' });
    expect(await scrape()).toContain('reveille_app_parked{app="a"} 1');
    expect(await scrape()).not.toContain('unknown');
  });

  it('say which apps an operator has paused, or lets run empty', async () => {
    const { setGate, setDraining, scrape } = setUp();
    const before = await scrape();
    for (const name of ['paused', 'draining']) expect(before).toContain(`reveille_app_${name}{app="a"} 0`);
    setGate('a', { state: 'paused' });
    setDraining('a', true);
    const text = await scrape();
    expect(text).toContain('reveille_app_paused{app="a"} 1');
    expect(text).toContain('reveille_app_draining{app="a"} 1');
    expect(text).toContain('reveille_app_parked{app="a"} 0');
    setGate('a', undefined);
    setDraining('a', false);
    expect(await scrape()).not.toMatch(/reveille_app_(?:paused|draining)\{app="a"\} 1/);
  });
});
