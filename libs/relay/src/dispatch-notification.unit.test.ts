import type { Dispatch, Rejected, SendOutcome } from '@reveille/provider';
import { dispatchNotification, type DispatchDeps, type RejectionFate } from './dispatch-notification';

const NOW = 1000;

function dispatch(fields: Partial<Dispatch> = {}): Dispatch {
  return {
    id: 'id',
    kind: 'event',
    acceptedAt: 0,
    deadline: NOW + 1,
    deviceHash: 'hash',
    device: { appId: 'a', pushkey: 'p', defaultPayload: { kind: 'absent' } },
    notification: { userIsTarget: false, priority: 'high', counts: {} },
    ...fields,
  };
}

interface Wiring {
  readonly newest?: boolean;
  readonly fate?: RejectionFate;
  /** Milliseconds. */
  readonly waitInStorm?: number;
}

function wire(outcome: SendOutcome, { newest = true, fate = { kind: 'remembered' }, waitInStorm }: Wiring = {}) {
  const calls: string[] = [];
  const deps: DispatchDeps = {
    waitInStorm: () => Promise.resolve(waitInStorm),
    send: () => {
      calls.push('send');
      return Promise.resolve(outcome);
    },
    isNewestCounts: () => {
      calls.push('is newest?');
      return Promise.resolve(newest);
    },
    rememberRejection: (_dispatch, { reason }) => {
      calls.push(`remember ${reason}`);
      return Promise.resolve(fate);
    },
    now: () => NOW,
  };
  return { deps, calls };
}

const delivered: SendOutcome = { kind: 'delivered', answer: { status: 200, reason: 'ok', latencyMs: 1 } };
const rejected: Rejected = { kind: 'rejected', reason: 'Unregistered', diedAt: 5, suspect: false };

it('sends an event and asks nobody else', async () => {
  const { deps, calls } = wire(delivered);
  expect(await dispatchNotification(dispatch(), deps)).toBe(delivered);
  expect(calls).toEqual(['send']);
});

it('sends nothing at its deadline or after', async () => {
  const { deps, calls } = wire(delivered);
  expect(await dispatchNotification(dispatch({ deadline: NOW }), deps)).toEqual({ kind: 'expired' });
  expect(calls).toEqual([]);
});

it('sends the newest update of the counts, and no older one', async () => {
  const newest = wire(delivered);
  expect(await dispatchNotification(dispatch({ kind: 'counts' }), newest.deps)).toBe(delivered);
  const older = wire(delivered, { newest: false });
  expect(await dispatchNotification(dispatch({ kind: 'counts' }), older.deps)).toEqual({ kind: 'superseded' });
  expect(older.calls).toEqual(['is newest?']);
});

it('remembers a rejection before the outcome counts', async () => {
  const { deps, calls } = wire(rejected);
  expect(await dispatchNotification(dispatch(), deps)).toBe(rejected);
  expect(calls).toEqual(['send', 'remember Unregistered']);
});

it('has no outcome when the rejection could not be remembered', async () => {
  const { deps } = wire(rejected);
  const failing = { ...deps, rememberRejection: () => Promise.reject(new Error('Redis is away')) };
  await expect(dispatchNotification(dispatch(), failing)).rejects.toThrow('Redis is away');
});

describe('in a storm of rejections', () => {
  const LATER = NOW + 3_600_000;

  it('tries a push again whose rejection is held, and keeps what the provider said', async () => {
    const answer = { status: 400, reason: 'DeviceTokenNotForTopic', latencyMs: 1 };
    const { deps } = wire({ ...rejected, answer }, { fate: { kind: 'held', retryAfterMs: 30_000 } });
    expect(await dispatchNotification(dispatch({ deadline: LATER }), deps)).toEqual({
      kind: 'held-back', reason: 'rejection-storm', retryAfterMs: 30_000, answer, rejection: { ...rejected, answer },
    });
  });

  it('sends nothing to a pushkey that is to wait', async () => {
    const { deps, calls } = wire(delivered, { waitInStorm: 30_000 });
    expect(await dispatchNotification(dispatch({ deadline: LATER }), deps)).toEqual({
      kind: 'held-back', reason: 'rejection-storm', retryAfterMs: 30_000,
    });
    expect(calls).toEqual([]);
  });

  it.each([
    ['a second before its deadline', 10_000, 9_000],
    ['at once when that is over', 500, 0],
  ])('tries it a last time %s', async (_name, left, retryAfterMs) => {
    const { deps } = wire(rejected, { fate: { kind: 'held', retryAfterMs: 30_000 } });
    expect(await dispatchNotification(dispatch({ deadline: NOW + left }), deps)).toMatchObject({ retryAfterMs });
  });
});
