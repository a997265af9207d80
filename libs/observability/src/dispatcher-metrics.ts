import type { Registry } from 'prom-client';

import { boundedLabel, statusLabel } from './bounded-label';
import { createGovernorMetrics, type GovernorMetrics } from './governor-metrics';
import { knownReasons } from './known-reasons';
import { createQueueMetrics, type QueueMetrics } from './queue-metrics';
import { createRoleRegistry, type RegistryOptions, type RoleRegistry } from './role-registry';
import { createStormMetrics, type StormMetrics } from './storm-metrics';

export interface DispatcherMetricsOptions extends RegistryOptions {
  /** The keys under `apps` of the configuration, exact ids and globs: the only values of the label `app`. */
  readonly apps: readonly string[];
  /** Reasons of outcomes and answers beside `knownReasons`; any other becomes `other`. */
  readonly reasons?: readonly string[];
}

/** How a dispatch can end; the same words as the ledger's. */
export type FinalOutcome = 'delivered' | 'skipped' | 'rejected' | 'superseded' | 'expired' | 'dead';

export interface CredentialSample {
  readonly app: string;
  readonly credential: 'jwt' | 'certificate' | 'access_token';
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** `restored`: the files hold again what was in use all the time. */
export type CredentialFilesResult = 'reloaded' | 'refused' | 'restored';

/** One answer of a provider; `status` is absent when none came. */
export interface AnswerSample {
  readonly status?: number;
  readonly reason: string;
  readonly latencyMs: number;
}

/** The end of one dispatch. */
export interface EndSample {
  readonly outcome: FinalOutcome;
  readonly reason: string;
  /** Since ingress accepted it; absent: it is not to be measured, or not known. */
  readonly sinceAcceptedMs?: number;
}

/** What the dispatcher counts; every `app` is a configured key. */
export interface DispatcherMetrics extends QueueMetrics, StormMetrics, GovernorMetrics {
  readonly registry: Registry;
  /** An attempt begins; call what it returns once, when the attempt has ended however it ended. */
  readonly attemptStarted: (app: string) => () => void;
  /** What a provider said to one attempt. */
  readonly providerAnswered: (app: string, answer: AnswerSample) => void;
  /** The attempt did not end the dispatch; it will be repeated. */
  readonly retryPlanned: (app: string, reason: string) => void;
  /** The one final outcome of a dispatch. */
  readonly dispatchEnded: (app: string, end: EndSample) => void;
  readonly suspectRejection: (app: string, reason: string) => void;
  /** The credential files of an app have changed, with this result. */
  readonly credentialFilesChanged: (app: string, result: CredentialFilesResult) => void;
  /** Where to read the credentials' ends when somebody scrapes. */
  readonly observeCredentials: (read: () => readonly CredentialSample[]) => void;
  readonly observeRedis: RoleRegistry['observeRedis'];
}

/** The metrics of one dispatcher process, in a registry of their own. */
export function createDispatcherMetrics(options: DispatcherMetricsOptions): DispatcherMetrics {
  const roleRegistry = createRoleRegistry('dispatcher', options);
  const { registry, counter, gauge, histogram, observeRedis } = roleRegistry;
  const apps = new Set(options.apps);
  const reasons = new Set([...knownReasons, ...(options.reasons ?? [])]);
  const appLabel = (app: string) => boundedLabel(apps, app);
  const labels = (app: string, reason: string) => ({ app: appLabel(app), reason: boundedLabel(reasons, reason) });

  const outcomes = counter('reveille_dispatcher_outcomes_total');
  const timeToOutcome = histogram('reveille_dispatcher_time_to_outcome_seconds');
  const retries = counter('reveille_dispatcher_retries_total');
  const answers = counter('reveille_dispatcher_provider_answers_total');
  const latency = histogram('reveille_dispatcher_provider_latency_seconds');
  const suspect = counter('reveille_dispatcher_suspect_rejections_total');
  const inFlight = gauge('reveille_dispatcher_in_flight');

  let readCredentials: () => readonly CredentialSample[] = () => [];
  const expiry = gauge('reveille_dispatcher_credential_expiry_timestamp_seconds', () => {
    expiry.reset();
    for (const { app, credential, expiresAt } of readCredentials()) {
      expiry.set({ app: appLabel(app), credential }, expiresAt / 1000);
    }
  });

  const credentialChanges = counter('reveille_dispatcher_credential_changes_total');
  const credentialFilesRefused = gauge('reveille_dispatcher_credential_files_refused');

  for (const app of options.apps) {
    inFlight.set({ app }, 0);
    credentialFilesRefused.set({ app }, 0);
  }

  return {
    ...createQueueMetrics(roleRegistry, options.apps),
    ...createStormMetrics(roleRegistry, options.apps),
    ...createGovernorMetrics(roleRegistry, options.apps),
    registry,
    attemptStarted: (app) => {
      const label = { app: appLabel(app) };
      inFlight.inc(label);
      return () => inFlight.dec(label);
    },
    providerAnswered: (app, { status, reason, latencyMs }) => {
      answers.inc({ ...labels(app, reason), status: statusLabel(status) });
      latency.observe({ app: appLabel(app) }, latencyMs / 1000);
    },
    retryPlanned: (app, reason) => retries.inc(labels(app, reason)),
    dispatchEnded: (app, { outcome, reason, sinceAcceptedMs }) => {
      outcomes.inc({ ...labels(app, reason), outcome });
      // The clocks of two hosts may differ by more than a push takes.
      if (sinceAcceptedMs !== undefined) timeToOutcome.observe({ app: appLabel(app), outcome }, Math.max(0, sinceAcceptedMs) / 1000);
    },
    suspectRejection: (app, reason) => suspect.inc(labels(app, reason)),
    credentialFilesChanged: (app, result) => {
      credentialChanges.inc({ app: appLabel(app), result });
      credentialFilesRefused.set({ app: appLabel(app) }, result === 'refused' ? 1 : 0);
    },
    observeCredentials: (read) => {
      readCredentials = read;
    },
    observeRedis,
  };
}
