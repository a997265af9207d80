import type { ReceivedPush } from '@reveille/simulator';
import { synapseFixtures } from '@reveille/testing';

import { apnsApp, fcmApp, startRelay, type Relay } from './start-relay';
import { until } from './wait';

/** What a request must become: a push, or the outcome that ends it without one. */
type Expected =
  | { readonly push: object; readonly headers?: object; readonly bytes?: number }
  | { readonly outcome: string; readonly reason: string };

const ROOM = '!VHLBvwuAKiCoErcSPK:hs.test';
const TEXT_IDS = { room_id: ROOM, event_id: '$38SujqnKGt8FR76y5qWB91WT9dIUk1hZAS2W7FyXza0' };
const MENTION_IDS = { room_id: ROOM, event_id: '$0dZZwZqecPyJyFdE6ehUvjetnbROeig_OCs1DrcqNco' };
const ENCRYPTED_IDS = { room_id: ROOM, event_id: '$doHAtngCUL3xBNIpc7Pymp9LxzQoU2DpsmWCHQGhTcw' };
const LONG_IDS = { room_id: ROOM, event_id: '$yyBf6M3oiL52dEdfdE_zWptpIK4GVZVbtJugUciUK_c' };
const INVITE_IDS = { room_id: '!nswkgnHgMmjqIuChEL:hs.test', event_id: '$zzVNSVtR6Lo_NjDzhrJ01NeTKdLUcDTjlk7P-Rih32Y' };
const DM_IDS = { room_id: '!EEEThqUrJcNVHzrzLh:hs.test', event_id: '$1B9ycuyVbiVuqRMwinYWS60d0RtTf0GjuGYv2HunoQ0' };
const ID_ONLY_IDS = { room_id: '!wyaFoweUVbrzTqLqdT:hs.test', event_id: '$_0-jc7UO9JSjbtTtsXk9k1kbkQNhojt0zUj5Tw975jk' };
const TWO_IDS = { room_id: '!OYqPuVaFucIZLqnObz:hs.test', event_id: '$e5MgBeZnBH7qZdAcKHgJWhOurhlVUtpX7v6JdH48JEs' };
const CALL_IDS = { room_id: '!bROSzlmpyBBzUxoBbz:hs.test', event_id: '$v_rACFzr0ao66pP2RzynBEJCFTbwF66J2w95ZIIOOZU' };
const MINIMAL_IDS = { room_id: '!MTOfqWHVGYKmcbNoWn:hs.test', event_id: '$9PhENo_oaVRjCor38PGZrwGl-Q9pSY1ayxefbsOYDrg' };

/** The rest of `default_payload.aps` that the full-format pusher of the recording was set up with. */
const TEMPLATE = { 'content-available': 1, 'mutable-content': 1 };
const alert = (key: string, ...args: string[]) => ({ alert: { 'loc-key': key, 'loc-args': args } });
const LONG_BODY = expect.stringMatching(/^x+$/) as string;

/** By providers.md, section APNs. */
const APNS: Readonly<Record<string, Expected>> = {
  'full-text': {
    push: {
      aps: { ...alert('MSG_FROM_USER_IN_ROOM_WITH_CONTENT', 'Alice A', 'E2E room', 'plain text'), ...TEMPLATE, badge: 1 },
      ...TEXT_IDS,
    },
    headers: { 'apns-priority': '5', 'apns-push-type': 'alert', 'apns-collapse-id': TEXT_IDS.event_id },
  },
  'full-mention': {
    push: {
      aps: {
        ...alert('MSG_FROM_USER_IN_ROOM_WITH_CONTENT', 'Alice A', 'E2E room', 'hi Bob B look'),
        ...TEMPLATE,
        badge: 2,
        sound: 'default',
      },
      ...MENTION_IDS,
    },
    headers: { 'apns-priority': '10' },
  },
  'full-encrypted': {
    push: { aps: { ...alert('MSG_FROM_USER_IN_ROOM', 'Alice A', 'E2E room'), ...TEMPLATE, badge: 5 }, ...ENCRYPTED_IDS },
  },
  'full-60kB-text': {
    push: {
      aps: { ...alert('MSG_FROM_USER_IN_ROOM_WITH_CONTENT', 'Alice A', 'E2E room', LONG_BODY), ...TEMPLATE, badge: 6 },
      ...LONG_IDS,
    },
    bytes: 4096, // all that Apple allows
  },
  invite: {
    push: {
      aps: { ...alert('USER_INVITE_TO_NAMED_ROOM', 'Alice A', 'Invited room'), ...TEMPLATE, badge: 7, sound: 'default' },
      ...INVITE_IDS,
    },
  },
  // No type, so the template is not used (providers.md, 3).
  'badge-only': { push: { aps: { badge: 3 } }, headers: { 'apns-push-type': 'alert', 'apns-collapse-id': 'counts' } },
  'dm-text': {
    push: { aps: { ...alert('MSG_FROM_USER_WITH_CONTENT', 'Alice A', 'in a DM'), badge: 1, sound: 'default' }, ...DM_IDS },
  },
  'event-id-only': { push: { aps: { alert: 'x' }, unread_count: 1, ...ID_ONLY_IDS } },
  'two-pushers': {
    push: { aps: { ...alert('MSG_FROM_USER_IN_ROOM_WITH_CONTENT', 'Alice A', 'E2E room', 'hello'), badge: 1 }, ...TWO_IDS },
  },
  'call-invite': { push: { aps: { ...alert('VOICE_CALL_FROM_USER', 'Alice A'), badge: 3, sound: 'ring' }, ...CALL_IDS } },
  // Its pushkey has 37 characters, which is no base64: no device can have it.
  'badge-only-zero': { outcome: 'rejected', reason: 'malformed-pushkey' },
  'event-id-only-minimal': { push: { unread_count: 1, ...MINIMAL_IDS } },
};

