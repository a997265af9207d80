import type { FailedFilter, Replay, ReplayPreview } from '@reveille/queue';

// The forms of the admin's API, so that a script may ask either.

type FilterPart = string | number | string[] | null;

/** A filter with hashes instead of ids of events, rooms and devices. */
export function filterView(filter: FailedFilter): Readonly<Record<string, FilterPart>> {
  const { app, outcome, reason, providerStatus, providerReason, since, until, ids } = filter;
  const all = {
    ...{ app, outcome, reason, provider_status: providerStatus, provider_reason: providerReason },
    since: iso(since),
    until: iso(until),
    event_hash: filter.eventHash,
    room_hash: filter.roomHash,
    pushkey_hash: filter.deviceHash,
    attempts_min: filter.attemptsMin,
    attempts_max: filter.attemptsMax,
    ids,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, FilterPart] => entry[1] !== undefined));
}

function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

/** A replay as `--json` prints it. */
export function replayView(replay: Replay) {
  const { id, state, by, createdAt, filter, rate, includeExpired, matched, done, ends, waiting, waitsFor, notSent } = replay;
  return {
    ...{ id, state, by },
    created_at: new Date(createdAt).toISOString(),
    filter: filterView(filter),
    rate,
    include_expired: includeExpired,
    ...{ matched, done },
    waits_for: waitsFor,
    outcomes: { ...ends, waiting, not_sent: sumOf(notSent), not_sent_by: notSent },
  };
}

/** What a replay would do, as `--json` prints it. */
export function previewView({ matched, wouldSend, notSent, isEstimated }: ReplayPreview) {
  const { gone, unreadable, ...parts } = notSent;
  return { matched, would_send: wouldSend, ...parts, unreadable: unreadable + gone, estimated: isEstimated };
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
