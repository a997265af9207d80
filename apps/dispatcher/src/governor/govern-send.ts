import type { Deferred, Dispatch, SendOutcome } from '@reveille/provider';
import type { DispatchDeps, Faulted } from '@reveille/relay';
import type { Budget } from './budget';
import type { DeviceQuota } from './device-quota';

export interface GovernOptions {
  /** Undefined: the app has no quota of its own that is known. */
  readonly budget: Budget | undefined;
  readonly devices: DeviceQuota;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onEvent: (event: GovernorEvent) => void;
}

/** What the governor did, for the metrics: a push had to wait, or the provider refused one; for whose quota. */
export interface GovernorEvent {
  readonly kind: 'waits' | 'refused';
  readonly scope: 'app' | 'device';
}

const TOO_MANY_REQUESTS = 429;
/** How long a push waits whose device was refused without a time, in milliseconds; Firebase: 60 s. */
const DEVICE_RETRY_MS = 60_000;

type Send = DispatchDeps['send'];

/** Asks the provider only for what it would take: see ADR 22. Throws only what Redis throws. */
export function governSend(send: (dispatch: Dispatch) => Promise<SendOutcome | Faulted>, options: GovernOptions): Send {
  const { budget, devices, now, onEvent } = options;

  const judge = async (outcome: SendOutcome | Faulted, dispatch: Dispatch, startedAt: number): Promise<SendOutcome | Faulted> => {
    if (wasNotAsked(outcome)) {
      budget?.giveBack();
      devices.giveBack(dispatch.deviceHash);
      return outcome;
    }
    if (outcome.kind !== 'deferred' || outcome.answer?.status !== TOO_MANY_REQUESTS) return outcome;
    return refused(outcome, dispatch, startedAt);
  };
  const refused = async (outcome: Deferred, { deviceHash }: Dispatch, startedAt: number): Promise<Deferred> => {
    if (outcome.quota === undefined) {
      // TooManyRequests of Apple's; TooManyProviderTokenUpdates, for all of the app, is no matter of pushes.
      if (outcome.scope === 'push') devices.refused(deviceHash, outcome.retryAfterMs);
      onEvent({ kind: 'refused', scope: outcome.scope === 'push' ? 'device' : 'app' });
      return outcome;
    }
    const { namedMs } = outcome.quota;
    if (devices.isBusy(deviceHash)) {
      // FCM does not say whose quota it was. That of a device which gets so many is likelier than that of all.
      devices.refused(deviceHash, namedMs);
      onEvent({ kind: 'refused', scope: 'device' });
      return { kind: 'deferred', reason: outcome.reason, scope: 'push', retryAfterMs: namedMs ?? DEVICE_RETRY_MS, ...withAnswer(outcome) };
    }
    onEvent({ kind: 'refused', scope: 'app' });
    if (budget === undefined) return outcome;
    const holdMs = await budget.refused(startedAt, namedMs);
    return { ...outcome, quota: { ...outcome.quota, holdMs } };
  };

  return async (dispatch) => {
    const deviceWaitMs = await devices.take(dispatch.deviceHash);
    if (deviceWaitMs !== undefined) {
      onEvent({ kind: 'waits', scope: 'device' });
      return { kind: 'over-quota', waitMs: Math.max(1, Math.min(deviceWaitMs, dispatch.deadline - now())) };
    }
    if (budget !== undefined && !(await budget.take(dispatch.notification.priority))) {
      onEvent({ kind: 'waits', scope: 'app' });
      devices.giveBack(dispatch.deviceHash);
      return { kind: 'over-quota' };
    }
    const startedAt = now();
    if (startedAt >= dispatch.deadline) {
      budget?.giveBack();
      devices.giveBack(dispatch.deviceHash);
      return { kind: 'expired' };
    }
    return judge(await send(dispatch), dispatch, startedAt);
  };
}

/** It ended before the provider was asked: nothing of a quota was used. */
function wasNotAsked(outcome: SendOutcome | Faulted): boolean {
  switch (outcome.kind) {
    case 'skipped':
      return true;
    case 'rejected':
    case 'undeliverable':
      return outcome.answer === undefined;
    // Perhaps it was: what is not known counts.
    case 'delivered':
    case 'deferred':
    case 'parked':
    case 'faulted':
      return false;
    default:
      return outcome satisfies never;
  }
}

function withAnswer({ answer }: Deferred): Pick<Deferred, 'answer'> {
  return answer ? { answer } : {};
}
