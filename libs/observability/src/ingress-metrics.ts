import type { Registry } from 'prom-client';

import { boundedLabel, OTHER, statusLabel } from './bounded-label';
import { createRoleRegistry, type RegistryOptions, type RoleRegistry } from './role-registry';

export interface IngressMetricsOptions extends RegistryOptions {
  /** The keys under `apps` of the configuration, exact ids and globs: the only values of the label `app`. */
  readonly apps: readonly string[];
}

/** Why a request was answered 429. */
export type LimitReason = 'in_flight' | 'body_budget' | 'source_rate' | 'pushkey_rate' | 'queue_share';

const LIMIT_REASONS: readonly LimitReason[] = ['in_flight', 'body_budget', 'source_rate', 'pushkey_rate', 'queue_share'];
/** Operators remove few apps in a day; what comes after so many shares a label. */
const MAX_REMOVED_APPS = 100;

/** What ingress counts; every `app` is a configured key. */
export interface IngressMetrics {
  readonly registry: Registry;
  /** A notify request came; call what it returns once, with its HTTP status, or `aborted` if the client left. */
  readonly requestStarted: () => (status: number | 'aborted', durationMs: number) => void;
  readonly devicesReceived: (app: string, count?: number) => void;
  readonly dispatchAccepted: (app: string, kind: 'event' | 'call' | 'counts') => void;
  readonly duplicate: (app: string) => void;
  readonly rejectionTold: (app: string) => void;
  readonly unknownApp: (match: 'none' | 'ambiguous') => void;
  readonly queueFull: (app: string) => void;
  readonly limited: (reason: LimitReason) => void;
  /** A push was dropped whose app was removed from the configuration; `app` is its former key. */
  readonly removedApp: (app: string) => void;
  readonly connectionRefused: () => void;
  /** Where to read the gauges when somebody scrapes. */
  readonly observeLoad: (load: { readonly waiting: () => number; readonly connections: () => number }) => void;
  readonly observeRedis: RoleRegistry['observeRedis'];
}

/** The metrics of one ingress process, in a registry of their own. */
export function createIngressMetrics(options: IngressMetricsOptions): IngressMetrics {
  const { registry, counter, gauge, histogram, observeRedis } = createRoleRegistry('ingress', options);
  const known = new Set(options.apps);
  const appLabel = (app: string) => ({ app: boundedLabel(known, app) });

  const requests = counter('reveille_ingress_requests_total');
  const duration = histogram('reveille_ingress_request_duration_seconds');
  const inFlight = gauge('reveille_ingress_requests_in_flight');
  const devices = counter('reveille_ingress_devices_received_total');
  const accepted = counter('reveille_ingress_dispatches_accepted_total');
  const duplicates = counter('reveille_ingress_duplicates_total');
  const told = counter('reveille_ingress_rejections_told_total');
  const unknown = counter('reveille_ingress_unknown_apps_total');
  const full = counter('reveille_ingress_queue_full_total');
  const limited = counter('reveille_ingress_limited_total');
  const refusedConnections = counter('reveille_ingress_connections_refused_total');
  const removed = counter('reveille_ingress_removed_app_pushes_total');
  const removedApps = new Set<string>();
  let load = { waiting: () => 0, connections: () => 0 };
  const waiting = gauge('reveille_ingress_requests_waiting', () => {
    waiting.set(load.waiting());
  });
  const connections = gauge('reveille_ingress_connections', () => {
    connections.set(load.connections());
  });

  // From zero on, so that the first one shows as an increase.
  unknown.inc({ match: 'none' }, 0);
  unknown.inc({ match: 'ambiguous' }, 0);
  for (const reason of LIMIT_REASONS) limited.inc({ reason }, 0);
  for (const app of options.apps) {
    for (const each of [devices, duplicates, told, full]) {
      each.inc({ app }, 0);
    }
  }

  return {
    registry,
    requestStarted: () => {
      inFlight.inc();
      return (status, durationMs) => {
        inFlight.dec();
        requests.inc({ status: status === 'aborted' ? status : statusLabel(status) });
        duration.observe(durationMs / 1000);
      };
    },
    devicesReceived: (app, count = 1) => devices.inc(appLabel(app), count),
    dispatchAccepted: (app, kind) => accepted.inc({ ...appLabel(app), kind }),
    duplicate: (app) => duplicates.inc(appLabel(app)),
    rejectionTold: (app) => told.inc(appLabel(app)),
    unknownApp: (match) => unknown.inc({ match }),
    queueFull: (app) => full.inc(appLabel(app)),
    limited: (reason) => limited.inc({ reason }),
    removedApp: (app) => {
      if (removedApps.size < MAX_REMOVED_APPS) removedApps.add(app);
      removed.inc({ app: removedApps.has(app) ? app : OTHER });
    },
    connectionRefused: () => refusedConnections.inc(),
    observeLoad: (sources) => {
      load = sources;
    },
    observeRedis,
  };
}
