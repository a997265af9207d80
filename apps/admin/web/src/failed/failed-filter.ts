import { NONE, type ReplayFilterInput } from '@reveille/admin-api';

import { toMoment } from '../format/moments';

/**
 * What the list of failed pushes is narrowed to, as it stands in the page's address, in the order of the form. A pushkey is
 * never among it: it is hashed first.
 */
export const FILTER_NAMES = [
  'app',
  'outcome',
  'reason',
  'provider_status',
  'provider_reason',
  'since',
  'until',
  'event_id',
  'room_id',
  'pushkey_hash',
  'attempts_min',
  'attempts_max',
] as const;
export type FilterName = (typeof FILTER_NAMES)[number];
export type FailedFilter = Readonly<Partial<Record<FilterName, string>>>;

/** Only what is set, in one order, so that equal filters have equal addresses. */
export function tidyFilter(filter: FailedFilter): FailedFilter {
  const set = FILTER_NAMES.flatMap((name) => {
    const value = filter[name]?.trim();
    return value ? [[name, value] as const] : [];
  });
  return Object.fromEntries(set);
}

/** The filter as a question to the API: local times become UTC. */
export function toQuery(filter: FailedFilter): Record<string, string | undefined> {
  const { since, until, ...rest } = tidyFilter(filter);
  return { ...rest, ...(since && { since: toMoment(since, new Date()) }), ...(until && { until: toMoment(until, new Date()) }) };
}

/**
 * The filter of a replay. Times are fixed at `now`, so that what the preview counted is what is sent: "the last two hours"
 * would mean others a minute later.
 */
export function toReplayFilter(filter: FailedFilter, now: Date): ReplayFilterInput {
  const { since, until, outcome, provider_status, attempts_min, attempts_max, ...rest } = tidyFilter(filter);
  return {
    ...rest,
    ...(isOutcome(outcome) && { outcome }),
    ...(provider_status && { provider_status: provider_status === NONE ? null : Number(provider_status) }),
    ...(attempts_min && { attempts_min: Number(attempts_min) }),
    ...(attempts_max && { attempts_max: Number(attempts_max) }),
    ...(since && { since: toMoment(since, now, 'absolute') }),
    ...(until && { until: toMoment(until, now, 'absolute') }),
  };
}

function isOutcome(text: string | undefined): text is 'dead' | 'expired' {
  return text === 'dead' || text === 'expired';
}

/** Names of the filters, for people. */
export const FILTER_LABELS: Readonly<Record<FilterName, string>> = {
  app: 'app',
  outcome: 'outcome',
  reason: 'reason',
  provider_status: 'provider status',
  provider_reason: 'provider reason',
  since: 'since',
  until: 'until',
  event_id: 'event',
  room_id: 'room',
  pushkey_hash: 'device',
  attempts_min: 'at least, attempts',
  attempts_max: 'at most, attempts',
};

/** For a confirmation: `app com.example.ios, reason too_large`; `everything` without a filter. */
export function describeFilter(filter: FailedFilter): string {
  const parts = FILTER_NAMES.flatMap((name) => (filter[name] ? [`${FILTER_LABELS[name]} ${filter[name]}`] : []));
  return parts.length > 0 ? parts.join(', ') : 'everything';
}
