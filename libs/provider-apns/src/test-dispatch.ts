import type { Device, JsonObject, Notification } from '@reveille/notification';
import type { Dispatch } from '@reveille/provider';

type Facts = Omit<Notification, 'devices'>;

/** Parts of a dispatch that a test is about; `template` is the app's `default_payload`. */
export interface TestDispatch {
  readonly facts?: Partial<Facts>;
  readonly device?: Partial<Device>;
  readonly template?: JsonObject;
  readonly dispatch?: Partial<Omit<Dispatch, 'device' | 'notification'>>;
}

/** 32 bytes, as Apple's device tokens have. */
export const TOKEN_HEX = '00ff10'.padEnd(64, 'ab');
export const PUSHKEY = Buffer.from(TOKEN_HEX, 'hex').toString('base64');

/** A dispatch for tests: one event without a type, counts or template, unless told otherwise. */
export function testDispatch({ facts, device, template, dispatch }: TestDispatch = {}): Dispatch {
  return {
    id: '5f0c9c3e-6a0e-4e2b-9c5b-0f6f7f0e1a2b',
    kind: 'event',
    acceptedAt: 1_790_000_000_000,
    deadline: 1_790_003_600_999,
    deviceHash: 'hash',
    ...dispatch,
    notification: { userIsTarget: false, priority: 'high', counts: {}, ...facts },
    device: {
      appId: 'com.example.app',
      pushkey: PUSHKEY,
      defaultPayload: template === undefined ? { kind: 'absent' } : { kind: 'object', value: template },
      ...device,
    },
  };
}
