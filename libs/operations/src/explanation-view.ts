import type { Explanation as ExplanationView } from '@reveille/admin-api';
import type { Explanation, TracedDevice, TracedDispatch } from '@reveille/queue';

import { toAttemptView } from './failed-views';
import { toIso, toIsoOrNull } from './moments';

export function toExplanationView({ appKey, eventHash, deviceHash, devices, verdict, keptSince, truncated }: Explanation): ExplanationView {
  return {
    app: appKey,
    event_hash: eventHash,
    device_hash: deviceHash,
    devices: devices.map(toDevice),
    verdict,
    kept_since: toIsoOrNull(keptSince),
    truncated,
  };
}

function toDevice({ deviceHash, dispatches, duplicates, toldRejectedAt }: TracedDevice): ExplanationView['devices'][number] {
  return {
    device_hash: deviceHash,
    dispatches: dispatches.map(toDispatch),
    duplicates: duplicates && { count: duplicates.count, last_at: toIso(duplicates.lastAt) },
    told_rejected_at: toIsoOrNull(toldRejectedAt),
  };
}

function toDispatch(dispatch: TracedDispatch): ExplanationView['devices'][number]['dispatches'][number] {
  const { id, acceptedAt, ingress, state, outcome, reason, endedAt, attempts, history, before } = dispatch;
  return {
    id,
    accepted_at: toIsoOrNull(acceptedAt),
    ...{ ingress, state, outcome, reason },
    ended_at: toIsoOrNull(endedAt),
    attempts,
    history: history.map(toAttemptView),
    before: before && { outcome: before.outcome, reason: before.reason, ended_at: toIso(before.endedAt) },
  };
}
