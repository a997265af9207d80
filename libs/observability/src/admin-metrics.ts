import type { Registry } from 'prom-client';

import { statusLabel } from './bounded-label';
import { createQueueMetrics, type QueueMetrics } from './queue-metrics';
import { createRoleRegistry, type RegistryOptions, type RoleRegistry } from './role-registry';
import { createStormMetrics, type StormMetrics } from './storm-metrics';

export interface AdminMetricsOptions extends RegistryOptions {
  /** The keys under `apps` of the configuration, exact ids and globs: the only values of the label `app`. */
  readonly apps: readonly string[];
}

/** What the admin counts and shows. */
export interface AdminMetrics extends QueueMetrics, StormMetrics {
  readonly registry: Registry;
  readonly requestAnswered: (status: number) => void;
  readonly observeRedis: RoleRegistry['observeRedis'];
}

/** The metrics of one admin process, in a registry of their own. */
export function createAdminMetrics(options: AdminMetricsOptions): AdminMetrics {
  const roleRegistry = createRoleRegistry('admin', options);
  const requests = roleRegistry.counter('reveille_admin_requests_total');
  return {
    ...createQueueMetrics(roleRegistry, options.apps),
    ...createStormMetrics(roleRegistry, options.apps),
    registry: roleRegistry.registry,
    requestAnswered: (status) => requests.inc({ status: statusLabel(status) }),
    observeRedis: roleRegistry.observeRedis,
  };
}
