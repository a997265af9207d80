import { useTestRedis } from '@reveille/testing';
import type { Redis } from 'ioredis';
import { connectWorker, type RedisClient } from './connect-redis';
import { noteServedApps, readServedApps } from './served-apps';

let redis: RedisClient;
useTestRedis(connectWorker, (client) => (redis = client));

it('remembers each app, exact or glob, with the first and the last time it was served', async () => {
  const options = { redis, prefix: 'one' };
  expect(await readServedApps(options)).toEqual([]);
  await noteServedApps(options, [], 1);
  await noteServedApps(options, ['com.example.ios', '__proto__', 'com.*:{a}'], 1000);
  await noteServedApps(options, ['com.example.ios'], 2000);
  const served = await readServedApps(options);
  expect(served.toSorted((a, b) => (a.appKey < b.appKey ? -1 : 1))).toEqual([
    { appKey: '__proto__', servedAt: 1000, servedSince: 1000 },
    { appKey: 'com.*:{a}', servedAt: 1000, servedSince: 1000 },
    { appKey: 'com.example.ios', servedAt: 2000, servedSince: 1000 },
  ]);
  expect(await readServedApps({ redis, prefix: 'other' })).toEqual([]);
});

it('passes over a time that is none', async () => {
  await (redis as Redis).hset('odd:served-apps', 'a', 'yesterday', 'b', '5'); // one server, not a Cluster
  expect(await readServedApps({ redis, prefix: 'odd' })).toEqual([{ appKey: 'b', servedAt: 5, servedSince: 5 }]);
});
