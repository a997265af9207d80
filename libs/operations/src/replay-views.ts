import type { ReplayPreview as PreviewView, ReplayView } from '@reveille/admin-api';
import type { FailedFilter, Replay, ReplayPreview } from '@reveille/queue';

import { toIso } from './moments';

export function toPreviewView({ matched, wouldSend, notSent, isEstimated }: ReplayPreview): PreviewView {
  const { unreadable, gone, ...parts } = notSent;
  return { matched, would_send: wouldSend, ...parts, unreadable: unreadable + gone, estimated: isEstimated };
}

export function toReplayView(replay: Replay): ReplayView {
  const { id, state, by, createdAt, filter, rate, includeExpired, matched, done, ends, waiting, waitsFor, notSent } = replay;
  return {
    ...{ id, state, by },
    created_at: toIso(createdAt),
    filter: toFilterView(filter),
    rate,
    include_expired: includeExpired,
    ...{ matched, done },
    waits_for: [...waitsFor],
    outcomes: { ...ends, waiting, not_sent: countNotSent(replay), not_sent_by: { ...notSent } },
  };
}

/** Pushes of a replay that were not sent, for whatever reason. */
export function countNotSent({ notSent }: Pick<Replay, 'notSent'>): number {
  return Object.values(notSent).reduce((sum, count) => sum + count, 0);
}

type FilterPart = string | number | string[] | null;

/** As it was asked, by the names of the API; ids of events, rooms and devices are hashes. */
export function toFilterView(filter: FailedFilter): Readonly<Record<string, FilterPart>> {
  const { app, outcome, reason, providerStatus, providerReason, since, until, eventHash, roomHash, deviceHash, attemptsMin, attemptsMax, ids } = filter;
  const named = {
    ...{ app, outcome, reason, provider_status: providerStatus, provider_reason: providerReason },
    since: since === undefined ? undefined : toIso(since),
    until: until === undefined ? undefined : toIso(until),
    ...{ event_hash: eventHash, room_hash: roomHash, pushkey_hash: deviceHash, attempts_min: attemptsMin, attempts_max: attemptsMax, ids },
  };
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, FilterPart] => entry[1] !== undefined));
}
