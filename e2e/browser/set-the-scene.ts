import { createStatsRecorder } from '@reveille/queue';
import { notifyRequest, uniqueEventId } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from '../src/devices';
import { ANDROID, apnsApp, askAdmin, fcmApp, IOS, type Relay, type RelayOptions } from '../src/start-relay';
import { until } from '../src/wait';
import { withRedis } from '../src/with-redis';

export const PARKED = 'com.example.parked';
export const STORMY = 'com.example.stormy';
/** Long names happen. */
export const LONG = 'org.example.a-rather-long-name-of-an-application.for.the.enterprise.edition.*';
const REFUSED = 40;
/** Of those, before the replay is paused. */
const REPLAYED = 8;
const MALFORMED = 3;
/** Enough for the storm breaker, by default. */
const DEAD = 60;
const MINUTE_MS = 60_000;

export const SCENE: RelayOptions = {
  apps: (simulator) => ({
    [IOS]: apnsApp(simulator),
    [ANDROID]: fcmApp(simulator),
    [PARKED]: apnsApp(simulator),
    [STORMY]: apnsApp(simulator),
    [LONG]: apnsApp(simulator),
  }),
};

/** Something of everything that the page can show. */
export interface Scene {
  /** An event whose push failed. */
  readonly eventId: string;
  /** A device that is gone. */
  readonly gone: TestDevice;
  /** A replay that is paused half-way. */
  readonly replayId: string;
}

export async function setTheScene(relay: Relay): Promise<Scene> {
  const { simulator } = relay;
  const send = async (device: TestDevice, eventId = uniqueEventId()): Promise<string> => {
    await relay.notify(notifyRequest({ event_id: eventId, devices: [device.wire] }));
    return eventId;
  };
  const sendTo = async (devices: readonly TestDevice[]): Promise<string[]> => Promise.all(devices.map((device) => send(device)));
  const ios = (count: number, app = IOS): TestDevice[] => Array.from({ length: count }, () => iosDevice({}, app));
  await rememberAnHour(relay.redisUrl);

  const refused = ios(REFUSED);
  for (const { onWire } of refused) simulator.command({ pushkey: onWire, answer: { status: 413, reason: 'PayloadTooLarge' } });
  const malformed = ios(MALFORMED);
  for (const { onWire } of malformed) simulator.command({ pushkey: onWire, answer: { status: 400, reason: 'BadPriority' } });
  const [gone] = ios(1);
  if (!gone) throw new Error('no device');
  simulator.command({ pushkey: gone.onWire, answer: { status: 410, reason: 'Unregistered' } });
  const parked = ios(4, PARKED);
  for (const { onWire } of parked) simulator.command({ pushkey: onWire, answer: { status: 403, reason: 'InvalidProviderToken' } });
  const stormy = ios(DEAD, STORMY);
  for (const { onWire } of stormy) simulator.command({ pushkey: onWire, answer: { status: 400, reason: 'DeviceTokenNotForTopic' } });
  const [eventId = ''] = await sendTo(refused);
  const calm = [...ios(40), ...Array.from({ length: 25 }, () => androidDevice())];
  await sendTo([...malformed, gone, ...calm]);
  await until(() => relay.outcomes().filter(({ outcome }) => outcome === 'delivered').length >= calm.length, 'what is delivered');
  await sendTo(parked);
  await sendTo(stormy);

  const admin = async (path: string, body: object): Promise<unknown> => {
    const answer = await askAdmin(relay, `/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  await admin(`apps/${ANDROID}/pause`, { reason: 'new service account' });
  await sendTo(Array.from({ length: 7 }, () => androidDevice()));
  await until(async () => (await statesOf(relay)).includes('parked'), 'the parked app');
  await until(() => relay.outcomes().filter(({ outcome }) => outcome === 'dead').length >= REFUSED + MALFORMED, 'the failures');
  for (const { onWire } of refused) simulator.command({ pushkey: onWire, answer: { status: 200 } });
  const started = await admin('replays', { filter: { app: IOS, provider_status: 413 }, rate: 4 });
  const replayId = (started as { id: string }).id; // apps/admin/src/api/replays.ts
  await until(async () => (await replayed(relay, replayId)) >= REPLAYED, 'the replay to be under way');
  await admin(`replays/${replayId}/pause`, {});
  return { eventId, gone, replayId };
}

async function statesOf(relay: Relay): Promise<string[]> {
  const answer = await askAdmin(relay, '/api/v1/apps');
  const { apps } = (await answer.json()) as { apps: { state: string }[] }; // apps/admin/src/api/apps.ts
  return apps.map(({ state }) => state);
}

async function replayed(relay: Relay, id: string): Promise<number> {
  const answer = await askAdmin(relay, `/api/v1/replays/${id}`);
  return ((await answer.json()) as { done: number }).done; // apps/admin/src/api/replays.ts
}

/** Gives the charts an hour that looks like one, each time the same. */
async function rememberAnHour(url: string): Promise<void> {
  const start = Date.now() - 60 * MINUTE_MS;
  await withRedis(url, async (redis) => {
    // The minute that runs included, in case it ends before anybody looks.
    for (let minute = 0; minute <= 60; minute++) {
      const recorder = createStatsRecorder({ redis, prefix: 'reveille', now: () => start + minute * MINUTE_MS });
      const busy = Math.round(900 + 250 * Math.sin(minute / 9) + 60 * Math.sin(minute * 2.3));
      const out = minute > 37 && minute < 45;
      for (const [app, share] of [[IOS, 1], [ANDROID, 0.6]] as const) {
        const accepted = Math.round(busy * share);
        const failed = out && app === IOS ? Math.round(accepted * 0.4) : 0;
        recorder.count(app, 'accepted', accepted);
        recorder.count(app, 'dead', failed);
        recorder.count(app, 'rejected', Math.round(accepted * 0.02));
        for (let each = 0; each < 20; each++) recorder.delivered(app, 40 + ((each * 37) % 160));
        recorder.count(app, 'delivered', Math.round(accepted * 0.97) - failed - 20);
      }
      await recorder.close();
    }
  });
}