const DATA_TEMPLATE = {
  aps: '{"alert":{"loc-args":[],"loc-key":"Notification"},"content-available":1,"mutable-content":1}',
};
const SENDER = { sender: '@alice-b88178a3:hs.test', sender_display_name: 'Alice A' };
const MESSAGE = { type: 'm.room.message', content_msgtype: 'm.text' };

/** By providers.md, section FCM: the `data` of the push. */
const FCM: Readonly<Record<string, Expected>> = {
  'full-text': {
    push: {
      ...DATA_TEMPLATE,
      ...MESSAGE,
      ...SENDER,
      ...TEXT_IDS,
      room_name: 'E2E room',
      content_body: 'plain text',
      prio: 'normal',
      unread: '1',
    },
  },
  'full-mention': {
    push: {
      ...DATA_TEMPLATE,
      ...MESSAGE,
      ...SENDER,
      ...MENTION_IDS,
      room_name: 'E2E room',
      content_body: 'hi Bob B look',
      prio: 'high',
      unread: '2',
    },
  },
  'full-encrypted': {
    push: {
      ...DATA_TEMPLATE,
      ...SENDER,
      ...ENCRYPTED_IDS,
      type: 'm.room.encrypted',
      room_name: 'E2E room',
      content_algorithm: 'm.megolm.v1.aes-sha2',
      content_ciphertext: 'AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg',
      content_device_id: 'RJYKSTBOIE',
      content_sender_key: 'IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA',
      content_session_id: 'X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ',
      prio: 'high',
      unread: '5',
    },
  },
  'full-60kB-text': {
    push: {
      ...DATA_TEMPLATE,
      ...MESSAGE,
      ...SENDER,
      ...LONG_IDS,
      room_name: 'E2E room',
      // 1024 bytes, of which the ellipsis has three.
      content_body: `${'x'.repeat(1021)}…`,
      prio: 'normal',
      unread: '6',
    },
  },
  invite: {
    push: {
      ...DATA_TEMPLATE,
      ...SENDER,
      ...INVITE_IDS,
      type: 'm.room.member',
      room_name: 'Invited room',
      membership: 'invite',
      content_membership: 'invite',
      content_displayname: 'Bob B',
      prio: 'high',
      unread: '7',
    },
  },
  'badge-only': { push: { ...DATA_TEMPLATE, prio: 'high', unread: '3' } },
  'dm-text': {
    push: {
      ...MESSAGE,
      ...DM_IDS,
      sender: '@alice-18a87dac:hs.test',
      sender_display_name: 'Alice A',
      content_body: 'in a DM',
      prio: 'high',
      unread: '1',
    },
  },
  'event-id-only': { push: { ...ID_ONLY_IDS, aps: '{"alert":"x"}', prio: 'normal', unread: '1' } },
  'two-pushers': {
    push: {
      ...MESSAGE,
      ...TWO_IDS,
      sender: '@alice-5e71edb5:hs.test',
      sender_display_name: 'Alice A',
      room_name: 'E2E room',
      content_body: 'hello',
      prio: 'normal',
      unread: '1',
    },
  },
  'call-invite': {
    push: {
      ...CALL_IDS,
      type: 'm.call.invite',
      sender: '@alice-38e221af:hs.test',
      sender_display_name: 'Alice A',
      content_call_id: '1',
      prio: 'high',
      unread: '3',
    },
  },
  // A count of zero is not sent to Android: nothing is left.
  'badge-only-zero': { outcome: 'skipped', reason: 'nothing-to-send' },
  'event-id-only-minimal': { push: { ...MINIMAL_IDS, prio: 'normal', unread: '1' } },
};

describe.each([
  { provider: 'apns', expected: APNS, app: apnsApp, payloadOf: ({ payload }: ReceivedPush) => payload },
  { provider: 'fcm', expected: FCM, app: fcmApp, payloadOf: ({ payload }: ReceivedPush) => dataOf(payload) },
])('what Synapse really sends, to $provider', ({ expected, app, payloadOf }) => {
  let relay: Relay;
  beforeAll(async () => {
    relay = await startRelay({ apps: (simulator) => ({ 'com.example.*': app(simulator) }) });
  });
  afterAll(() => relay.stop());

  it.each(synapseFixtures())('$name', async ({ name, body, headers }) => {
    const want = expected[name];
    if (want === undefined) throw new Error(`nothing is expected of ${name}`);
    relay.simulator.clearReceived();
    const outcomesBefore = relay.outcomes().length;
    const userAgent = headers.find(([header]) => header === 'User-Agent')?.[1] ?? '';
    const answer = await relay.notify(body, 0, { 'user-agent': userAgent });
    expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });

    const ended = await until(() => relay.outcomes()[outcomesBefore], 'the final outcome');
    const received = relay.simulator.received();
    if ('outcome' in want) {
      expect(ended).toMatchObject(want);
      expect(received).toEqual([]);
      return;
    }
    expect(ended).toMatchObject({ outcome: 'delivered', attempts: 1 });
    expect(received.map(payloadOf)).toEqual([want.push]);
    expect(received[0]).toMatchObject({ status: 200, headers: want.headers ?? {} });
    if (want.bytes !== undefined) expect(Buffer.byteLength(JSON.stringify(received[0]?.payload))).toBe(want.bytes);
  });
});

function dataOf(payload: unknown): unknown {
  return (payload as { message: { data: unknown } }).message.data; // the simulator refuses any other form
}
