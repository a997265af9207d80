import type { Dispatch, Rejected, SendOutcome } from '@reveille/provider';
import { dispatchNotification, type DispatchDeps } from './dispatch-notification';

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

function wire(outcome: SendOutcome, newest = true) {
  const calls: string[] = [];
  const deps: DispatchDeps = {
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
      return Promise.resolve();
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
  const newest = wire(delivered, true);
  expect(await dispatchNotification(dispatch({ kind: 'counts' }), newest.deps)).toBe(delivered);
  const older = wire(delivered, false);
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
