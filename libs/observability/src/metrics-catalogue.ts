/** The processes that have metrics of their own. */
export type Role = 'ingress' | 'dispatcher' | 'admin';

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly roles: readonly Role[];
  readonly help: string;
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

/** An answer that takes longer than a few milliseconds is a fault: fine below, coarse above. Seconds. */
const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];
/** Providers answer in 20 to 200 ms; 30 s is the request timeout. Seconds. */
const PROVIDER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Up to the longest deadline (`max_age` of events, 1 h by default). Seconds. */
const OUTCOME_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600];

const ALL_ROLES = ['ingress', 'dispatcher', 'admin'] as const;

/**
 * Every metric of our own: the registries are made from this table and docs/metrics.md is generated from it. Label
 * values come from closed sets only: `app` is the configured app (exact or glob), never what a request named.
 */
export const metricsCatalogue = {
  reveille_build_info: {
    type: 'gauge', labels: ['role', 'version'], roles: ALL_ROLES,
    help: 'Always 1; which version this process runs.',
  },
  reveille_redis_up: {
    type: 'gauge', labels: [], roles: ALL_ROLES,
    help: '1 while Redis answers this process and takes writes, else 0.',
  },

  reveille_ingress_requests_total: {
    type: 'counter', labels: ['status'], roles: ['ingress'],
    help: 'Answers to POST /_matrix/push/v1/notify, by HTTP status; `aborted`: the client left before the answer.',
  },
  reveille_ingress_request_duration_seconds: {
    type: 'histogram', labels: [], roles: ['ingress'], buckets: REQUEST_BUCKETS,
    help: 'From the last byte of the request to the answer of a notify request; a slow client does not count.',
  },
  reveille_ingress_requests_in_flight: {
    type: 'gauge', labels: [], roles: ['ingress'],
    help: 'Notify requests under way.',
  },
  reveille_ingress_devices_received_total: {
    type: 'counter', labels: ['app'], roles: ['ingress'],
    help: 'Devices named in valid requests, for apps that are configured.',
  },
  reveille_ingress_dispatches_accepted_total: {
    type: 'counter', labels: ['app', 'kind'], roles: ['ingress'],
    help: 'Dispatches that Redis has confirmed; kind: event, call, counts.',
  },
  reveille_ingress_duplicates_total: {
    type: 'counter', labels: ['app'], roles: ['ingress'],
    help: 'Devices whose event was already accepted within the window and was not queued again.',
  },
  reveille_ingress_rejections_told_total: {
    type: 'counter', labels: ['app'], roles: ['ingress'],
    help: 'Known dead pushkeys named in `rejected` of an answer; the same one counts each time.',
  },
  reveille_ingress_unknown_apps_total: {
    type: 'counter', labels: ['match'], roles: ['ingress'],
    help: 'Devices whose app_id matches no configured app (`none`) or several globs (`ambiguous`).',
  },
  reveille_ingress_queue_full_total: {
    type: 'counter', labels: ['app'], roles: ['ingress'],
    help: 'Devices of requests answered 503 because the queue of the app is at its limit.',
  },
  reveille_ingress_limited_total: {
    type: 'counter', labels: ['reason'], roles: ['ingress'],
    help: 'Answers 429; reason: in_flight, body_budget, source_rate, pushkey_rate, queue_share.',
  },
  reveille_ingress_requests_waiting: {
    type: 'gauge', labels: [], roles: ['ingress'],
    help: 'Whole notify requests that wait for their turn; more than 0 is overload.',
  },
  reveille_ingress_connections: {
    type: 'gauge', labels: [], roles: ['ingress'],
    help: 'Open connections.',
  },
  reveille_ingress_connections_refused_total: {
    type: 'counter', labels: [], roles: ['ingress'],
    help: 'Connections closed because there are too many, too many of one address, or too many unanswered requests on one.',
  },
  reveille_ingress_removed_app_pushes_total: {
    type: 'counter', labels: ['app'], roles: ['ingress'],
    help: 'Devices dropped because their app was removed from the configuration lately: alert on any. app: its former key.',
  },

  reveille_dispatcher_outcomes_total: {
    type: 'counter', labels: ['app', 'outcome', 'reason'], roles: ['dispatcher'],
    help: 'Dispatches by final outcome (delivered, skipped, rejected, superseded, expired, dead) and its reason.',
  },
  reveille_dispatcher_time_to_outcome_seconds: {
    type: 'histogram', labels: ['app', 'outcome'], roles: ['dispatcher'], buckets: OUTCOME_BUCKETS,
    help: 'From the acceptance by ingress to the final outcome, all retries and waiting included; without pushes that were replayed.',
  },
  reveille_dispatcher_retries_total: {
    type: 'counter', labels: ['app', 'reason'], roles: ['dispatcher'],
    help: 'Attempts that did not end a dispatch and will be repeated.',
  },
  reveille_dispatcher_provider_answers_total: {
    type: 'counter', labels: ['app', 'status', 'reason'], roles: ['dispatcher'],
    help: 'Answers of the provider by HTTP status (`none`: no answer came) and its reason or error code.',
  },
  reveille_dispatcher_provider_latency_seconds: {
    type: 'histogram', labels: ['app'], roles: ['dispatcher'], buckets: PROVIDER_BUCKETS,
    help: 'From the call to the provider to its answer or the failure.',
  },
  reveille_dispatcher_suspect_rejections_total: {
    type: 'counter', labels: ['app', 'reason'], roles: ['dispatcher'],
    help: 'Rejections that a mistake of our own (wrong topic or sender) would cause as well.',
  },
  reveille_dispatcher_in_flight: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher'],
    help: 'Attempts under way at the provider from this process.',
  },
  reveille_dispatcher_credential_expiry_timestamp_seconds: {
    type: 'gauge', labels: ['app', 'credential'], roles: ['dispatcher'],
    help: 'When the credential ends, seconds since the epoch; credential: jwt, certificate, access_token.',
  },
  reveille_dispatcher_credential_changes_total: {
    type: 'counter', labels: ['app', 'result'], roles: ['dispatcher'],
    help: 'Changes of the credential files while running; result: reloaded, refused (the old ones stay in use), restored.',
  },
  reveille_dispatcher_credential_files_refused: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher'],
    help: '1 while the credential files on disk cannot be used and this process goes on with what it read before.',
  },
  reveille_governor_budget: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher'],
    help: 'Pushes a minute that all dispatchers together may send now: the quota of the provider, less after a start, an outage or a 429.',
  },
  reveille_governor_waiting: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher'],
    help: 'Pushes in the hands of this process that wait for their part of the quota.',
  },
  reveille_governor_put_back_total: {
    type: 'counter', labels: ['app', 'scope'], roles: ['dispatcher'],
    help: 'Pushes that went back to the queue without an attempt, because the quota of their app or device was used up; scope: app, device.',
  },
  reveille_governor_refusals_total: {
    type: 'counter', labels: ['app', 'scope'], roles: ['dispatcher'],
    help: 'Answers 429 of the provider, by whose quota they are taken for; scope: app, device.',
  },

  reveille_queue_depth: {
    type: 'gauge', labels: ['app', 'state'], roles: ['dispatcher', 'admin'],
    help: 'Dispatches on Redis by state. Every process reports the same queue: take the maximum, not the sum.',
  },
  reveille_queue_oldest_age_seconds: {
    type: 'gauge', labels: ['app', 'state'], roles: ['dispatcher', 'admin'],
    help: 'Age of the oldest dispatch in the state since its acceptance; 0 if there is none.',
  },
  reveille_app_parked: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher', 'admin'],
    help: '1 while the app is parked: its credential or topic is refused and its pushes wait.',
  },
  reveille_app_provider_out: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher', 'admin'],
    help: '1 from the outage of a provider on (the circuit breaker is open) until the app runs at full width again.',
  },
  reveille_app_paused: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher', 'admin'],
    help: '1 while an operator has paused the app: its pushes wait until somebody resumes it.',
  },
  reveille_app_draining: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher', 'admin'],
    help: '1 while an operator lets the queue of the app run empty: nothing new is accepted (503).',
  },

  reveille_rejection_storm: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher', 'admin'],
    help: '1 while a storm of rejections is held back in the app: look at `reveille storms`.',
  },
  reveille_storm_held_rejections: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher', 'admin'],
    help: 'Rejections of a storm that no homeserver is told.',
  },
  reveille_ledger_difference: {
    type: 'gauge', labels: ['app'], roles: ['dispatcher', 'admin'],
    help: 'Accepted pushes that have neither ended nor wait: 0, or pushes are lost. Every process reports the same.',
  },

  reveille_admin_requests_total: {
    type: 'counter', labels: ['status'], roles: ['admin'],
    help: 'Answers of the admin by HTTP status.',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metricsCatalogue;

/** The table as the type that all entries share. */
export const metricDefinitions: Readonly<Record<MetricName, MetricDefinition>> = metricsCatalogue;
