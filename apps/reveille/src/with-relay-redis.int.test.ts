import { statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

import { freePort, startTestCluster } from '@reveille/testing';

import { embeddedAddressFile, removeEmbeddedAddress, writeEmbeddedAddress } from './embedded-address';
import { GLOB, IOS, PASSWORD, useCommandBench } from './test-command-bench';

const bench = useCommandBench();

describe('a command that works on Redis', () => {
  it('takes the Redis of --redis-url before that of the file', async () => {
    bench.configure({ redis: { url: 'redis://127.0.0.1:1' } });
    const { exitCode, complained } = await bench.run('resume', IOS, '--redis-url', bench.server.url);
    expect(exitCode).toBe(0);
    // It holds a password.
    expect(complained).toBe('reveille: --redis-url shows its password in the process list: give the URL as REDIS_URL or `redis.url_file`\n');
  });

  it('works on a Redis Cluster, with its apps on several nodes', async () => {
    const cluster = await startTestCluster();
    try {
      bench.configure({ redis: { cluster: cluster.addresses } });
      expect(await bench.run('ledger')).toMatchObject({ exitCode: 0, printed: expect.stringContaining('It closes.') as string });
      for (const app of [IOS, GLOB]) expect(await bench.run('resume', app)).toMatchObject({ exitCode: 0, complained: '' });
      expect(await bench.run('storms')).toMatchObject({ exitCode: 0, complained: '' });
      expect(await bench.run('failed', 'causes')).toEqual({ exitCode: 0, printed: 'No failed push.\n', complained: '' });
      expect(await bench.run('replay', '--all')).toMatchObject({ exitCode: 0, printed: expect.stringContaining('\n  0  matched\n') as string, complained: '' });
      expect((await bench.run('audit')).printed.split('\n').filter((line) => line.includes('app.resume'))).toHaveLength(2);
    } finally {
      await cluster.stop();
    }
    expect(await bench.run('ledger')).toEqual({
      exitCode: 1,
      printed: '',
      complained: expect.stringMatching(/^reveille: Redis is not reachable \(.+\)\n$/) as string,
    });
  });

  it('finds the embedded server of a running serve, and says so when there is none or it has gone', async () => {
    bench.configure({ redis: { data_directory: './data' } });
    const data = join(bench.directory, 'data');
    const none = await bench.run('resume', IOS);
    expect(none).toMatchObject({ exitCode: 1, printed: '' });
    expect(none.complained).toBe(
      `reveille: the configuration names no Redis, and ${embeddedAddressFile(data)}, which tells where the embedded one is, ` +
        'does not exist: start `reveille serve`, or set redis.url or --redis-url\n',
    );

    writeEmbeddedAddress(data, bench.server.url);
    expect(statSync(embeddedAddressFile(data)).mode & 0o777).toBe(0o600);
    expect(await bench.run('resume', IOS)).toMatchObject({ exitCode: 0 });

    writeEmbeddedAddress(data, `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${await freePort()}`);
    const stale = await bench.run('resume', IOS);
    expect(stale).toMatchObject({ exitCode: 1, printed: '' });
    expect(stale.complained).toMatch(/^reveille: Redis is not reachable \(.+\): nobody answers at the address in .+\n$/);
    expect(stale.complained).toContain(
      `${embeddedAddressFile(data)}; is \`reveille serve\` running with this configuration?\n`,
    );

    removeEmbeddedAddress(data);
    expect((await bench.run('resume', IOS)).complained).toBe(none.complained);
    writeFileSync(embeddedAddressFile(data), '');
    expect((await bench.run('resume', IOS)).complained).toContain('holds no address');
  });

  it.each([
    ['refuses the password', () => bench.server.url.replace(/:[^:@/]+@/, ':wrong@'), 'WRONGPASS'],
    ['wants a password', () => bench.server.url.replace(/:[^:@/]+@/, ''), 'NOAUTH'],
  ])('gives up after one line when Redis %s', async (_name, url, reason) => {
    bench.configure({ redis: { url: url() } });
    const { exitCode, printed, complained } = await bench.run('resume', IOS);
    expect({ exitCode, printed, complained }).toEqual({ exitCode: 1, printed: '', complained: `reveille: Redis is not reachable (${reason})\n` });
  });

  it('gives up on a Redis that takes the connection and is silent', async () => {
    const silent = await listening();
    try {
      const { port } = silent.address() as { port: number }; // on TCP
      bench.configure({ redis: { url: `redis://127.0.0.1:${port}` } });
      expect(await bench.run('resume', IOS)).toEqual({ exitCode: 1, printed: '', complained: expect.stringMatching(/^reveille: Redis is not reachable \(.+\)\n$/) as string });
    } finally {
      silent.close();
    }
  });

  it('says in one line what Redis refused on the way', async () => {
    await bench.redis.set('reveille:served-apps', 'not a hash');
    expect(await bench.run('ledger')).toEqual({ exitCode: 1, printed: '', complained: 'reveille: Redis failed (WRONGTYPE)\n' });
  });

  it('explains a wrong configuration as check-config does', async () => {
    bench.configure({ http: { prot: 1 } });
    const { exitCode, printed, complained } = await bench.run('resume', IOS);
    expect({ exitCode, printed }).toEqual({ exitCode: 1, printed: '' });
    expect(complained).toContain('http.prot');
  });
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const listener = createServer((socket) => socket.on('error', () => undefined).resume());
    listener.listen(0, '127.0.0.1', () => resolve(listener));
  });
}
