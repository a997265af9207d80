import { Gauge, Registry } from 'prom-client';

import { createStormMetrics, type StormMetrics, type StormSample } from './storm-metrics';

let registry: Registry;
let metrics: StormMetrics;
beforeEach(() => {
  registry = new Registry();
  const gauge = (name: string, collect?: () => void | Promise<void>) =>
    new Gauge({ name, help: name, labelNames: ['app'], registers: [registry], ...(collect && { collect }) });
  // The test needs one gauge by name, not the catalogue's types.
  metrics = createStormMetrics({ gauge: gauge as Parameters<typeof createStormMetrics>[0]['gauge'] }, ['a', 'b']);
});

async function scrape(): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith('reveille_'));
}

const observe = (read: () => readonly StormSample[]) => metrics.observeStorms(() => Promise.resolve().then(read));

it('shows each app, and the storm of one', async () => {
  observe(() => [{ app: 'b', held: 280 }]);
  expect(await scrape()).toEqual([
    'reveille_rejection_storm{app="a"} 0',
    'reveille_rejection_storm{app="b"} 1',
    'reveille_storm_held_rejections{app="a"} 0',
    'reveille_storm_held_rejections{app="b"} 280',
  ]);
  observe(() => []);
  expect(await scrape()).toContain('reveille_rejection_storm{app="b"} 0');
});

it('reads once for a scrape', async () => {
  let reads = 0;
  observe(() => {
    reads++;
    return [];
  });
  await scrape();
  await scrape();
  expect(reads).toBe(2);
});

it('shows no figure, rather than a false 0, when the storms cannot be read', async () => {
  observe(() => {
    throw new Error('Redis is away');
  });
  expect(await scrape()).toEqual([]);
});
