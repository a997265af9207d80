import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { buildSync } from 'esbuild';

import { findRedisServer } from './find-redis-server';
import { freePort } from './free-port';
import { startRedis } from './start-redis';
import type { RunningRedis } from './running-redis';
import type { StartRedisOptions } from './start-redis';

const CACHE = join(__dirname, '../../../.cache/redis');
let server: StartRedisOptions['server'];
let directory: string;
const started: RunningRedis[] = [];

beforeAll(async () => {
  const found = await findRedisServer({ cacheDirectory: CACHE, allowDownload: true });
  if (!found.ok) throw new Error(found.message);
  server = found;
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-redis-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((redis) => redis.kill()));
  await rm(directory, { recursive: true, force: true });
});

describe('startRedis', () => {
  it('answers as soon as it is started, and the port is free again once it is stopped', async () => {
    const redis = await start({ persistence: 'none' });
    expect(await talk(redis.port, 'PING')).toBe('+PONG\r\n');
    expect(await talk(redis.port, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
    await redis.stop();
    await expect(talk(redis.port, 'PING')).rejects.toThrow('ECONNREFUSED');
    expect((await start({ persistence: 'none', port: redis.port })).port).toBe(redis.port);
  });

  it('has what was written after an orderly stop', async () => {
    const redis = await start({ persistence: 'everysec', directory });
    expect(await talk(redis.port, 'SET push waits')).toBe('+OK\r\n');
    await redis.stop();
    expect(await redis.exited).toEqual({ code: 0, signal: null });
    const again = await start({ persistence: 'everysec', directory });
    expect(await talk(again.port, 'GET push')).toContain('waits');
  });

  it('has what was written after a crash', async () => {
    const redis = await start({ persistence: 'always', directory });
    expect(await talk(redis.port, 'SET push waits')).toBe('+OK\r\n');
    await redis.kill();
    const again = await start({ persistence: 'always', directory });
    expect(await talk(again.port, 'GET push')).toContain('waits');
  });

  it('hangs while paused, and goes on', async () => {
    const redis = await start({ persistence: 'none' });
    redis.pause();
    let isAnswered = false;
    const answer = talk(redis.port, 'PING').then((text) => {
      isAnswered = true;
      return text;
    });
    // The kernel accepts the connection for a stopped process; a second full round of the loop shows that nobody reads.
    await new Promise<void>((resolve) => connect({ host: '127.0.0.1', port: redis.port }, resolve).unref());
    expect(isAnswered).toBe(false);
    redis.resume();
    expect(await answer).toBe('+PONG\r\n');
  });

  it('takes another port when the free one was taken in between', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    const takenPort = await portOf(taken);
    const ports = [takenPort, await freePort()];
    const redis = await start({ persistence: 'none', findPort: () => Promise.resolve(ports.shift() ?? 0) });
    expect(redis.port).not.toBe(takenPort);
    expect(await talk(redis.port, 'PING')).toBe('+PONG\r\n');
    taken.close();
  });

  it('says so when the wanted port is taken, even by a Redis that would answer', async () => {
    const other = await start({ persistence: 'none' });
    await expect(start({ persistence: 'none', port: other.port })).rejects.toThrow(/Address already in use/);
  });

  it('wants its password, and the password is in no process list', async () => {
    const redis = await start({ persistence: 'none', password: 'open/sesame' });
    expect(redis.url).toBe(`redis://:open%2Fsesame@127.0.0.1:${redis.port}`);
    expect(await talk(redis.port, 'DBSIZE')).toContain('NOAUTH');
    expect(await talk(redis.port, 'AUTH open/sesame')).toBe('+OK\r\n');
  });

  it('never shares a data directory with another running server, and takes over from one that has gone', async () => {
    const first = await start({ persistence: 'everysec', directory });
    await expect(start({ persistence: 'everysec', directory, directoryTimeoutMs: 0 })).rejects.toThrow(
      /another running Redis uses/,
    );
    await first.stop();
    expect(await readdir(directory)).not.toContain('reveille-redis.lock');
    await writeFile(join(directory, 'reveille-redis.lock'), '4194305\n'); // above the highest process id of Linux
    const second = await start({ persistence: 'everysec', directory, directoryTimeoutMs: 0 });
    expect(await talk(second.port, 'PING')).toBe('+PONG\r\n');
  });

  it('reports a command that does not exist', async () => {
    await expect(
      startRedis({ server: { command: join(directory, 'none'), environment: {} }, persistence: 'none' }),
    ).rejects.toThrow(/ENOENT/);
  });

  it('ends with its parent, even when that is killed', async () => {
    const script = join(directory, 'parent.js');
    buildSync({ entryPoints: [join(__dirname, 'index.ts')], bundle: true, platform: 'node', outfile: join(directory, 'redis.js') });
    await writeFile(
      script,
      `const { startRedis } = require('./redis.js');
       startRedis({ server: ${JSON.stringify(server)}, persistence: 'none' })
         .then((redis) => { process.stdout.write(redis.pid + '\\n'); setInterval(() => undefined, 1000); });`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      createInterface(parent.stdout).once('line', (line) => {
        resolve(Number(line));
      });
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await waitUntil(() => !isAlive(pid));
  });
});

async function start(options: Omit<StartRedisOptions, 'server'>): Promise<RunningRedis> {
  const redis = await startRedis({ ...options, server });
  started.push(redis);
  return redis;
}

/** One inline command, and what comes back first. */
function talk(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(`${command}\r\n`));
    socket.setEncoding('utf8').once('data', (answer: string) => {
      socket.destroy();
      resolve(answer);
    });
    socket.once('error', reject);
  });
}

function portOf(listening: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    listening.once('listening', () => {
      const address = listening.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** A killed process without a parent may stay as a zombie where nobody reaps it; that counts as gone. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Until `condition` holds; the runner's own time limit is the deadline. */
async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
