/** The wire form of a device in `POST /_matrix/push/v1/notify`; wrong types are allowed, for tests of bad input. */
export type DeviceFields = Readonly<Record<string, unknown>>;
export type NotificationFields = Readonly<Record<string, unknown>>;

let lastNumber = 0;

/** An event id that no other call of this process has made. */
export function uniqueEventId(): string {
  lastNumber += 1;
  return `$event-${process.pid}-${lastNumber}-${Math.random().toString(36).slice(2)}`;
}

/** A device token as APNs gives it (32 bytes), new each time: `pushkey` as an app sends it, `hex` as Apple sees it. */
export function uniqueApnsToken(): { readonly pushkey: string; readonly hex: string } {
  lastNumber += 1;
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(lastNumber, 0);
  bytes.writeUInt32BE(process.pid, 4);
  for (let index = 8; index < bytes.length; index += 1) bytes[index] = Math.floor(Math.random() * 256);
  return { pushkey: bytes.toString('base64'), hex: bytes.toString('hex') };
}

/** A device of `com.example.ios` with a live-looking pushkey, as Synapse sends it; `fields` replace or add. */
export function notifyDevice(fields: DeviceFields = {}): DeviceFields {
  return {
    app_id: 'com.example.ios',
    pushkey: uniqueApnsToken().pushkey,
    pushkey_ts: 1_795_333_197,
    data: { format: 'event_id_only' },
    tweaks: {},
    ...fields,
  };
}

/**
 * A whole request body in the `event_id_only` format for one new device and a new event; `fields` replace or add:
 * `notifyRequest({ prio: 'low', devices: [notifyDevice({ app_id: 'x' })] })`.
 */
export function notifyRequest(fields: NotificationFields = {}): { readonly notification: NotificationFields } {
  return {
    notification: {
      event_id: uniqueEventId(),
      room_id: '!room:example.org',
      prio: 'high',
      counts: { unread: 1 },
      devices: [notifyDevice()],
      ...fields,
    },
  };
}

/** As `notifyRequest`, in the full format: a text message from Alice. */
export function fullNotifyRequest(fields: NotificationFields = {}): { readonly notification: NotificationFields } {
  return notifyRequest({
    id: '$same-as-event-id',
    type: 'm.room.message',
    sender: '@alice:example.org',
    sender_display_name: 'Alice',
    room_name: 'Kitchen',
    content: { msgtype: 'm.text', body: 'dinner?' },
    devices: [notifyDevice({ data: {} })],
    ...fields,
  });
}

/** An update of the unread counts as Synapse sends it: empty and null fields, no event. */
export function countsRequest(unread: number, device: DeviceFields): { readonly notification: NotificationFields } {
  return { notification: { id: '', type: null, sender: '', counts: { unread }, devices: [device] } };
}
