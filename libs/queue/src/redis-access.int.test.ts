import { freePort, makeTlsFiles, startTestRedis, temporaryDirectory } from '@reveille/testing';
import type { RunningRedis, TemporaryDirectory, TlsFiles } from '@reveille/testing';
import { Redis } from 'ioredis';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAppQueue } from './app-queue';
import { checkReachable, checkWritable, findEvictionPolicy } from './check-redis';
import { connectProducer } from './connect-redis';
import { readLedger } from './ledger';
import { describeRedisFailure } from './redis-failure';
import { noteServedApps, readServedApps } from './served-apps';
import { startTestRelay } from './test-relay';

const APP = 'com.example.ios';
/** Connections are tried again for ever: the first reason is what is wrong. */
const failureOf = (redis: ReturnType<typeof connectProducer>): Promise<string> =>
  new Promise((resolve) => redis.once('error', (error: unknown) => resolve(describeRedisFailure(error))));

describe('TLS', () => {
  let directory: TemporaryDirectory;
  let files: TlsFiles;
  let server: RunningRedis;
  let url: string;
  const startServer = async ({ ca, cert, key }: TlsFiles) => {
    const port = await freePort();
    const settings = {
      'tls-port': String(port),
      'tls-cert-file': cert,
      'tls-key-file': key,
      'tls-ca-cert-file': ca,
      'tls-auth-clients': 'yes',
    };
    return { server: await startTestRedis({ settings }), url: `rediss://127.0.0.1:${port}` };
  };
  beforeAll(async () => {
    directory = await temporaryDirectory();
    files = await makeTlsFiles(directory.path);
    ({ server, url } = await startServer(files));
  });
  afterAll(async () => {
    await server.stop();
    await directory.remove();
  });
  const ours = () => {
    const [ca, cert, key] = [files.ca, files.cert, files.key].map((file) => readFileSync(file, 'utf8'));
    return { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
  };

  it('with the right authority and our certificate everything flows, the blocking connection included', async () => {
    const relay = startTestRelay({ address: { url, tls: ours() }, apps: [APP] });
    await relay.arrival(await relay.enqueueUntilAccepted(APP));
    await relay.close();
  });

  it('a server of another authority is refused, and nothing is sent to it', async () => {
    const other = await makeTlsFiles(directory.path, 'other');
    for (const tls of [{ ...ours(), ca: readFileSync(other.ca, 'utf8') }, {}]) {
      const redis = connectProducer({ url, tls, password: 'secret' });
      expect(await failureOf(redis)).toMatch(/CERT|SIGNATURE|ISSUER/);
      expect(await checkReachable(redis)).toBe('Redis: not connected');
      redis.disconnect();
    }
  });

  it('a certificate for another name is refused', async () => {
    const elsewhere = await makeTlsFiles(directory.path, 'elsewhere', 'redis.example.com');
    const wrong = await startServer(elsewhere);
    const redis = connectProducer({ url: wrong.url, tls: { ca: readFileSync(elsewhere.ca, 'utf8') } });
    expect(await failureOf(redis)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    redis.disconnect();
    await wrong.server.stop();
  });

  it('a server that speaks no TLS is refused', async () => {
    const redis = connectProducer({ url: server.url.replace('redis:', 'rediss:'), tls: ours() });
    expect(await failureOf(redis)).not.toBe('');
    expect(await checkReachable(redis)).toMatch(/^Redis: /);
    redis.disconnect();
  });
});

describe('an ACL user with the rights of docs/operations.md', () => {
  const password = randomBytes(8).toString('hex');
  let server: RunningRedis;
  let operator: Redis;
  beforeAll(async () => {
    server = await startTestRedis();
    operator = new Redis(server.url);
    const document = readFileSync(join(__dirname, '../../../docs/operations.md'), 'utf8');
    const rights = /^user reveille on >PASSWORD (.+)$/m.exec(document)?.[1]?.replaceAll('reveille:*', 'test-*') ?? '';
    expect(rights).not.toBe('');
    await operator.call('ACL', 'SETUSER', 'reveille', 'on', `>${password}`, ...rights.split(' '));
    await operator.call('ACL', 'SETUSER', 'default', 'off');
  });
  afterAll(async () => {
    operator.disconnect();
    await server.stop();
  });

  it('may do everything that the relay does', async () => {
    const address = { url: server.url, username: 'reveille', password };
    const relay = startTestRelay({ address, apps: [APP] });
    await relay.arrival(await relay.enqueueUntilAccepted(APP));
    const queue = createAppQueue({ appKey: APP, prefix: relay.prefix, redis: relay.worker, now: Date.now, onError: () => undefined });
    await queue.gate.park('a test');
    await queue.gate.resume();
    expect((await queue.counts()).waiting).toBe(0);
    expect(await checkWritable(relay.producer, relay.prefix)).toBe(true);
    expect(await findEvictionPolicy(relay.producer)).toBeUndefined();
    const place = { redis: relay.producer, prefix: relay.prefix };
    await noteServedApps(place, [APP], Date.now());
    expect(await readServedApps(place)).toHaveLength(1);
    expect(await readLedger({ ...place, appKey: APP, now: Date.now() })).toMatchObject({ accepted: 1, delivered: 1 });
    await queue.close();
    await relay.close();
    // What was refused on the way without anybody minding.
    expect(await operator.call('ACL', 'LOG')).toEqual([]);
  });

  it('may do nothing else', async () => {
    const redis = new Redis(server.url, { username: 'reveille', password });
    for (const [command = '', ...args] of [['GET', 'other'], ['KEYS', '*'], ['FLUSHALL'], ['CONFIG', 'GET', '*'], ['ACL', 'LIST'], ['SHUTDOWN']]) {
      await expect(redis.call(command, ...args)).rejects.toThrow(/NOPERM/);
    }
    redis.disconnect();
  });

  it('a wrong password is said as such, and is in no text', async () => {
    const redis = connectProducer({ url: server.url, username: 'reveille', password: 'SENTINEL' });
    expect(await failureOf(redis)).toBe('WRONGPASS');
    redis.disconnect();
  });
});
