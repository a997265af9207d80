import { readFile, writeFile } from 'node:fs/promises';

import { notifyRequest } from '@reveille/testing';

import { androidDevice, iosDevice } from './devices';
import { ANDROID, apnsApp, fcmApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

const GLOB = 'com.glob.*';

let relay: Relay;
afterEach(() => relay.stop());

/** Serves all apps, then starts an ingress that has only the Android one. Resolves with that ingress's number. */
async function removeApps(grace: string): Promise<number> {
  relay = await startRelay({
    config: { removed_app_grace: grace },
    apps: (simulator) => ({ [IOS]: apnsApp(simulator), [GLOB]: apnsApp(simulator), [ANDROID]: fcmApp(simulator) }),
  });
  expect(await relay.notify(notifyRequest({ devices: [iosDevice().wire] }))).toMatchObject({ status: 200 });
  const [before] = relay.ingresses;
  if (before) await relay.end(before);
  // As written by the kit.
  const config = JSON.parse(await readFile(relay.configFile, 'utf8')) as { apps: Record<string, unknown> };
  const { [ANDROID]: kept } = config.apps;
  await writeFile(relay.configFile, JSON.stringify({ ...config, apps: { [ANDROID]: kept } }));
  await relay.start('ingress');
  return relay.ingresses.length - 1;
}

it('an app that is removed from the configuration by mistake unsubscribes nobody', async () => {
  const ingress = await removeApps('1h');
  const [exact, glob, known] = [iosDevice(), iosDevice({}, 'com.glob.beta'), androidDevice()];
  const request = notifyRequest({ devices: [exact.wire, glob.wire, known.wire] });
  expect(await relay.notify(request, ingress)).toMatchObject({ status: 200, body: { rejected: [] } });
  await relay.pushes(known, 1);
  // One that was never served is rejected as ever.
  const stranger = iosDevice({}, 'org.never');
  expect(await relay.notify(notifyRequest({ devices: [stranger.wire] }), ingress)).toMatchObject({ body: { rejected: [stranger.pushkey] } });

  const alarms = () => relay.ingresses[ingress]?.lines().filter(({ level, msg }) => level === 'error' && msg.includes('removed from the configuration'));
  expect((await until(() => alarms()?.length === 2 && alarms())).map(({ app }) => app)).toEqual([IOS, GLOB]);
  const metrics = await (await fetch(`${relay.ingresses[ingress]?.urls.metrics}/metrics`)).text();
  expect(metrics).toContain(`reveille_ingress_removed_app_pushes_total{app="${IOS}"} 1`);
  expect(metrics).toContain(`reveille_ingress_removed_app_pushes_total{app="${GLOB}"} 1`);
  expect(relay.simulator.received({ pushkey: exact.onWire })).toEqual([]);
});

it('after the grace its pushkeys are rejected', async () => {
  const ingress = await removeApps('2s');
  const device = iosDevice();
  const rejected = async () => {
    const answer = await relay.notify(notifyRequest({ devices: [device.wire] }), ingress);
    return answer.status === 200 && JSON.stringify(answer.body) === JSON.stringify({ rejected: [device.pushkey] });
  };
  await until(rejected, 'the rejection');
});
