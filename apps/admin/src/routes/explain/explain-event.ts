import { explainAnswer, explainBody, type Explanation as ExplanationView } from '@reveille/admin-api';
import type { Explain, Explanation, TracedDevice, TracedDispatch } from '@reveille/queue';
import type { KeyedHash } from '@reveille/relay';

import type { AppDirectory } from '../../app-directory';
import { toIso } from '../../apps-overview';
import { ok } from '../answers';
import { toAttemptView } from '../failed/failed-views';
import { defineRoute, type Route } from '../route';

export interface ExplainDeps {
  readonly explain: Explain;
  readonly directory: AppDirectory;
  /** Throws while its key is not loaded. */
  readonly hash: () => KeyedHash;
}

export function explainEvent({ explain, directory, hash }: ExplainDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/explain',
    right: 'viewer',
    summary: 'Why did this device not get its push?',
    body: explainBody,
    answers: { 200: explainAnswer },
    async run({ body: { app, event_id, pushkey } }) {
      const appKey = directory.mustFind(app);
      const deviceHash = pushkey === undefined ? undefined : hash().device(directory.mustBeAppId(app).appId, pushkey);
      return ok(toView(await explain({ appKey, eventHash: hash().event(event_id), deviceHash })));
    },
  });
}

function toView({ appKey, eventHash, deviceHash, devices, verdict, keptSince, truncated }: Explanation): ExplanationView {
  return {
    app: appKey,
    event_hash: eventHash,
    device_hash: deviceHash,
    devices: devices.map(toDevice),
    verdict,
    kept_since: isoOrNull(keptSince),
    truncated,
  };
}

function toDevice({ deviceHash, dispatches, duplicates, toldRejectedAt }: TracedDevice): ExplanationView['devices'][number] {
  return {
    device_hash: deviceHash,
    dispatches: dispatches.map(toDispatch),
    duplicates: duplicates && { count: duplicates.count, last_at: toIso(duplicates.lastAt) },
    told_rejected_at: isoOrNull(toldRejectedAt),
  };
}

function toDispatch(dispatch: TracedDispatch): ExplanationView['devices'][number]['dispatches'][number] {
  const { id, acceptedAt, ingress, state, outcome, reason, endedAt, attempts, history, before } = dispatch;
  return {
    id,
    accepted_at: isoOrNull(acceptedAt),
    ...{ ingress, state, outcome, reason },
    ended_at: isoOrNull(endedAt),
    attempts,
    history: history.map(toAttemptView),
    before: before && { outcome: before.outcome, reason: before.reason, ended_at: toIso(before.endedAt) },
  };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : toIso(ms);
}
