import { connectProducer } from '@reveille/queue';
import { eventually, eventuallyPasses, startTestRedis, type RunningRedis } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { APP, closeTestIngresses, notification, startTestIngress, type PushAnswer, type TestIngress } from './test-ingress.fixture';

let redis: RunningRedis;
let prefix = '';
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  prefix = `test-${randomUUID()}`;
});
afterEach(closeTestIngresses);

const start = (settings: object = {}): Promise<TestIngress> =>
  startTestIngress({ redisUrl: redis.url, settings: { redis: { prefix }, ...settings } });

/** 429 as the Matrix APIs have it. */
function expectLimited({ status, body, headers }: PushAnswer, withinMs: number): void {
  expect({ status, body }).toEqual({
    status: 429,
    body: { errcode: 'M_LIMIT_EXCEEDED', error: expect.any(String) as string, retry_after_ms: expect.any(Number) as number },
  });
  const retryAfterMs = Number(body.retry_after_ms);
  expect(retryAfterMs).toBeGreaterThan(0);
  expect(retryAfterMs).toBeLessThanOrEqual(withinMs);
  expect(headers['retry-after']).toBe(String(Math.ceil(retryAfterMs / 1000)));
}

async function keysOnRedis(): Promise<string[]> {
  const client = connectProducer({ url: redis.url });
  try {
    return await eventually(() => client.keys(`${prefix}:*`)); // one server, and a test's own
  } finally {
    client.disconnect();
  }
}

describe('a rate limit by source', () => {
  const settings = { limits: { per_source: { requests: 3, per: '1h' } }, http: { trust_proxy: true } };
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

  it('counts one sender in all processes, and refuses no other', async () => {
    const [one, two] = [await start(settings), await start(settings)];
    for (const ingress of [one, two, one]) expect(await ingress.push(from('192.0.2.1'))).toMatchObject({ status: 200 });
    expectLimited(await one.push(from('192.0.2.1')), 3_600_000);
    expectLimited(await two.push(from('192.0.2.1')), 3_600_000);
    // Known to the process by now, without Redis.
    expectLimited(await one.push(from('::ffff:192.0.2.1')), 3_600_000);
    expect(await one.push(from('192.0.2.2'))).toMatchObject({ status: 200 });
    expect(await one.metric('reveille_ingress_limited_total', 'source_rate')).toBe(2);
  });

  it('takes an IPv6 network for one sender', async () => {
    const ingress = await start(settings);
    for (const host of [1, 2, 3]) expect(await ingress.push(from(`2001:db8:0:1::${host}`))).toMatchObject({ status: 200 });
    expectLimited(await ingress.push(from('2001:db8:0:1:ffff::4')), 3_600_000);
    expect(await ingress.push(from('2001:db8:0:2::1'))).toMatchObject({ status: 200 });
  });

  it('is no limit for requests that nobody would repeat otherwise: also a bad one counts', async () => {
    const ingress = await start(settings);
    for (let sent = 0; sent < 3; sent++) expect(await ingress.post('no json', from('192.0.2.3'))).toMatchObject({ status: 400 });
    expectLimited(await ingress.post('no json', from('192.0.2.3')), 3_600_000);
  });
});

