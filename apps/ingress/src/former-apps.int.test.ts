import { createIngressMetrics, createLogger } from '@reveille/observability';
import { connectProducer, noteServedApps, readServedApps, type RedisClient } from '@reveille/queue';
import { eventually, eventuallyPasses, startTestRedis, type RunningRedis } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { createAppRouter } from './app-router';
import { createRemovedAppAlarm, keepFormerApps, type FormerApps } from './former-apps';

const HOUR_MS = 3_600_000;
const maxAgeMs = { event: 1, call: 1, counts: 1 };
const logger = createLogger({ role: 'ingress', level: 'silent', format: 'json' });

let server: RunningRedis;
let redis: RedisClient;
let prefix = '';
let clock = 1_795_333_200_000;
let kept: FormerApps[] = [];

beforeAll(async () => {
  server = await startTestRedis();
  redis = connectProducer({ url: server.url });
  await eventually(() => redis.status === 'ready');
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => {
  prefix = `test-${randomUUID()}`;
});
afterEach(() => {
  for (const each of kept) each.close();
  kept = [];
});

function keep(appKeys: readonly string[], client = redis): FormerApps {
  const formerApps = keepFormerApps({ redis: client, prefix, appKeys, graceMs: 24 * HOUR_MS, now: () => clock, logger });
  kept.push(formerApps);
  return formerApps;
}

/** What a process with these apps says of app ids, once it has read the list. */
async function router(appKeys: readonly string[]) {
  const formerApps = keep(appKeys);
  await eventually(() => formerApps.isRead());
  return createAppRouter({ apps: appKeys.map((key) => ({ key, maxAgeMs })), formerApps });
}

it('knows an app that was served until lately, exact or glob, from one that never was', async () => {
  await noteServedApps({ redis, prefix }, ['com.gone', 'org.gone.*', 'com.kept'], clock - HOUR_MS);
  const route = await router(['com.kept', 'net.*']);
  expect(route('com.kept')).toMatchObject({ kind: 'app' });
  expect(route('com.gone')).toEqual({ kind: 'removed', key: 'com.gone' });
  expect(route('org.gone.ios')).toEqual({ kind: 'removed', key: 'org.gone.*' });
  expect(route('com.never')).toEqual({ kind: 'none' });
  // A glob that serves it now is what counts.
  expect(route('net.gone')).toMatchObject({ kind: 'app', app: { key: 'net.*' } });
});

it('calls an app removed if any of several former globs is young enough', async () => {
  await noteServedApps({ redis, prefix }, ['com.*'], clock - 25 * HOUR_MS);
  await noteServedApps({ redis, prefix }, ['*.gone'], clock - HOUR_MS);
  expect((await router(['x']))('com.gone')).toEqual({ kind: 'removed', key: '*.gone' });
});

it('does not let an exact one that is too old hide the glob that served the app id after it', async () => {
  await noteServedApps({ redis, prefix }, ['com.gone'], clock - 365 * 24 * HOUR_MS);
  await noteServedApps({ redis, prefix }, ['com.*'], clock - HOUR_MS);
  expect((await router(['x']))('com.gone')).toEqual({ kind: 'removed', key: 'com.*' });
});

it('a glob that is added and matches what another one serves unsubscribes nobody within the grace', async () => {
  await noteServedApps({ redis, prefix }, ['com.*'], clock - 48 * HOUR_MS);
  await noteServedApps({ redis, prefix }, ['com.*'], clock - 60_000);
  const route = await router(['com.*', '*.ios']);
  expect(route('com.ios')).toEqual({ kind: 'removed', key: 'com.*' });
  expect(route('com.android')).toMatchObject({ kind: 'app' });
  clock += 24 * HOUR_MS;
  expect(route('com.ios')).toEqual({ kind: 'ambiguous' });
});

it('globs that were configured together never served what both match', async () => {
  const route = await router(['com.*', '*.ios']);
  expect(route('com.ios')).toEqual({ kind: 'ambiguous' });
});

it('ends with the grace, to the moment, without reading again', async () => {
  await noteServedApps({ redis, prefix }, ['com.gone'], clock);
  const route = await router(['x']);
  clock += 24 * HOUR_MS - 1;
  expect(route('com.gone')).toEqual({ kind: 'removed', key: 'com.gone' });
  clock += 1;
  expect(route('com.gone')).toEqual({ kind: 'none' });
});

it('notes its own apps, so that the next configuration knows them', async () => {
  await router(['com.a', 'com.b.*']);
  await eventuallyPasses(async () =>
    expect((await readServedApps({ redis, prefix })).toSorted((a, b) => (a.appKey < b.appKey ? -1 : 1))).toEqual([
      { appKey: 'com.a', servedAt: clock, servedSince: clock },
      { appKey: 'com.b.*', servedAt: clock, servedSince: clock },
    ]),
  );
});

it('says nothing of unknown apps while the list was never read, and all as soon as it was', async () => {
  const later = await startTestRedis();
  const { port } = later;
  await later.stop();
  const client = connectProducer({ url: later.url });
  const formerApps = keep(['com.kept'], client);
  const route = createAppRouter({ apps: [{ key: 'com.kept', maxAgeMs }], formerApps });
  expect(route('com.gone')).toEqual({ kind: 'undecided' });
  expect(route('com.kept')).toMatchObject({ kind: 'app' });
  const arrived = await startTestRedis({ port });
  try {
    await eventuallyPasses(() => expect(route('com.gone')).toEqual({ kind: 'none' }));
  } finally {
    client.disconnect();
    await arrived.stop();
  }
});

it('without a grace it is unknown at once, but noted all the same', async () => {
  await noteServedApps({ redis, prefix }, ['com.gone'], clock);
  const formerApps = keepFormerApps({ redis, prefix, appKeys: ['a'], graceMs: 0, now: () => clock, logger });
  kept.push(formerApps);
  const route = createAppRouter({ apps: [{ key: 'a', maxAgeMs }], formerApps });
  await eventually(() => formerApps.isRead());
  expect(route('com.gone')).toEqual({ kind: 'none' });
  await eventuallyPasses(async () =>
    expect((await readServedApps({ redis, prefix })).map(({ appKey }) => appKey).sort()).toEqual(['a', 'com.gone']),
  );
});

it('without the list it is unknown at once', () => {
  expect(createAppRouter({ apps: [{ key: 'a', maxAgeMs }] })('com.gone')).toEqual({ kind: 'none' });
});

describe('the alarm', () => {
  it('counts every push and complains of each app once a minute', async () => {
    let at = 0;
    const complaints: string[] = [];
    const metrics = createIngressMetrics({ apps: [], processMetrics: false });
    const alarm = createRemovedAppAlarm({
      metrics,
      logger: { ...logger, error: (...line: unknown[]) => complaints.push(JSON.stringify(line[0])) },
      now: () => at,
    });
    for (const app of ['a', 'a', 'b', 'a']) alarm(app);
    expect(complaints).toEqual(['{"app":"a"}', '{"app":"b"}']);
    at = 60_000;
    alarm('a');
    expect(complaints).toHaveLength(3);
    expect(await metrics.registry.getSingleMetricAsString('reveille_ingress_removed_app_pushes_total')).toContain('{app="a"} 4');
  });

  it('has labels from a bounded set', async () => {
    const metrics = createIngressMetrics({ apps: [], processMetrics: false });
    for (let app = 0; app < 1000; app++) metrics.removedApp(`a${app}`);
    const text = await metrics.registry.getSingleMetricAsString('reveille_ingress_removed_app_pushes_total');
    expect(text.split('\n').filter((line) => !line.startsWith('#'))).toHaveLength(101);
    expect(text).toContain('{app="other"} 900');
  });
});
