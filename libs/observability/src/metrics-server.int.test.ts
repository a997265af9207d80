import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';

import { createAdminMetrics } from './admin-metrics';
import { createLogger } from './logger';
import { startMetricsServer, type MetricsServer } from './metrics-server';
import type { Readiness } from './readiness';

const logger = createLogger({ role: 'test', level: 'silent', format: 'json', stream: new PassThrough() });

describe('the metrics server', () => {
  const metrics = createAdminMetrics({ apps: ['a'], processMetrics: false });
  let server: MetricsServer;
  let readiness: Readiness = { ready: true, reasons: [] };

  beforeAll(async () => {
    const health = (): Promise<Readiness> => Promise.resolve(readiness);
    server = await startMetricsServer({
      registry: metrics.registry,
      health,
      bindAddress: '127.0.0.1',
      port: 0,
      logger,
    });
  });
  afterAll(() => server.close());

  it('is scraped', async () => {
    metrics.observeRedis(() => Promise.resolve(true));
    const answer = await fetch(`${server.url}/metrics?name=x`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toContain('\nreveille_redis_up 1\n');
  });

  it('is alive whether ready or not, and says why it is not ready', async () => {
    readiness = { ready: false, reasons: ['redis: ECONNREFUSED'] };
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    const answer = await fetch(`${server.url}/ready`);
    expect([answer.status, await answer.json()]).toEqual([503, { ready: false, reasons: ['redis: ECONNREFUSED'] }]);
    readiness = { ready: true, reasons: [] };
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
  });

  it('knows nothing else', async () => {
    const nothing = await fetch(`${server.url}/`);
    expect(nothing.status).toBe(404);
    expect(nothing.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await fetch(`${server.url}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
    const head = await fetch(`${server.url}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('answers 500 when a metric cannot be collected, and goes on', async () => {
    const broken = createAdminMetrics({ apps: ['a'], processMetrics: false });
    broken.registry.metrics = () => Promise.reject(new Error('broken'));
    const second = await startMetricsServer({
      registry: broken.registry,
      health: () => Promise.resolve(readiness),
      bindAddress: '127.0.0.1',
      port: 0,
      logger,
    });
    expect((await fetch(`${second.url}/metrics`)).status).toBe(500);
    expect((await fetch(`${second.url}/health`)).status).toBe(200);
    await second.close();
  });

  it('says so when the port is taken', async () => {
    const port = Number(new URL(server.url).port);
    const options = {
      registry: metrics.registry,
      health: () => Promise.resolve(readiness),
      bindAddress: '127.0.0.1',
      port,
      logger,
    };
    await expect(startMetricsServer(options)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('closes at once, whoever is connected', async () => {
    const third = await startMetricsServer({
      registry: metrics.registry,
      health: () => Promise.resolve(readiness),
      bindAddress: '127.0.0.1',
      port: 0,
      logger,
    });
    const idle = connect(Number(new URL(third.url).port), '127.0.0.1');
    idle.on('error', () => undefined); // a reset is as good as an end
    await once(idle, 'connect');
    idle.write('GET /metrics HTTP/1.1\r\n');
    // Not once(): it takes the reset for a failure.
    const closed = new Promise((resolve) => idle.once('close', resolve));
    await third.close();
    await closed;
  });
});
