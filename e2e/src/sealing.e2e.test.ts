import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

import { createAppQueue } from '@reveille/queue';
import { countsRequest, fullNotifyRequest, startTestRedis, temporaryDirectory, type RunningRedis } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from './devices';
import { ANDROID, apnsApp, fcmApp, HASH_KEY, IOS, startRelay, type Relay, type RelayOptions } from './start-relay';
import { until } from './wait';
import { findTexts, readDataDirectory } from './what-redis-keeps';
import { withRedis } from './with-redis';

/** In every field that people or apps fill. */
const CONTENT = ['SentinelBody', 'SentinelSender', 'SentinelRoomName', 'SentinelAlias', 'SentinelDisplayName', 'm.sentinel.type'];
const IDS = ['$SentinelEvent', '!SentinelRoom'];
const TEMPLATE = ['SentinelTemplate'];
const SOUND = ['SentinelSound'];

const KEY_1 = randomBytes(32).toString('base64');
const KEY_2 = randomBytes(32).toString('hex');

let relay: Relay | undefined;
let redis: RunningRedis | undefined;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await relay?.stop();
  await redis?.stop();
  for (const each of cleanUps.splice(0)) await each();
  relay = redis = undefined;
});

let lastEvent = 0;

function request(device: TestDevice, fields: Readonly<Record<string, unknown>> = {}) {
  return fullNotifyRequest({
    event_id: `$SentinelEvent${(lastEvent += 1)}`,
    room_id: '!SentinelRoom:example.org',
    type: 'm.sentinel.type',
    sender: '@SentinelSender:example.org',
    sender_display_name: 'SentinelDisplayName',
    room_name: 'SentinelRoomName',
    room_alias: '#SentinelAlias:example.org',
    content: { msgtype: 'm.text', body: 'SentinelBody' },
    devices: [
      {
        ...device.wire,
        tweaks: { sound: 'SentinelSound' },
        data: { default_payload: { aps: { 'mutable-content': 1 }, 'app-data': 'SentinelTemplate' } },
      },
    ],
    ...fields,
  });
}

/**
 * Pushes of every fate pass a relay, then Redis is killed.
 * @returns what is left on its disk, and the devices' pushkeys
 */
async function leftOnDisk(options: RelayOptions): Promise<{ readonly bytes: Buffer; readonly pushkeys: readonly string[] }> {
  const directory = await temporaryDirectory();
  cleanUps.push(() => directory.remove());
  // Everything is in the append-only file at once, and a snapshot is not compressed: nothing is hidden from the search.
  redis = await startTestRedis({ persistence: 'always', directory: directory.path, settings: { rdbcompression: 'no' } });
  const running = await startRelay({ redisUrl: redis.url, ...options });
  relay = running;
  const { simulator } = running;
  const device = (one: TestDevice): TestDevice => {
    devices.push(one);
    return one;
  };
  const devices: TestDevice[] = [];

  const [apple, google, gone, refused, waiting] = [iosDevice(), androidDevice(), iosDevice(), androidDevice(), iosDevice()].map(device);
  if (!apple || !google || !gone || !refused || !waiting) throw new Error('five devices');
  simulator.command({ pushkey: gone.onWire, answer: { status: 410, reason: 'Unregistered' } });
  simulator.command({ pushkey: refused.onWire, answer: { status: 400, errorCode: 'INVALID_ARGUMENT', message: 'no' } });
  simulator.command({ pushkey: waiting.onWire, answer: { status: 503, reason: 'ServiceUnavailable' } });
  for (const each of devices) expect(await running.notify(request(each))).toMatchObject({ status: 200 });
  expect(await running.notify(request(apple, { prio: 'low', type: 'm.call.invite' }))).toMatchObject({ status: 200 });
  expect(await running.notify(countsRequest(3, google.wire))).toMatchObject({ status: 200 });
  await running.outcomesOf(apple, 2);
  for (const each of [gone, refused]) await running.outcomesOf(each, 1);
  await running.pushes(waiting, 2);

  await withRedis(redis.url, (client) => client.save());
  await redis.kill();
  return { bytes: await readDataDirectory(directory.path), pushkeys: devices.flatMap(({ pushkey, onWire }) => [pushkey, onWire]) };
}

const retry = { base: '50ms', cap: '2s' };

it('a dump of Redis shows content and pushkeys when jobs are not sealed', async () => {
  const { bytes, pushkeys } = await leftOnDisk({ config: { retry } });
  const texts = [...CONTENT, ...IDS, ...TEMPLATE, ...SOUND, ...pushkeys];
  const found = findTexts(bytes, texts);
  // As `pushkey` it came, as the provider sees it (hex) it is on no disk.
  expect(texts.filter((text) => !found.includes(text)).every((text) => /^[0-9a-f]{64}$/.test(text))).toBe(true);
  expect(found).toEqual(expect.arrayContaining([...CONTENT, ...IDS, ...TEMPLATE, ...SOUND]));
});

