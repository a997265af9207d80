import type { AttemptView, Cause, FailedItemView, FailedPageView, ShownPushView } from '@reveille/admin-api';
import type { Attempt, CauseCount, FailedItem, FailedPage, ShownPush } from '@reveille/queue';

import { toIso, toIsoOrNull } from './moments';

/** Everything here is chosen field by field: nothing that a job may hold beside it gets out. */
export function toItemView(item: FailedItem): FailedItemView {
  return {
    id: item.id,
    app: item.app,
    ...toCauseView(item),
    failed_at: toIso(item.failedAt),
    accepted_at: toIsoOrNull(item.acceptedAt),
    deadline: toIsoOrNull(item.deadline),
    attempts: item.attempts,
    event_hash: item.eventHash ?? null,
    room_hash: item.roomHash ?? null,
    device_hash: item.deviceHash ?? null,
    replayed: item.replayed,
  };
}

export function toPageView({ total, items, next, unreachable }: FailedPage): FailedPageView {
  return { total, items: items.map(toItemView), next, unreachable: [...unreachable] };
}

export function toCause(cause: CauseCount): Cause {
  const { app, count, firstAt, lastAt } = cause;
  return { app, ...toCauseView(cause), count, first_at: toIso(firstAt), last_at: toIso(lastAt) };
}

export function toShownView(push: ShownPush): ShownPushView {
  const { kind, priority, history, shape, unreadable, raw } = push;
  return {
    ...toItemView(push),
    kind: kind ?? null,
    priority,
    history: history.map(toAttemptView),
    shape: shape ?? null,
    unreadable: unreadable ?? null,
    raw: { ...raw },
  };
}

export function toAttemptView({ at, status, reason, provider_reason }: Attempt): AttemptView {
  return { at: toIso(at), status: status ?? null, reason, provider_reason: provider_reason ?? null };
}

function toCauseView({ outcome, reason, providerStatus, providerReason }: Pick<CauseCount, 'outcome' | 'reason' | 'providerStatus' | 'providerReason'>) {
  return {
    outcome: outcome === 'expired' ? ('expired' as const) : ('dead' as const),
    reason,
    provider_status: providerStatus ?? null,
    provider_reason: providerReason ?? null,
  };
}
