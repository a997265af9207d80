/**
 * What one push costs, as `npm run bench` measured it: the only place of these numbers. After a new measurement change them here, then
 * `UPDATE_DOCS=1 npx jest apps/reveille/src/capacity --selectProjects reveille` writes the tables of docs/scaling.md.
 */

/** Where and when the costs were measured. */
export const MEASURED_ON = {
  at: '2026-11-23',
  cpu: 'AMD EPYC',
  cores: 2,
  node: 'v20.20.2',
  redis: '7.0.15',
} as const;

export interface MeasuredCost {
  readonly value: number;
  readonly unit: 'us/push' | 'B' | 'MB';
  /** The row of `npm run bench` that it was read from. */
  readonly row: string;
  /** What it is, for docs/scaling.md. */
  readonly meaning: string;
}

/** CPU times are those of all threads of the process; memory of processes is resident, under load. */
export const MEASURED_COSTS = {
  ingressCpu: { value: 301, unit: 'us/push', row: 'ingress/cpu', meaning: 'ingress: a request with one device, read, judged, written and answered' },
  redisAdmissionCpu: { value: 74, unit: 'us/push', row: 'ingress/redis-cpu', meaning: 'Redis: the admission of a push' },
  apnsCpu: { value: 324, unit: 'us/push', row: 'apns/cpu-60ms', meaning: 'dispatcher: a push from the queue to Apple and its end' },
  apnsRedisCpu: { value: 67, unit: 'us/push', row: 'apns/redis-cpu-60ms', meaning: 'Redis: handing it out and ending it' },
  fcmCpu: { value: 341, unit: 'us/push', row: 'fcm/cpu-60ms', meaning: 'dispatcher: the same to Google' },
  fcmRedisCpu: { value: 75, unit: 'us/push', row: 'fcm/redis-cpu-60ms', meaning: 'Redis: the same' },
  waitingJob: { value: 1103, unit: 'B', row: 'memory/job', meaning: 'Redis: a push that waits, without its mark and its trace' },
  duplicateMark: { value: 205, unit: 'B', row: 'memory/duplicate-mark', meaning: 'Redis: its mark against duplicates, for `dedupe.window`' },
  trace: { value: 324, unit: 'B', row: 'memory/trace', meaning: 'Redis: its trace for `explain` while it waits (with its end up to 580), at most `explain.max_pushes` of an app' },
  rejection: { value: 246, unit: 'B', row: 'memory/rejection', meaning: 'Redis: a dead pushkey, for `rejections.ttl`' },
  failedPush: { value: 1764, unit: 'B', row: 'failed/push', meaning: 'Redis: a failed push with its index, at most `dead_letters.max_count` of an app' },
  ingressMemory: { value: 227, unit: 'MB', row: 'ingress/memory', meaning: 'an ingress process' },
  dispatcherMemory: { value: 290, unit: 'MB', row: 'whole/dispatcher-memory', meaning: 'a dispatcher process' },
  adminMemory: { value: 107, unit: 'MB', row: 'idle/admin', meaning: 'an admin process' },
} as const satisfies Readonly<Record<string, MeasuredCost>>;

export type CostName = keyof typeof MEASURED_COSTS;
/** The value of each cost, in its unit. */
export type Costs = Readonly<Record<CostName, number>>;

/** The costs as numbers, for the model. */
export function measuredCosts(): Costs {
  // Object.fromEntries forgets the names.
  return Object.fromEntries(Object.entries(MEASURED_COSTS).map(([name, { value }]) => [name, value])) as Costs;
}