it('nothing but app ids, hashes and times when they are', async () => {
  const { bytes, pushkeys } = await leftOnDisk({ config: { retry, privacy: { hash_key: HASH_KEY, sealing_keys: [KEY_1] } } });
  // What was searched for is there: the jobs themselves.
  expect(findTexts(bytes, [IOS, ANDROID, '"sealed"'])).toHaveLength(3);
  expect(findTexts(bytes, [...CONTENT, ...IDS, ...TEMPLATE, ...SOUND, ...pushkeys, KEY_1, KEY_2, HASH_KEY])).toEqual([]);
});

it('content: ids_only keeps ids, pushkey and template, and drops the rest before Redis', async () => {
  const { bytes } = await leftOnDisk({
    config: { retry },
    apps: (simulator) => ({
      [IOS]: apnsApp(simulator, { content: 'ids_only' }),
      [ANDROID]: fcmApp(simulator, { content: 'ids_only' }),
    }),
  });
  expect(findTexts(bytes, [...CONTENT, ...SOUND])).toEqual([]);
  expect(findTexts(bytes, [...IDS, ...TEMPLATE])).toHaveLength(IDS.length + TEMPLATE.length);
});

it('content: ids_only sends what lets the app fetch the event itself', async () => {
  relay = await startRelay({
    apps: (simulator) => ({
      [IOS]: apnsApp(simulator, { content: 'ids_only' }),
      [ANDROID]: fcmApp(simulator, { content: 'ids_only' }),
    }),
  });
  const [apple, google] = [iosDevice(), androidDevice()];
  await relay.notify(request(apple));
  await relay.notify(request(google, { prio: 'low' }));
  const event_id = expect.stringMatching(/^\$SentinelEvent\d+$/) as string;
  const ids = { room_id: '!SentinelRoom:example.org', event_id };
  const [pushed] = await relay.pushes(apple, 1);
  expect(pushed?.payload).toEqual({ aps: { 'mutable-content': 1 }, 'app-data': 'SentinelTemplate', unread_count: 1, ...ids });
  const [sent] = await relay.pushes(google, 1);
  expect(sent?.payload).toMatchObject({ message: { data: { ...ids, unread: '1', prio: 'normal', 'app-data': 'SentinelTemplate' } } });
  expect(JSON.stringify([pushed?.payload, sent?.payload])).not.toMatch(/SentinelBody|SentinelSender|SentinelRoomName|m\.sentinel/);
});

it('a key is taken into use, rotated and missed without losing a push', async () => {
  redis = await startTestRedis();
  const { url } = redis;
  relay = await startRelay({ redisUrl: url, dispatchers: 0 });
  const { configFile } = relay;
  const written = JSON.parse(await readFile(configFile, 'utf8')) as Record<string, unknown>; // the kit's own
  const configure = (sealing_keys: string[]): Promise<void> =>
    writeFile(configFile, JSON.stringify({ ...written, privacy: { hash_key: HASH_KEY, sealing_keys } }));
  const [inTheClear, sealedWith1, sealedWith2] = [iosDevice(), iosDevice(), androidDevice()];
  await relay.notify(request(inTheClear));
  await configure([KEY_1]);
  await relay.start('ingress');
  await relay.notify(request(sealedWith1), 1);
  await configure([KEY_2, KEY_1]);
  await relay.start('ingress');
  await relay.notify(request(sealedWith2), 2);

  // A dispatcher that lacks the first key: that app waits, the other flows.
  await configure([KEY_2]);
  const lacking = await relay.start('dispatcher');
  expect(await relay.outcomesOf(sealedWith2, 1)).toMatchObject([{ outcome: 'delivered' }]);
  const gateOf = () =>
    withRedis(url, async (client) => {
      const queue = createAppQueue({ appKey: IOS, prefix: 'reveille', redis: client, now: Date.now, onError: () => undefined });
      const gate = await queue.gate.read();
      await queue.close();
      return gate;
    });
  expect(await until(gateOf, 'a parked app')).toMatchObject({ state: 'parked', reason: 'sealing-key-unknown' });
  await relay.end(lacking);

  await configure([KEY_2, KEY_1]);
  await relay.start('dispatcher');
  await withRedis(url, async (client) => {
    const queue = createAppQueue({ appKey: IOS, prefix: 'reveille', redis: client, now: Date.now, onError: () => undefined });
    await queue.gate.resume();
    await queue.close();
  });
  for (const device of [inTheClear, sealedWith1]) {
    expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered', attempts: 1 }]);
  }
});
