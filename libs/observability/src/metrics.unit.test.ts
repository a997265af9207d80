import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Registry } from 'prom-client';

import { createAdminMetrics } from './admin-metrics';
import { createDispatcherMetrics } from './dispatcher-metrics';
import { createIngressMetrics } from './ingress-metrics';
import { metricDefinitions, type Role } from './metrics-catalogue';
import { metricsReference } from './metrics-reference';
import { VERSION } from './version';

const WORKSPACE = join(__dirname, '../../..');
const DOCUMENT = join(WORKSPACE, 'docs/metrics.md');
const apps = ['com.example.ios', 'com.example.*'];
const options = { apps, processMetrics: false };

const create = {
  ingress: () => createIngressMetrics(options),
  dispatcher: () => createDispatcherMetrics(options),
  admin: () => createAdminMetrics(options),
} as const;

async function lines(registry: Registry, name: string): Promise<string[]> {
  return (await registry.getSingleMetricAsString(name)).split('\n').filter((line) => !line.startsWith('#'));
}

describe.each(['ingress', 'dispatcher', 'admin'] as const)('the metrics of %s', (role: Role) => {
  it('are those of the catalogue, all of them and no others, with its types, labels and help', async () => {
    const { registry } = create[role]();
    const expected = Object.entries(metricDefinitions).filter(([, { roles }]) => roles.includes(role));
    const found = await registry.getMetricsAsJSON();
    expect(found.map(({ name }) => name).sort()).toEqual(expected.map(([name]) => name).sort());
    for (const [name, { help, type }] of expected) {
      expect(found.find((metric) => metric.name === name)).toMatchObject({ help, type });
    }
  });

  it('ask whether Redis is up when scraped', async () => {
    const metrics = create[role]();
    const up = (): Promise<string[]> => lines(metrics.registry, 'reveille_redis_up');
    expect(await up()).toEqual(['reveille_redis_up 0']);
    metrics.observeRedis(() => Promise.resolve(true));
    expect(await up()).toEqual(['reveille_redis_up 1']);
    metrics.observeRedis(() => new Promise(() => undefined));
    expect(await up()).toEqual(['reveille_redis_up 0']);
    metrics.observeRedis(() => Promise.reject(new Error('away')));
    expect(await up()).toEqual(['reveille_redis_up 0']);
  });

  it('are in a registry of their own', () => {
    expect(create[role]().registry).not.toBe(create[role]().registry);
  });
});

