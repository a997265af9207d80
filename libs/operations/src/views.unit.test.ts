import { auditEntrySchema, causeSchema, explainAnswer, failedAnswer, previewSchema, rejectionAnswer, replaySchema, shownAnswer } from '@reveille/admin-api';
import type { FailedItem, Replay, TracedDispatch } from '@reveille/queue';
import { z } from 'zod';

import { toAuditEntryView } from './audit-view';
import { toExplanationView } from './explanation-view';
import { toCause, toPageView, toShownView } from './failed-views';
import { toRejectionView } from './rejection-view';
import { toPreviewView, toReplayView } from './replay-views';

const AT = Date.parse('2026-01-31T12:00:00Z');
const ISO = '2026-01-31T12:00:00.000Z';
const app = 'com.example.ios';
const bare: FailedItem = { id: 'dispatch-1', app, outcome: 'dead', reason: 'unreadable', failedAt: AT, attempts: 0, replayed: 0 };
const whole = { ...bare, providerStatus: 410, providerReason: 'Unregistered', acceptedAt: AT, deadline: AT, eventHash: 'e', roomHash: 'r', deviceHash: 'd' };
const history = [{ at: AT, reason: 'provider-unavailable', status: 503, provider_reason: 'Shutdown' }];
const notSent = { expired: 1, superseded: 2, already_delivered: 3, rejected: 4, parked: 5, unreadable: 6, gone: 7 };
const replay: Replay = {
  ...{ id: 'replay-1', state: 'running', by: 'alice', createdAt: AT, includeExpired: true, rate: 100, matched: 40, done: 28, waiting: 12, notSent },
  filter: { app, outcome: 'dead', providerStatus: null, since: AT, eventHash: 'e', ids: ['dispatch-1'] },
  ends: { delivered: 0, rejected: 0, skipped: 0, superseded: 0, expired: 0, dead: 0 },
  waitsFor: [{ app, why: 'queue' }],
};
const waiting: TracedDispatch = {
  ...{ id: 'dispatch-2', acceptedAt: null, ingress: null, state: 'parked', outcome: null, reason: null, endedAt: null, attempts: 0 },
  ...{ history: [], before: null },
};

/** What the schema does not name would leave the relay unseen. */
function mustFit(schema: z.ZodObject, view: object): void {
  expect(z.strictObject(schema.shape).parse(view)).toEqual(view);
}

it.each([bare, whole])('shows a failed push by the contract of the API, whatever is known of it', (item) => {
  mustFit(failedAnswer, toPageView({ total: 1, items: [item], next: null, unreachable: [] }));
  mustFit(shownAnswer, toShownView({ ...item, priority: 'high', history, raw: { attempts: '3' } }));
});

it('shows a cause by the contract of the API', () => {
  const view = toCause({ app, outcome: 'expired', reason: 'deadline', count: 2, firstAt: AT, lastAt: AT });
  mustFit(causeSchema, view);
  expect(view).toMatchObject({ provider_status: null, first_at: ISO });
});

it('shows a replay by the contract of the API', () => {
  const view = toReplayView(replay);
  mustFit(replaySchema, view);
  expect(view.filter).toEqual({ app, outcome: 'dead', provider_status: null, since: ISO, event_hash: 'e', ids: ['dispatch-1'] });
  expect(view.outcomes).toMatchObject({ waiting: 12, not_sent: 28 });
});

it('counts what is gone with the unreadable in a preview', () => {
  const view = toPreviewView({ matched: 40, wouldSend: 12, notSent, isEstimated: false });
  mustFit(previewSchema, view);
  expect(view.unreadable).toBe(13);
});

it.each([undefined, { diedAt: AT, reason: 'Unregistered', told: 1, firstTold: AT, lastTold: AT }])('shows what is known of a device: %j', (known) => {
  const view = toRejectionView(app, 'd', known);
  mustFit(rejectionAnswer, view);
  expect(view).toMatchObject({ known: known !== undefined, since: known ? ISO : null });
});

it('shows an explanation by the contract of the API', () => {
  const ended: TracedDispatch = { ...waiting, state: 'ended', acceptedAt: AT, history, before: { outcome: 'expired', reason: 'deadline', endedAt: AT } };
  const devices = [{ deviceHash: 'd', dispatches: [waiting, ended], duplicates: { count: 1, lastAt: AT }, toldRejectedAt: null }];
  mustFit(explainAnswer, toExplanationView({ appKey: app, eventHash: 'e', deviceHash: null, devices, verdict: 'it waits', keptSince: AT, truncated: false }));
});

it('shows an entry of the audit by the contract of the API', () => {
  mustFit(auditEntrySchema, toAuditEntryView({ id: '1-0', at: AT, actor: 'alice', role: 'operator', via: 'cli', action: 'app.drain' }));
});
