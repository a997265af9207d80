import type { PathSegment } from './config-problem';

/**
 * Where sygnal's other top-level blocks lead: its configuration is what most people come from. Its `apps` block needs
 * no hint, it is read as it is. Source: sygnal.yaml.sample of the reference gateway.
 */
const HINTS: ReadonlyMap<string, string> = new Map(Object.entries({
  'log.setup': "sygnal's logging setup has no counterpart: remove it; `log` has `level` and `format`",
  'log.access': "sygnal's access log has no counterpart: remove it; every request is logged",
  db: 'is a setting of old sygnal: remove it; what must last is in Redis (`redis.url`)',
  database: 'is a setting of old sygnal: remove it; what must last is in Redis (`redis.url`)',
  'metrics.prometheus': 'is now `metrics.bind_address` and `metrics.ports`',
  'metrics.opentracing': "sygnal's tracing has no counterpart: remove it",
  'metrics.sentry': "sygnal's Sentry reports have no counterpart: remove it; watch the metrics and the log",
  'http.bind_address': 'is a list here: `bind_addresses`',
}));

/** Help for a key of sygnal's that means something else here, or nothing. */
export function sygnalHint(path: readonly PathSegment[], value?: unknown): string | undefined {
  const name = path.join('.');
  if (name === 'log' && value !== undefined) return 'must be a mapping with `level` and `format`';
  return HINTS.get(name);
}
