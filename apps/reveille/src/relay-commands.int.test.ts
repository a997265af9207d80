import { statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

import { connectWorker, createAppQueue, type AppQueue, type RedisClient } from '@reveille/queue';
import { freePort, startTestRedis, temporaryDirectory } from '@reveille/testing';
import type { RunningRedis, TemporaryDirectory } from '@reveille/testing';

import { runCommandLine } from './command-line';
import { embeddedAddressFile, removeEmbeddedAddress, writeEmbeddedAddress } from './embedded-address';

const PASSWORD = 'nobody-may-see-this:@';
const IOS = 'com.example.ios';
const GLOB = 'com.example.beta.*';

let server: RunningRedis;
let redis: RedisClient;
let directory: TemporaryDirectory;
let configFile: string;

beforeAll(async () => {
  server = await startTestRedis({ password: PASSWORD });
  redis = connectWorker({ url: server.url });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  directory = await temporaryDirectory();
  configFile = write({ redis: { url: server.url } });
});
afterEach(() => directory.remove());

describe('resume', () => {
  it('opens a parked app, and says what it was', async () => {
    await withQueue(IOS, async (queue) => {
      const { gate } = queue;
      await gate.park('InvalidProviderToken');
      const { exitCode, printed, complained } = await run('resume', IOS);
      expect({ exitCode, complained }).toEqual({ exitCode: 0, complained: '' });
      expect(printed).toMatch(/^com\.example\.ios runs again; it was parked since \d{4}-.+Z \(InvalidProviderToken\)\.\n$/);
      expect(await gate.read()).toBeUndefined();
      expect(await queue.counts()).toMatchObject({ paused: false });
    });
  });

  it('opens an app that a quota holds', async () => {
    await withQueue(IOS, async ({ gate }) => {
      await gate.hold('QUOTA_EXCEEDED', 60_000);
      expect(await run('resume', IOS)).toMatchObject({ exitCode: 0, printed: expect.stringContaining('it was held') as string });
      expect(await gate.read()).toBeUndefined();
    });
  });

  it('leaves a running app alone', async () => {
    expect(await run('resume', IOS)).toEqual({ exitCode: 0, printed: `${IOS} was running already.\n`, complained: '' });
  });

  it('finds the app that serves an app id by its glob', async () => {
    await withQueue(GLOB, async ({ gate }) => {
      await gate.park('TopicDisallowed');
      expect(await run('resume', 'com.example.beta.seven')).toMatchObject({ exitCode: 0, printed: expect.stringContaining(`${GLOB} runs again`) as string });
      expect(await gate.read()).toBeUndefined();
    });
  });

  it('speaks JSON', async () => {
    await withQueue(IOS, async ({ gate }) => {
      await gate.park('InvalidProviderToken');
      const { printed } = await run('resume', IOS, '--json');
      expect(JSON.parse(printed)).toEqual({
        app: IOS,
        state: 'running',
        before: { state: 'parked', reason: 'InvalidProviderToken', since: expect.any(Number) as number, until: expect.any(Number) as number, probes: 0 },
      });
    });
  });

  it.each([
    ['com.example.iso', "no app 'com.example.iso' in the configuration; did you mean 'com.example.ios'?"],
    ['org.matrix', `no app 'org.matrix' in the configuration; it has ${IOS}, ${GLOB}`],
  ])('knows no app %s', async (app, message) => {
    expect(await run('resume', app)).toEqual({ exitCode: 1, printed: '', complained: `reveille: ${message}\n` });
  });

  it.each([[[]], [[IOS, GLOB]], [[IOS, '--force']], [[IOS, '--config']]])('is told how it is used: %j', async (args) => {
    const { exitCode, complained } = await run('resume', ...args);
    expect({ exitCode, printsUsage: complained.includes('usage: reveille resume APP') }).toEqual({ exitCode: 2, printsUsage: true });
  });
});

describe('a command that works on Redis', () => {
  it('takes the Redis of --redis-url before that of the file', async () => {
    configFile = write({ redis: { url: 'redis://127.0.0.1:1' } });
    expect(await run('resume', IOS, '--redis-url', server.url)).toMatchObject({ exitCode: 0 });
  });

  it('finds the embedded server of a running serve, and says so when there is none or it has gone', async () => {
    configFile = write({ redis: { data_directory: './data' } });
    const data = join(directory.path, 'data');
    const none = await run('resume', IOS);
    expect(none).toMatchObject({ exitCode: 1, printed: '' });
    expect(none.complained).toBe(
      `reveille: the configuration names no Redis, and ${embeddedAddressFile(data)}, which tells where the embedded one is, ` +
        'does not exist: start `reveille serve`, or set redis.url or --redis-url\n',
    );

    writeEmbeddedAddress(data, server.url);
    expect(statSync(embeddedAddressFile(data)).mode & 0o777).toBe(0o600);
    expect(await run('resume', IOS)).toMatchObject({ exitCode: 0 });

    writeEmbeddedAddress(data, `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${await freePort()}`);
    const stale = await run('resume', IOS);
    expect(stale).toMatchObject({ exitCode: 1, printed: '' });
    expect(stale.complained).toMatch(/^reveille: Redis is not reachable \(.+\): nobody answers at the address in .+\n$/);
    expect(stale.complained).toContain(
      `${embeddedAddressFile(data)}; is \`reveille serve\` running with this configuration?\n`,
    );

    removeEmbeddedAddress(data);
    expect((await run('resume', IOS)).complained).toBe(none.complained);
    writeFileSync(embeddedAddressFile(data), '');
    expect((await run('resume', IOS)).complained).toContain('holds no address');
  });

  it.each([
    ['refuses the password', () => server.url.replace(/:[^:@/]+@/, ':wrong@'), 'WRONGPASS'],
    ['wants a password', () => server.url.replace(/:[^:@/]+@/, ''), 'NOAUTH'],
  ])('gives up after one line when Redis %s', async (_name, url, reason) => {
    configFile = write({ redis: { url: url() } });
    const { exitCode, printed, complained } = await run('resume', IOS);
    expect({ exitCode, printed, complained }).toEqual({ exitCode: 1, printed: '', complained: `reveille: Redis is not reachable (${reason})\n` });
  });

  it('gives up on a Redis that takes the connection and is silent', async () => {
    const silent = await listening();
    try {
      const { port } = silent.address() as { port: number }; // on TCP
      configFile = write({ redis: { url: `redis://127.0.0.1:${port}` } });
      expect(await run('resume', IOS)).toEqual({ exitCode: 1, printed: '', complained: expect.stringMatching(/^reveille: Redis is not reachable \(.+\)\n$/) as string });
    } finally {
      silent.close();
    }
  });

  it('explains a wrong configuration as check-config does', async () => {
    configFile = write({ http: { prot: 1 } });
    const { exitCode, printed, complained } = await run('resume', IOS);
    expect({ exitCode, printed }).toEqual({ exitCode: 1, printed: '' });
    expect(complained).toContain('http.prot');
  });
});

function write(settings: Record<string, unknown>): string {
  const file = join(directory.path, 'reveille.yaml');
  writeFileSync(file, JSON.stringify({ apps: { [IOS]: { type: 'apns' }, [GLOB]: { type: 'fcm' } }, ...settings }), { mode: 0o600 });
  return file;
}

async function withQueue(appKey: string, work: (queue: AppQueue) => Promise<void>): Promise<void> {
  const queue = createAppQueue({ appKey, prefix: 'reveille', redis, now: Date.now, onError: () => undefined });
  try {
    await work(queue);
  } finally {
    await queue.close();
  }
}

async function run(...args: readonly string[]): Promise<{ exitCode: number; printed: string; complained: string }> {
  let printed = '';
  let complained = '';
  const exitCode = await runCommandLine(args, {
    environment: { REVEILLE_CONFIG: configFile },
    cwd: directory.path,
    print: (text) => {
      printed += text;
    },
    complain: (text) => {
      complained += text;
    },
  });
  expect(printed + complained).not.toContain(encodeURIComponent(PASSWORD));
  return { exitCode, printed, complained };
}

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const listener = createServer((socket) => socket.on('error', () => undefined).resume());
    listener.listen(0, '127.0.0.1', () => resolve(listener));
  });
}
