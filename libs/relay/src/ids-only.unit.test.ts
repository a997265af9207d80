import { parseNotifyRequest, type Notification } from '@reveille/notification';
import type { Dispatch } from '@reveille/provider';
import fc from 'fast-check';

import { acceptNotification, type AcceptDeps } from './accept-notification';

const NOW = 1_795_333_200_000;
const MAX_AGE_MS = { event: 3_600_000, call: 60_000, counts: 600_000 };
const SENTINEL = 'Zx81Sentinel';

/** What is queued for the devices of a notification by an app with this policy. */
async function queued(notification: Notification, content: 'full' | 'ids_only'): Promise<Dispatch[]> {
  const dispatches: Dispatch[] = [];
  const deps: AcceptDeps = {
    routeApp: () => ({ kind: 'app', app: { key: 'a', maxAgeMs: MAX_AGE_MS, content } }),
    unknownApp: 'reject',
    hashDevice: () => 'h',
    hashEvent: () => 'e',
    hashRoom: () => 'r',
    newId: () => 'id',
    nextTurn: () => Promise.resolve(),
    now: () => NOW,
    enqueueDispatches: (admissions) => {
      dispatches.push(...admissions.map(({ dispatch }) => dispatch));
      return Promise.resolve({ ok: true, verdicts: admissions.map(() => 'accepted' as const) });
    },
  };
  await acceptNotification(notification, deps);
  return dispatches;
}

const sentinel = fc.constantFrom(SENTINEL, `@${SENTINEL}:example.org`, `${SENTINEL} 🐝`);
const ids = { event_id: fc.constantFrom('$event', ''), room_id: fc.constantFrom('!room', null) };
const notifyBody = fc.record({
  notification: fc.record(
    {
      ...ids,
      type: fc.oneof(sentinel, fc.constantFrom('m.room.message', 'm.call.invite', 'm.rtc.notification')),
      sender: sentinel,
      sender_display_name: sentinel,
      room_name: sentinel,
      room_alias: sentinel,
      membership: sentinel,
      user_is_target: fc.boolean(),
      prio: fc.constantFrom('high', 'low'),
      content: fc.dictionary(sentinel, fc.oneof(sentinel, fc.integer())),
      counts: fc.record({ unread: fc.nat(), missed_calls: fc.nat() }, { requiredKeys: [] }),
      devices: fc.array(
        fc.record(
          {
            app_id: fc.constant('a'),
            pushkey: fc.constant('pushkey'),
            pushkey_ts: fc.nat(),
            tweaks: fc.record({ sound: sentinel, highlight: fc.boolean() }),
            data: fc.record({ default_payload: fc.constant({ aps: { 'mutable-content': 1 } }), format: sentinel }),
          },
          { requiredKeys: ['app_id', 'pushkey'] },
        ),
        { minLength: 1, maxLength: 3 },
      ),
    },
    { requiredKeys: ['devices'] },
  ),
});

it('leaves ids, counts, priority, pushkey and template, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(notifyBody, async (body) => {
      const parsed = parseNotifyRequest(JSON.stringify(body));
      if (!parsed.ok) throw new Error(parsed.error);
      const [full, reduced] = [await queued(parsed.notification, 'full'), await queued(parsed.notification, 'ids_only')];
      expect(JSON.stringify(reduced)).not.toContain(SENTINEL);
      expect(reduced).toHaveLength(full.length);
      for (const [index, { notification, device, ...rest }] of reduced.entries()) {
        const before = full[index];
        // Kind and deadline are those of the whole notification: a call still rings for a minute only.
        const { kind, deadline, eventHash, roomHash } = before ?? {};
        expect(rest).toEqual({ id: 'id', kind, acceptedAt: NOW, deadline, deviceHash: 'h', eventHash, roomHash });
        // toEqual takes an absent key and an undefined one for the same.
        const { eventId, roomId, counts, priority } = before?.notification ?? {};
        expect(notification).toEqual({ userIsTarget: false, counts, priority, eventId, roomId });
        const { sound: _sound, ...ofDevice } = before?.device ?? {};
        expect(device).toEqual(ofDevice);
      }
    }),
  );
});

it('is a choice of each app', async () => {
  const parsed = parseNotifyRequest(
    JSON.stringify({ notification: { sender: SENTINEL, type: 'm.call.invite', event_id: '$e', devices: [{ app_id: 'a', pushkey: 'p' }] } }),
  );
  if (!parsed.ok) throw new Error(parsed.error);
  expect(JSON.stringify(await queued(parsed.notification, 'full'))).toContain(SENTINEL);
  expect(await queued(parsed.notification, 'ids_only')).toMatchObject([{ kind: 'call', deadline: NOW + MAX_AGE_MS.call }]);
});