describe('a rate limit by pushkey', () => {
  const settings = { limits: { per_pushkey: { requests: 2, per: '1h' } } };

  it('holds one device back, not the others of the request, and unsubscribes nobody', async () => {
    const ingress = await start(settings);
    const [busy, other] = [randomUUID(), randomUUID()];
    for (let sent = 0; sent < 2; sent++) expect(await ingress.push({ pushkeys: [busy] })).toMatchObject({ status: 200 });
    const eventId = `$${randomUUID()}`;
    expectLimited(await ingress.push({ pushkeys: [busy, other], eventId }), 3_600_000);
    expect(await ingress.metric('reveille_ingress_dispatches_accepted_total')).toBe(3);
    // The other one is queued already: its repeat is a duplicate.
    expect(await ingress.push({ pushkeys: [other], eventId })).toMatchObject({ status: 200, body: { rejected: [] } });
    expect(await ingress.metric('reveille_ingress_duplicates_total')).toBe(1);
    expect(await ingress.metric('reveille_ingress_limited_total', 'pushkey_rate')).toBe(1);
  });

  it('is not used up by repeats of what is queued already', async () => {
    const ingress = await start(settings);
    const pushkeys = [randomUUID()];
    const eventId = `$${randomUUID()}`;
    for (let tries = 0; tries < 5; tries++) expect(await ingress.push({ pushkeys, eventId })).toMatchObject({ status: 200 });
    expect(await ingress.push({ pushkeys })).toMatchObject({ status: 200 });
    expectLimited(await ingress.push({ pushkeys }), 3_600_000);
  });

  it('keeps no pushkey, and all of an app under its key base', async () => {
    const ingress = await start(settings);
    const pushkey = randomUUID();
    await ingress.push({ pushkeys: [pushkey] });
    const keys = (await keysOnRedis()).filter((key) => key.includes('rate'));
    expect(keys).toEqual([expect.stringMatching(new RegExp(`^${prefix}:\\{${APP.replaceAll('.', '\\.')}\\}:rate:[\\w-]{22}$`))]);
    expect(keys.join()).not.toContain(pushkey);
  });

  it('ends with its window, however often it was tried in between', async () => {
    const ingress = await start({ limits: { per_pushkey: { requests: 1, per: '1s' } } });
    const pushkeys = [randomUUID()];
    const statuses: number[] = [];
    await eventuallyPasses(async () => {
      statuses.push((await ingress.push({ pushkeys })).status);
      expect(statuses).toContain(429);
      expect(statuses.at(-1)).toBe(200);
    });
  });
});

it('without limits nothing is counted on Redis', async () => {
  const ingress = await start();
  await ingress.push();
  expect((await keysOnRedis()).filter((key) => key.includes(':rate'))).toEqual([]);
});

it('a Redis that has gone refuses nobody for a limit', async () => {
  const gone = await startTestRedis();
  const ingress = await startTestIngress({
    redisUrl: gone.url,
    settings: { limits: { per_source: { requests: 1, per: '1h' }, per_pushkey: { requests: 1, per: '1h' } } },
  });
  await gone.stop();
  for (let sent = 0; sent < 3; sent++) expect(await ingress.push()).toMatchObject({ status: 503 });
});

it('a Redis that hangs refuses nobody for a limit', async () => {
  const ingress = await start({ limits: { per_source: { requests: 1, per: '1h' }, per_pushkey: { requests: 1, per: '1h' } } });
  redis.pause();
  try {
    const statuses = await Promise.all([1, 2, 3].map(async () => (await ingress.push()).status));
    expect(statuses).toEqual([503, 503, 503]);
  } finally {
    redis.resume();
  }
});

describe('requests in flight', () => {
  it('past the limit are refused, and what is in flight has an answer in time', async () => {
    const ingress = await start({ http: { concurrency: 2, max_in_flight: 6 } });
    redis.pause();
    try {
      const answers = await Promise.all(Array.from({ length: 20 }, () => ingress.push()));
      // Two at a time are worked on; four wait in vain, the others not at all.
      const refused = answers.filter(({ status }) => status !== 503);
      expect(refused.length).toBeGreaterThan(0);
      for (const answer of refused) expectLimited(answer, 4000);
      expect(await ingress.metric('reveille_ingress_limited_total', 'in_flight')).toBe(refused.length);
    } finally {
      redis.resume();
    }
    await eventuallyPasses(async () => expect((await ingress.push()).status).toBe(200));
    expect(await ingress.metric('reveille_ingress_requests_waiting')).toBe(0);
  });

  it('are none of a client that has not sent its request yet', async () => {
    const ingress = await start({ http: { concurrency: 1, max_in_flight: 1 } });
    const body = notification({ pushkeys: ['p'] });
    for (let client = 0; client < 10; client++) {
      ingress.raw().write(`POST /_matrix/push/v1/notify HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`);
    }
    await eventuallyPasses(async () => expect(await ingress.metric('reveille_ingress_requests_in_flight')).toBe(10));
    expect(await ingress.push()).toMatchObject({ status: 200 });
  });
});

