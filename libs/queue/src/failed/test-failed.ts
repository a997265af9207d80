import type { Dispatch } from '@reveille/provider';
import { randomUUID } from 'node:crypto';
import type { PutPush } from './put-failed';

export const FAILED_AT = 1_700_000_000_000;

/** A dispatch for tests. */
export function dispatch(fields: Partial<Dispatch> = {}): Dispatch {
  return {
    id: randomUUID(),
    kind: 'event',
    acceptedAt: FAILED_AT - 1000,
    deadline: FAILED_AT,
    deviceHash: 'device-1',
    eventHash: 'event-1',
    roomHash: 'room-1',
    device: { appId: 'a', pushkey: 'p', defaultPayload: { kind: 'absent' } },
    notification: { userIsTarget: false, priority: 'high', counts: {} },
    ...fields,
  };
}

/** A push that failed at `FAILED_AT`. */
export function push(fields: Partial<PutPush> = {}): PutPush {
  return { dispatch: dispatch(), letter: { outcome: 'dead', reason: 'poison' }, failedAt: FAILED_AT, ...fields };
}
