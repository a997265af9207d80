import type { Delivery } from './delivery';
import type { ChaosDevice } from './devices';
import type { SentPush } from './homeserver';

/** A device for the tests of the books. */
export function testDevice(name: string, isDead = false): ChaosDevice {
  return { appId: 'com.example.ios', pushkey: name, onWire: `wire-${name}`, provider: 'apns', isDead };
}

/** An event that was acknowledged at the first try, unless `fields` say otherwise. */
export function testPush(key: string, device: ChaosDevice, fields: Partial<SentPush> = {}): SentPush {
  const push = { key, kind: 'event' as const, device, body: '', firstTriedAt: 0, tries: 1, acknowledgedAt: 100, wasRejected: false };
  return { ...push, ...fields };
}

/** A push that the provider took, unless `fields` say otherwise. */
export function testDelivery(key: string, { onWire }: ChaosDevice, fields: Partial<Delivery> = {}): Delivery {
  return { onWire, key, status: 200, at: 150, apnsId: `id-${key}`, collapseId: key, ...fields };
}
