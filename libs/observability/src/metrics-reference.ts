import { metricDefinitions, type MetricDefinition, type Role } from './metrics-catalogue';

const TITLES: Readonly<Record<Role | 'all', string>> = {
  all: 'Every role',
  ingress: 'Ingress',
  dispatcher: 'Dispatcher',
  admin: 'Admin',
};

/** docs/metrics.md, from the catalogue. */
export function metricsReference(): string {
  const sections = (['all', 'ingress', 'dispatcher', 'admin'] as const).map(section);
  return `${INTRODUCTION}\n${sections.join('\n')}${CONCLUSION}`;
}

function section(role: Role | 'all'): string {
  const rows = Object.entries(metricDefinitions).filter(([, { roles }]) =>
    role === 'all' ? roles.length === 3 : roles.length < 3 && roles.includes(role),
  );
  const head = [`## ${TITLES[role]}`, '', '| metric | type | labels | meaning |', '|---|---|---|---|'];
  return [...head, ...rows.map(row), ''].join('\n');
}

function row([name, { type, labels, help, buckets }]: readonly [string, MetricDefinition]): string {
  const bounds = buckets ? ` Buckets: ${buckets.join(', ')} s.` : '';
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help}${bounds} |`;
}

const INTRODUCTION = `# Metrics

<!-- Generated from libs/observability: UPDATE_DOCS=1 npx jest --selectProjects observability -->

Each role serves its metrics on a port of its own (\`metrics.ports\` in the configuration; loopback by default):
\`GET /metrics\` for Prometheus, \`GET /health\` (200 while the process is alive), \`GET /ready\` (503 and the reasons
while it cannot do its work).

No label has unbounded values: \`app\` is a key of \`apps\` in the configuration (an exact app_id or a glob),
\`reason\` is from a closed list, and whatever is not in it is \`other\`. Pushkeys, app ids of requests and content are
in no label.
`;

const CONCLUSION = `
## The process itself

The default metrics of prom-client with the prefix \`reveille_\`, in every role. The ones to watch:

| metric | meaning |
|---|---|
| \`reveille_nodejs_eventloop_lag_p99_seconds\` | event-loop delay since the last scrape |
| \`reveille_process_resident_memory_bytes\` | resident memory |
| \`reveille_process_cpu_seconds_total\` | CPU time |
| \`reveille_process_open_fds\` | open files and sockets |

## Questions and queries

| question | query |
|---|---|
| Are pushes delivered? | \`sum by (app, outcome) (rate(reveille_dispatcher_outcomes_total[5m]))\` |
| Does a provider refuse us, and why? | \`sum by (app, status, reason) (rate(reveille_dispatcher_provider_answers_total{status!="200"}[5m]))\` |
| How late are they? | \`histogram_quantile(0.99, sum by (app, le) (rate(reveille_dispatcher_time_to_outcome_seconds_bucket{outcome="delivered"}[5m])))\` |
| Is a queue growing? | \`max by (app) (reveille_queue_depth{state="waiting"})\` |
| Is an app parked? | \`max by (app) (reveille_app_parked) == 1\` |
| Are rejections held? | \`max by (app) (reveille_rejection_storm) == 1\` |
| Does a certificate end within two weeks? | \`min by (app) (reveille_dispatcher_credential_expiry_timestamp_seconds{credential="certificate"}) - time() < 14 * 86400\` |
| Are homeservers turned away? | \`sum by (status) (rate(reveille_ingress_requests_total{status=~"4..\\|5.."}[5m]))\` |
`;
