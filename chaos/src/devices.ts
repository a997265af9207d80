import { createHash } from 'node:crypto';

export const APPS = {
  ios: 'com.example.ios',
  iosBeta: 'com.example.ios.beta',
  android: 'com.example.android',
  androidBeta: 'com.example.android.beta',
} as const;

const APP_IDS = Object.values(APPS);
const APNS_APPS: ReadonlySet<string> = new Set([APPS.ios, APPS.iosBeta]);

/** Long before any death that a scenario causes, whatever the clocks say. Seconds since the epoch. */
const PUSHKEY_TS = 1_600_000_000;
/** One device of an app in so many is dead at the provider: its pushkey is to be rejected, and no other. */
const DEAD_EVERY = 100;

/** One installation of an app, with its pusher at a homeserver. */
export interface ChaosDevice {
  readonly appId: string;
  /** As the homeserver knows it. */
  readonly pushkey: string;
  /** As the provider sees it. */
  readonly onWire: string;
  readonly provider: 'apns' | 'fcm';
  /** Dead at the provider. */
  readonly isDead: boolean;
}

/** `count` devices, spread over the apps; the same ones for the same seed. */
export function makeDevices(count: number, seed: number): ChaosDevice[] {
  return Array.from({ length: count }, (_, index) => makeDevice(index, seed));
}

function makeDevice(index: number, seed: number): ChaosDevice {
  const appId = APP_IDS[index % APP_IDS.length] ?? APPS.ios;
  const isDead = Math.floor(index / APP_IDS.length) % DEAD_EVERY === DEAD_EVERY - 1;
  const bytes = createHash('sha256').update(`${seed}:${index}`).digest();
  if (APNS_APPS.has(appId)) {
    return { appId, pushkey: bytes.toString('base64'), onWire: bytes.toString('hex'), provider: 'apns', isDead };
  }
  const pushkey = `registration-${bytes.toString('hex')}`;
  return { appId, pushkey, onWire: pushkey, provider: 'fcm', isDead };
}

/** The device as an entry of `devices`. */
export function wireDevice({ appId, pushkey }: ChaosDevice, isIdsOnly: boolean): Record<string, unknown> {
  return {
    app_id: appId,
    pushkey,
    pushkey_ts: PUSHKEY_TS,
    data: isIdsOnly ? { format: 'event_id_only' } : {},
    tweaks: {},
  };
}