describe('bytes on their way', () => {
  it('are bounded for each sender, so that a slow one leaves room for others', async () => {
    const ingress = await start({ http: { body_budget: '256KiB', body_limit: '64KiB' } });
    const slow = [ingress.raw('127.0.0.2'), ingress.raw('127.0.0.2')];
    for (const each of slow) {
      each.write(`POST /_matrix/push/v1/notify HTTP/1.1\r\nHost: x\r\nContent-Length: 64000\r\n\r\n${'x'.repeat(60_000)}`);
    }
    await eventuallyPasses(async () => expect(await ingress.metric('reveille_ingress_requests_in_flight')).toBe(2));
    const large = notification({ pushkeys: ['p'] }).padEnd(12_000, ' ');
    await eventuallyPasses(async () => expectLimited(await ingress.post(large, { from: '127.0.0.2' }), 4000));
    expect(await ingress.post(large, { from: '127.0.0.3' })).toMatchObject({ status: 200 });
    for (const { socket } of slow) socket.destroy();
    await eventuallyPasses(async () => expect(await ingress.post(large, { from: '127.0.0.2' })).toMatchObject({ status: 200 }));
  });
});

describe('connections', () => {
  it('are bounded, and one address leaves room for others', async () => {
    const ingress = await start({ http: { max_connections: 10 } });
    // The readiness probe of the fixture has one of them, or had.
    const many = Array.from({ length: 20 }, () => ingress.raw('127.0.0.2'));
    await eventuallyPasses(async () => expect(await ingress.metric('reveille_ingress_connections_refused_total')).toBeGreaterThanOrEqual(11));
    expect(await ingress.push({ from: '127.0.0.3' })).toMatchObject({ status: 200 });
    for (const { socket } of many) socket.destroy();
    await eventuallyPasses(async () => expect(await ingress.metric('reveille_ingress_connections')).toBeLessThanOrEqual(2));
    expect(await ingress.push({ from: '127.0.0.2' })).toMatchObject({ status: 200 });
  });
});

describe('a queue that fills up', () => {
  it('is filled to its limit by one that is alone, and answers 503 then', async () => {
    const ingress = await start({ queue_limit: { count: 20 } });
    for (let push = 0; push < 20; push++) expect(await ingress.push()).toMatchObject({ status: 200 });
    expect(await ingress.push()).toMatchObject({ status: 503, body: { errcode: 'M_LIMIT_EXCEEDED' } });
    expect(await ingress.metric('reveille_ingress_queue_full_total')).toBe(1);
  });

  it('keeps room for those who send little, and refuses who fills it', async () => {
    const ingress = await start({ queue_limit: { count: 300 } });
    const share = () => ingress.metric('reveille_ingress_limited_total', 'queue_share');
    // Nobody dispatches here. Before the queue is full the room begins to be shared.
    await eventually(async () => {
      await Promise.all([ingress.push({ from: '127.0.0.3' }), ...Array.from({ length: 5 }, () => ingress.push({ from: '127.0.0.2' }))]);
      return (await share()) > 0;
    });
    expect(await ingress.metric('reveille_ingress_queue_full_total')).toBe(0);
    const light = ['127.0.0.3', '127.0.0.4', '127.0.0.5'];
    for (const from of light) expect(await ingress.push({ from })).toMatchObject({ status: 200 });
    const refused = await eventually(async () => {
      const answer = await ingress.push({ from: '127.0.0.2' });
      return answer.status === 429 && answer;
    });
    expectLimited(refused, 4000);
  });
});
