import { notifyRequest, startTestSentinel, type TestSentinel } from '@reveille/testing';

import { iosDevice, type TestDevice } from './devices';
import { expectReady, notifyUntilAccepted } from './failover';
import { startRelay, type Relay } from './start-relay';
import { until } from './wait';

const NOT_QUEUED = { status: 503, body: { errcode: 'M_UNKNOWN' } };
/** Lock and check interval of a job (35 s), and patience. Milliseconds. */
const LOCK_ENDED_MS = 60_000;

let setUp: TestSentinel;
let relay: Relay;
beforeAll(async () => {
  // Two replicas: one takes over, and the other still has what the new master acknowledges.
  setUp = await startTestSentinel({ persistence: 'everysec', replicas: 2 });
  relay = await startRelay({
    ingresses: 2,
    dispatchers: 2,
    admin: true,
    redisUrl: 'none: sentinels',
    config: { redis: { sentinels: setUp.addresses, name: setUp.name, wait_for_replicas: 1 }, privacy: {} },
  });
  await expectReady(relay);
});
afterAll(async () => {
  await relay.stop();
  await setUp.stop();
});

const request = (device: TestDevice) => notifyRequest({ devices: [device.wire] });

it.each(['dies', 'hangs'])('the master %s: 503, then its successor goes on, and no push that was acknowledged is lost', async (how) => {
  const old = await setUp.master();
  const waiting = Array.from({ length: 20 }, () => iosDevice());
  for (const { onWire: pushkey } of waiting) {
    relay.simulator.command({ pushkey, times: 1, answer: { status: 503, retryAfter: '5' } });
  }
  for (const device of waiting) await notifyUntilAccepted(relay, request(device));

  if (how === 'dies') await old.kill();
  else old.pause();
  expect(await relay.notify(request(iosDevice()))).toMatchObject(NOT_QUEUED);
  await setUp.switchedFrom(old);
  for (const ingress of [0, 1]) {
    const device = iosDevice();
    await notifyUntilAccepted(relay, request(device), ingress);
    await relay.pushes(device, 1);
  }
  await until(() => waiting.every((device) => isDelivered(device)), 'all that waited are delivered', LOCK_ENDED_MS);
  await expectReady(relay);
  if (how === 'dies') await old.restart();
  else old.resume();
  // The next test may take this successor away only when somebody can follow.
  await until(async () => String(await old.call('INFO', 'replication')).includes('master_link_status:up'), 'the old master follows', LOCK_ENDED_MS);
}, 180_000);

function isDelivered({ onWire }: TestDevice): boolean {
  return relay.simulator.received({ pushkey: onWire }).some(({ status }) => status === 200);
}
