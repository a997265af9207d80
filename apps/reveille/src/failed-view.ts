import type { Attempt, CauseCount, FailedItem, ShownPush } from '@reveille/queue';

// The forms of the admin's API, so that a script may ask either.

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

/** A failed push as `--json` prints it. */
export function failedView(item: FailedItem) {
  return {
    id: item.id,
    app: item.app,
    outcome: item.outcome,
    reason: item.reason,
    provider_status: item.providerStatus ?? null,
    provider_reason: item.providerReason ?? null,
    failed_at: iso(item.failedAt),
    accepted_at: iso(item.acceptedAt),
    deadline: iso(item.deadline),
    attempts: item.attempts,
    event_hash: item.eventHash ?? null,
    room_hash: item.roomHash ?? null,
    device_hash: item.deviceHash ?? null,
    replayed: item.replayed,
  };
}

/** A failed push in one, as `--json` prints it. */
export function shownView(push: ShownPush) {
  return {
    ...failedView(push),
    kind: push.kind ?? null,
    priority: push.priority,
    history: push.history.map(attemptView),
    shape: push.shape ?? null,
    unreadable: push.unreadable ?? null,
    raw: push.raw,
  };
}

export function attemptView({ at, status, reason, provider_reason: said }: Attempt) {
  return { at: iso(at), status: status ?? null, reason, provider_reason: said ?? null };
}

/** A cause as `--json` prints it. */
export function causeView({ app, outcome, reason, providerStatus, providerReason, count, firstAt, lastAt }: CauseCount) {
  return {
    app,
    outcome,
    reason,
    provider_status: providerStatus ?? null,
    provider_reason: providerReason ?? null,
    count,
    first_at: iso(firstAt),
    last_at: iso(lastAt),
  };
}
