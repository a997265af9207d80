import { notifyDevice, uniqueApnsToken, type DeviceFields } from '@reveille/testing';

import { ANDROID, IOS } from './start-relay';

/** A device that no other test knows. */
export interface TestDevice {
  readonly pushkey: string;
  /** Its pushkey as the provider sees it: the filter of `simulator.received`. */
  readonly onWire: string;
  /** As an entry of `devices`; the kit's default fields, and `fields`. */
  readonly wire: DeviceFields;
}

/** Seconds since the epoch: long before any death that a test causes, whatever the clock says. */
const LONG_AGO = 1_600_000_000;

export function iosDevice(fields: DeviceFields = {}): TestDevice {
  const { pushkey, hex } = uniqueApnsToken();
  return { pushkey, onWire: hex, wire: notifyDevice({ app_id: IOS, pushkey, pushkey_ts: LONG_AGO, ...fields }) };
}

export function androidDevice(fields: DeviceFields = {}): TestDevice {
  const pushkey = `registration-${uniqueApnsToken().hex}`;
  return { pushkey, onWire: pushkey, wire: notifyDevice({ app_id: ANDROID, pushkey, pushkey_ts: LONG_AGO, ...fields }) };
}
