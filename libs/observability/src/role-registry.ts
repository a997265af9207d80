import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import { metricDefinitions, type metricsCatalogue, type MetricName, type Role } from './metrics-catalogue';
import { VERSION } from './version';
import { within } from './within';

type Catalogue = typeof metricsCatalogue;
type NamesOf<Type> = { [Name in MetricName]: Catalogue[Name]['type'] extends Type ? Name : never }[MetricName];
type LabelsOf<Name extends MetricName> = Catalogue[Name]['labels'][number];

export interface RegistryOptions {
  /** Memory, CPU, event-loop delay of the process as well; default true. */
  readonly processMetrics?: boolean;
}

/** Makes the metrics of the catalogue, each once, in one registry. No globals: a test has as many as it likes. */
export interface RoleRegistry {
  readonly registry: Registry;
  readonly counter: <Name extends NamesOf<'counter'>>(name: Name) => Counter<LabelsOf<Name>>;
  readonly gauge: <Name extends NamesOf<'gauge'>>(
    name: Name,
    collect?: () => void | Promise<void>,
  ) => Gauge<LabelsOf<Name>>;
  readonly histogram: <Name extends NamesOf<'histogram'>>(name: Name) => Histogram<LabelsOf<Name>>;
  /** Where to learn, when somebody scrapes, whether Redis takes writes. */
  readonly observeRedis: (isUp: () => Promise<boolean>) => void;
}

export const PROCESS_METRICS_PREFIX = 'reveille_';

/** Redis answers in a millisecond; a scrape does not wait for one that hangs. Milliseconds. */
export const REDIS_TIMEOUT_MS = 1_000;

/** An empty registry of one role, with what all roles have: version, Redis, and the process itself. */
export function createRoleRegistry(role: Role, { processMetrics = true }: RegistryOptions = {}): RoleRegistry {
  const registry = new Registry();
  if (processMetrics) {
    collectDefaultMetrics({ register: registry, prefix: PROCESS_METRICS_PREFIX });
  }
  const common = (name: MetricName) => ({ name, help: metricDefinitions[name].help, registers: [registry] });
  const roleRegistry: Omit<RoleRegistry, 'observeRedis'> = {
    registry,
    counter: (name) => new Counter({ ...common(name), labelNames: metricDefinitions[name].labels }),
    gauge: (name, collect) =>
      new Gauge({ ...common(name), labelNames: metricDefinitions[name].labels, ...(collect && { collect }) }),
    histogram: (name) =>
      new Histogram({
        ...common(name),
        labelNames: metricDefinitions[name].labels,
        buckets: [...(metricDefinitions[name].buckets ?? [])],
      }),
  };
  roleRegistry.gauge('reveille_build_info').set({ role, version: VERSION }, 1);
  let isRedisUp = (): Promise<boolean> => Promise.resolve(false);
  const redisUp = roleRegistry.gauge('reveille_redis_up', async () => {
    redisUp.set((await within(isRedisUp(), REDIS_TIMEOUT_MS, false).catch(() => false)) ? 1 : 0);
  });
  return {
    ...roleRegistry,
    observeRedis: (isUp) => {
      isRedisUp = isUp;
    },
  };
}
