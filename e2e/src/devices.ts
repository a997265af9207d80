import { notifyDevice, uniqueApnsToken, type DeviceFields } from '@reveille/testing';

import { ANDROID, IOS } from './start-relay';

/** A device that no other test knows. */
export interface TestDevice {
  readonly appId: string;
  readonly pushkey: string;
  /** Its pushkey as the provider sees it: the filter of `simulator.received`. */
  readonly onWire: string;
  /** As an entry of `devices`; the kit's default fields, and `fields`. */
  readonly wire: DeviceFields;
}

/** Seconds since the epoch: long before any death that a test causes, whatever the clock says. */
const LONG_AGO = 1_600_000_000;

export function iosDevice(fields: DeviceFields = {}, appId = IOS): TestDevice {
  const { pushkey, hex } = uniqueApnsToken();
  return testDevice({ appId, pushkey, onWire: hex }, fields);
}

export function androidDevice(fields: DeviceFields = {}, appId = ANDROID): TestDevice {
  const pushkey = `registration-${uniqueApnsToken().hex}`;
  return testDevice({ appId, pushkey, onWire: pushkey }, fields);
}

function testDevice(device: Omit<TestDevice, 'wire'>, fields: DeviceFields): TestDevice {
  const { appId: app_id, pushkey } = device;
  return { ...device, wire: notifyDevice({ app_id, pushkey, pushkey_ts: LONG_AGO, ...fields }) };
}
