import { appKeyBase, createDispatchCodec } from '@reveille/queue';
import { startTestRedis, type RunningRedis } from '@reveille/testing';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { REDIS_PREFIX } from './bench-redis';
import { APNS_APP, APNS_BODY, FCM_APP, FCM_BODY } from './notify-bodies';
import { seedWaiting } from './seed-waiting';

const requestSchema = z.object({ notification: z.object({ devices: z.array(z.object({ pushkey: z.string() })) }) });

let server: RunningRedis;
let client: Redis;
beforeAll(async () => {
  server = await startTestRedis();
  client = new Redis(server.url);
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});

async function pushkeyOf(appKey: string, id: string): Promise<string | undefined> {
  const data = (await client.hget(`${appKeyBase(REDIS_PREFIX, appKey)}${id}`, 'data')) ?? '';
  return createDispatchCodec().decode(appKey, id, JSON.parse(data)).dispatch?.device.pushkey;
}

it.each([
  [APNS_APP, APNS_BODY],
  [FCM_APP, FCM_BODY],
])('makes pushes of %s like those of the load generator, no two alike', async (appKey, body) => {
  await seedWaiting({ client }, { appKey, count: 1001 });
  const ids = await client.lrange(`${appKeyBase(REDIS_PREFIX, appKey)}wait`, 0, -1);
  expect(ids).toHaveLength(1001);
  const pushkeys = await Promise.all(ids.map((id) => pushkeyOf(appKey, id)));
  expect(new Set(pushkeys).size).toBe(1001);
  const { devices } = requestSchema.parse(JSON.parse(body)).notification;
  expect(pushkeys[0]).toHaveLength(devices[0]?.pushkey.length ?? 0);
});

it('fills the low lane, and the queue of another relay', async () => {
  await seedWaiting({ client }, { appKey: APNS_APP, count: 5, lane: 'low', prefix: 'other' });
  expect(await client.zcard(`${appKeyBase('other', APNS_APP)}prioritized`)).toBe(5);
});
