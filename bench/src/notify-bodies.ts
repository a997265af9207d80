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

/** Devices of a request of the burst: ten thousand pushes a second do not come from a homeserver one by one. */
export const FCM_BURST_DEVICES = 10;

interface DeviceFields {
  readonly app_id: string;
  readonly pushkey: string;
  readonly data: object;
}

/** An event-id-only request as Synapse 1.141 sends it, with places for the load generator's serial number. */
function notifyBody(devices: readonly DeviceFields[]): string {
  return JSON.stringify({
    notification: {
      counts: { unread: 1 },
      devices: devices.map(({ app_id, data, pushkey }) => ({ app_id, data, pushkey, pushkey_ts: PUSHKEY_TS })),
      event_id: EVENT_ID,
      prio: 'high',
      room_id: ROOM_ID,
    },
  });
}

const fcmDevice = (pushkey: string): DeviceFields => ({ app_id: FCM_APP, pushkey, data: FCM_DATA });

export const APNS_BODY = notifyBody([{ app_id: APNS_APP, pushkey: APNS_PUSHKEY, data: APNS_DATA }]);
export const FCM_BODY = notifyBody([fcmDevice(FCM_PUSHKEY)]);
export const FCM_BURST_BODY = notifyBody(Array.from({ length: FCM_BURST_DEVICES }, (_, index) => fcmDevice(`${FCM_PUSHKEY}${index}`)));
