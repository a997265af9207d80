import { pick, type Random } from './random';
import { wireDevice, type ChaosDevice } from './devices';

export type PushKind = 'event' | 'counts' | 'call';

/** One notification for one device, as a homeserver has to bring it to the relay. */
export interface ChaosPush {
  /** The event's id; for counts the device's number of the update. The provider gets it too. */
  readonly key: string;
  readonly kind: PushKind;
  readonly device: ChaosDevice;
  /** The request's body, the same for every try. */
  readonly body: string;
}

/** In 100 pushes; the rest are events of which only the ids are known. */
const SHARES = { counts: 10, call: 5, full: 15 } as const;
const PERCENT = 100;
const LOW_SHARE = 0.3;
/** As Element's call invite. Milliseconds. */
const CALL_LIFETIME_MS = 60_000;

/** Makes pushes, every one with a key of its own. */
export function createPushFactory(random: Random, seed: number): (devices: readonly ChaosDevice[]) => ChaosPush {
  const counts = new Map<ChaosDevice, number>();
  let made = 0;
  return (devices) => {
    made += 1;
    const device = pick(random, devices);
    const eventId = `$chaos-${seed}-${made}`;
    const draw = random() * PERCENT;
    if (draw < SHARES.counts) {
      const unread = (counts.get(device) ?? 0) + 1;
      counts.set(device, unread);
      return push('counts', countsKey(unread), device, { id: '', type: null, sender: '', counts: { unread } });
    }
    const prio = random() < LOW_SHARE ? 'low' : 'high';
    if (draw < SHARES.counts + SHARES.call) return push('call', eventId, device, { ...callFields(eventId), prio: 'high' });
    if (draw < SHARES.counts + SHARES.call + SHARES.full) {
      return push('event', eventId, device, { ...messageFields(eventId), prio });
    }
    return push('event', eventId, device, { event_id: eventId, room_id: '!room:example.org', prio, counts: { unread: 1 } });
  };
}

/** How an update of the counts is named in the books. */
export function countsKey(unread: number): string {
  return `counts-${unread}`;
}

function push(kind: PushKind, key: string, device: ChaosDevice, fields: Record<string, unknown>): ChaosPush {
  const isIdsOnly = kind === 'event' && !('type' in fields);
  return { key, kind, device, body: JSON.stringify({ notification: { ...fields, devices: [wireDevice(device, isIdsOnly)] } }) };
}

function messageFields(eventId: string): Record<string, unknown> {
  return {
    id: eventId,
    event_id: eventId,
    room_id: '!room:example.org',
    type: 'm.room.message',
    sender: '@alice:example.org',
    sender_display_name: 'Alice',
    room_name: 'Kitchen',
    content: { msgtype: 'm.text', body: 'dinner?' },
    counts: { unread: 1 },
  };
}

function callFields(eventId: string): Record<string, unknown> {
  return {
    ...messageFields(eventId),
    type: 'm.call.invite',
    content: { lifetime: CALL_LIFETIME_MS, offer: { type: 'offer' } },
  };
}
