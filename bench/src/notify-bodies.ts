import { SERIAL_PLACEHOLDER } from './workers/load-protocol';

/** The apps of the configuration under test. */
export const APNS_APP = 'com.example.ios';
export const FCM_APP = 'com.example.android';

const ROOM_ID = '!wyaFoweUVbrzTqLqdT:example.org';
const PUSHKEY_TS = 1_795_333_200;
const FILLER = 'qDwv8Zk3yT1mBzR5sXcVbNaLjHgFdSpo';

/** The place of the serial number and letters and digits that stay, `length` characters together. */
function unique(length: number): string {
  return (SERIAL_PLACEHOLDER + FILLER.repeat(Math.ceil(length / FILLER.length))).slice(0, length);
}

/** 43 characters after the `$`, as event ids of current room versions have. */
const EVENT_ID = `$${unique(43)}`;
/** 32 bytes in base64, as an iOS app registers its device token. */
const APNS_PUSHKEY = `${unique(43)}=`;
/** As long as registration tokens of FCM are: 163 characters. */
const FCM_PUSHKEY = `dGVzdA${unique(16)}:APA91b${unique(134)}`;

/** What Element iOS registers: a template that its notification extension fills in. */
const APNS_DATA = {
  format: 'event_id_only',
  default_payload: { aps: { 'mutable-content': 1, alert: { 'loc-key': 'Notification', 'loc-args': [] } } },
};
const FCM_DATA = { format: 'event_id_only' };

/** An event-id-only request as Synapse 1.141 sends it, with places for the load generator's serial number. */
function notifyBody(appId: string, pushkey: string, data: object): string {
  return JSON.stringify({
    notification: {
      counts: { unread: 1 },
      devices: [{ app_id: appId, data, pushkey, pushkey_ts: PUSHKEY_TS }],
      event_id: EVENT_ID,
      prio: 'high',
      room_id: ROOM_ID,
    },
  });
}

export const APNS_BODY = notifyBody(APNS_APP, APNS_PUSHKEY, APNS_DATA);
export const FCM_BODY = notifyBody(FCM_APP, FCM_PUSHKEY, FCM_DATA);