describe('the catalogue', () => {
  it.each(Object.entries(metricDefinitions))(
    '%s follows the conventions of Prometheus',
    (name, { type, labels, buckets, help }) => {
      expect(name).toMatch(/^reveille_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(buckets !== undefined).toBe(type === 'histogram');
      expect(buckets ?? []).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
      expect(help).toMatch(/\.$/);
      for (const label of labels) {
        expect([
          'app',
          'app_key',
          'status',
          'reason',
          'outcome',
          'state',
          'kind',
          'match',
          'credential',
          'result',
          'scope',
          'role',
          'version',
        ]).toContain(label);
      }
    },
  );

  it('is documented: UPDATE_DOCS=1 npx jest --selectProjects observability writes docs/metrics.md', () => {
    if (process.env.UPDATE_DOCS === '1') {
      writeFileSync(DOCUMENT, metricsReference());
    }
    expect(existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '').toBe(metricsReference());
  });

  it('has the process metrics that the document names', async () => {
    const { registry } = createAdminMetrics({ apps });
    const found = await registry.metrics();
    registry.clear();
    const named = [...metricsReference().matchAll(/`(reveille_(?:nodejs|process)\w+)`/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) {
      expect(found).toContain(`# TYPE ${name} `);
    }
  });

  it('is of the version that package.json names', () => {
    expect(JSON.parse(readFileSync(join(WORKSPACE, 'package.json'), 'utf8'))).toMatchObject({ version: VERSION });
  });
});

describe('ingress metrics', () => {
  it('count a request by status, once, and those under way', async () => {
    const metrics = create.ingress();
    const finish = metrics.requestStarted();
    metrics.requestStarted()('aborted', 5);
    expect(await lines(metrics.registry, 'reveille_ingress_requests_in_flight')).toEqual([
      'reveille_ingress_requests_in_flight 1',
    ]);
    finish(200, 2);
    expect(await lines(metrics.registry, 'reveille_ingress_requests_in_flight')).toEqual([
      'reveille_ingress_requests_in_flight 0',
    ]);
    expect(await lines(metrics.registry, 'reveille_ingress_requests_total')).toEqual([
      'reveille_ingress_requests_total{status="aborted"} 1',
      'reveille_ingress_requests_total{status="200"} 1',
    ]);
    expect(await lines(metrics.registry, 'reveille_ingress_request_duration_seconds')).toContain(
      'reveille_ingress_request_duration_seconds_bucket{le="0.0025"} 1',
    );
  });

  it('never take the app from a request', async () => {
    const metrics = create.ingress();
    for (let made = 0; made < 100; made += 1) {
      metrics.devicesReceived(`made.up.${made}`);
      metrics.dispatchAccepted(`made.up.${made}`, 'event');
    }
    metrics.devicesReceived('com.example.*', 3);
    expect(await lines(metrics.registry, 'reveille_ingress_devices_received_total')).toEqual([
      'reveille_ingress_devices_received_total{app="com.example.ios"} 0',
      'reveille_ingress_devices_received_total{app="com.example.*"} 3',
      'reveille_ingress_devices_received_total{app="other"} 100',
    ]);
    expect(await metrics.registry.metrics()).not.toContain('made');
  });

  it('start at zero, so that the first one is an increase', async () => {
    const text = await create.ingress().registry.metrics();
    for (const line of [
      'rejections_told_total{app="com.example.ios"}',
      'queue_full_total{app="com.example.*"}',
      'unknown_apps_total{match="none"}',
    ]) {
      expect(text).toContain(`reveille_ingress_${line} 0`);
    }
  });
});

describe('dispatcher metrics', () => {
  it('count outcomes with reason, and how long they took', async () => {
    const metrics = create.dispatcher();
    metrics.dispatchEnded('com.example.ios', {
      outcome: 'rejected',
      reason: 'Unregistered',
      sinceAcceptedMs: 2_000_000,
    });
    metrics.dispatchEnded('com.example.ios', {
      outcome: 'dead',
      reason: 'what a provider made up',
      sinceAcceptedMs: -5,
    });
    expect(await lines(metrics.registry, 'reveille_dispatcher_outcomes_total')).toEqual([
      'reveille_dispatcher_outcomes_total{app="com.example.ios",reason="Unregistered",outcome="rejected"} 1',
      'reveille_dispatcher_outcomes_total{app="com.example.ios",reason="other",outcome="dead"} 1',
    ]);
    const times = await lines(metrics.registry, 'reveille_dispatcher_time_to_outcome_seconds');
    expect(times).toContain(
      'reveille_dispatcher_time_to_outcome_seconds_bucket{le="1800",app="com.example.ios",outcome="rejected"} 0',
    );
    expect(times).toContain(
      'reveille_dispatcher_time_to_outcome_seconds_bucket{le="3600",app="com.example.ios",outcome="rejected"} 1',
    );
    expect(times).toContain('reveille_dispatcher_time_to_outcome_seconds_sum{app="com.example.ios",outcome="dead"} 0');
  });

  it('count answers by status and reason, with reasons of the providers beside the known ones', async () => {
    const metrics = createDispatcherMetrics({ ...options, reasons: ['token-not-hex'] });
    metrics.providerAnswered('com.example.*', { status: 429, reason: 'QUOTA_EXCEEDED', latencyMs: 60 });
    metrics.providerAnswered('com.example.*', { reason: 'token-not-hex', latencyMs: 60 });
    expect(await lines(metrics.registry, 'reveille_dispatcher_provider_answers_total')).toEqual([
      'reveille_dispatcher_provider_answers_total{app="com.example.*",reason="QUOTA_EXCEEDED",status="429"} 1',
      'reveille_dispatcher_provider_answers_total{app="com.example.*",reason="token-not-hex",status="none"} 1',
    ]);
  });

  it('show attempts in flight and the ends of credentials as they are when asked', async () => {
    const metrics = create.dispatcher();
    const end = metrics.attemptStarted('com.example.ios');
    let expiresAt = 1_000;
    metrics.observeCredentials(() => [{ app: 'com.example.ios', credential: 'jwt', expiresAt }]);
    expect(await lines(metrics.registry, 'reveille_dispatcher_in_flight')).toContain(
      'reveille_dispatcher_in_flight{app="com.example.ios"} 1',
    );
    end();
    expiresAt = 2_500;
    expect(await lines(metrics.registry, 'reveille_dispatcher_in_flight')).toContain(
      'reveille_dispatcher_in_flight{app="com.example.ios"} 0',
    );
    expect(await lines(metrics.registry, 'reveille_dispatcher_credential_expiry_timestamp_seconds')).toEqual([
      'reveille_dispatcher_credential_expiry_timestamp_seconds{app="com.example.ios",credential="jwt"} 2.5',
    ]);
  });
});
