import { formatNumber } from './format';
import { providerLoads } from './demand';
import { MAX_PARTITIONS, type CapacityPlan, type PlanOptions } from './plan-capacity';

export const WARNING_KINDS = ['fcm-quota', 'device-quota', 'partitions', 'queue-limit', 'outage'] as const;

export interface CapacityWarning {
  readonly kind: (typeof WARNING_KINDS)[number];
  readonly text: string;
}

export interface Limits {
  /** Pushes a minute that the governor sends to one Firebase project, and Google's limit for one of its devices (ADR 22). */
  readonly fcmPerMinute: number;
  readonly fcmDevicePerMinute: number;
  /** `queue_limit.count`. */
  readonly queueCount: number;
}

const SECONDS_PER_MINUTE = 60;

/** What no number of machines mends, and settings that have to follow. */
export function capacityWarnings(options: PlanOptions, plan: CapacityPlan, limits: Limits): CapacityWarning[] {
  return [...quotaWarnings(options, limits), ...settingWarnings(options, plan, limits)];
}

function quotaWarnings({ demand }: PlanOptions, { fcmPerMinute, fcmDevicePerMinute }: Limits): CapacityWarning[] {
  const asked = (providerLoads(demand).fcm.rate * SECONDS_PER_MINUTE) / demand.fcmProjects;
  const each = (demand.rate * SECONDS_PER_MINUTE) / demand.devices;
  return [
    ...warnIf(
      asked > fcmPerMinute,
      'fcm-quota',
      `Of a project's quota ${formatNumber(fcmPerMinute)} a minute are used, and this is ${formatNumber(asked)}: what is over it waits in the queue. ` +
        'Ask Google for more and set quota.per_minute, or spread the apps over more projects (--fcm-projects).',
    ),
    ...warnIf(
      demand.fcmShare > 0 && each > fcmDevicePerMinute,
      'device-quota',
      `Google takes ${formatNumber(fcmDevicePerMinute)} a minute of a device, and this is ${formatNumber(each)} for each of ${formatNumber(demand.devices)}.`,
    ),
  ];
}

function settingWarnings({ demand, settings, margins }: PlanOptions, { redis }: CapacityPlan, { queueCount }: Limits): CapacityWarning[] {
  const loads = providerLoads(demand);
  const largestShare = Math.max(...Object.values(loads).map(({ rate, apps }) => rate / Math.max(1, apps) / demand.rate));
  const waiting = Math.ceil(redis.waitingPushes * largestShare);
  return [
    ...warnIf(
      redis.partitions > MAX_PARTITIONS,
      'partitions',
      `An app has at most ${MAX_PARTITIONS} partitions; the largest here needs ${formatNumber(redis.partitions)}. Split it, or ask for less of one master.`,
    ),
    ...warnIf(
      redis.masters > 1 && redis.partitions > 1,
      'partitions',
      `One app is too large for its place on one master (${Math.round(margins.utilisation * 100)} % of a core): set apps.ID.queue.partitions to ${formatNumber(Math.min(MAX_PARTITIONS, redis.partitions))}. See docs/operations.md.`,
    ),
    ...warnIf(
      waiting > queueCount,
      'queue-limit',
      `In the outage ${formatNumber(waiting)} pushes of one app wait; past queue_limit.count (${formatNumber(queueCount)}) homeservers get 503 and keep theirs. Set it as high as the memory here allows.`,
    ),
    ...warnIf(
      demand.outageMs > settings.maxAgeMs,
      'outage',
      'The outage is longer than max_age.event: older pushes expire, so no more than that wait.',
    ),
  ];
}

function warnIf(applies: boolean, kind: CapacityWarning['kind'], text: string): CapacityWarning[] {
  return applies ? [{ kind, text }] : [];
}
