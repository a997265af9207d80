import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startTestRedis, temporaryDirectory, type RunningRedis, type TemporaryDirectory } from '@reveille/testing';

const WORKSPACE = join(__dirname, '../../..');
const TOKEN = 'a-token-of-the-tests';
const ADMIN = `admin: { tokens: [{ name: tests, role: viewer, token: ${TOKEN} }] }\n`;
const APPS = 'apps:\n  com.example.ios: { type: apns }\n';
/** DESIGN.md: an idle role is at most this large; bytes. */
const MAX_IDLE_BYTES = 120 * 1024 * 1024;

/** What counts is what it keeps, not how late the collector of a busy machine comes. */
const SMALL_YOUNG_SPACE = '--max-semi-space-size=1';

/** Starting a process takes seconds when the machine is busy; only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

let directory: TemporaryDirectory;
let server: RunningRedis;
let bundle: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startTestRedis();
  bundle = join(directory.path, 'main.js');
  // As tools/build-app.mjs does it.
  const options = ['--bundle', '--platform=node', '--format=cjs', '--packages=external', `--outfile=${bundle}`];
  const esbuild = join(WORKSPACE, 'node_modules/.bin/esbuild');
  const args = ['apps/admin/src/main.ts', ...options, '--tsconfig=tsconfig.base.json'];
  const { status, stderr } = spawnSync(esbuild, args, { cwd: WORKSPACE, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(stderr);
  }
});
afterEach(() => {
  children.splice(0).forEach((child) => child.kill('SIGKILL'));
});
afterAll(async () => {
  await server.stop();
  await directory.remove();
});

function start(configuration: string, args: readonly string[]): ChildProcess {
  const file = join(directory.path, 'reveille.yaml');
  writeFileSync(file, configuration);
  const child = spawn(process.execPath, [SMALL_YOUNG_SPACE, bundle, '--config', file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env.PATH, NODE_PATH: join(WORKSPACE, 'node_modules') },
  });
  children.push(child);
  return child;
}

/** Exit code and standard error of a start that is refused. */
async function refused(configuration: string, ...args: readonly string[]): Promise<{ code: unknown; said: string }> {
  const child = start(configuration, args);
  let said = '';
  child.stderr?.on('data', (chunk) => (said += String(chunk)));
  const exited: Promise<unknown[]> = once(child, 'exit');
  if (child.stderr) await once(child.stderr, 'end');
  const [code] = await exited;
  return { code, said };
}

describe('the admin as a process', () => {
  it('says where it listens, is small, and ends with 0 at SIGTERM', async () => {
    const child = start(ADMIN + APPS, ['--http-port', '0', '--metrics-port', '0', '--redis-url', server.url]);
    // What announceReady sends.
    const [ready] = (await once(child, 'message')) as [{ type: string; urls: { http: string; metrics: string } }];
    expect(ready.type).toBe('ready');
    expect((await fetch(`${ready.urls.http}/api/v1/apps`, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
    const metrics = await (await fetch(`${ready.urls.metrics}/metrics`)).text();
    expect(Number(/^reveille_process_resident_memory_bytes (\d+)/m.exec(metrics)?.[1])).toBeLessThan(MAX_IDLE_BYTES);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it('wrong use: exit code 2 and how to use it', async () => {
    const { code, said } = await refused(APPS, '--metrisc-port', '1');
    expect(code).toBe(2);
    expect(said).toContain('--metrisc-port');
    expect(said).toContain('usage: admin');
  });

  it('wrong configuration: exit code 1 and the path of what is wrong', async () => {
    const { code, said } = await refused(`admin: { port: many }\n${APPS}`);
    expect(code).toBe(1);
    expect(said).toContain('admin.port');
  });

  it('no Redis named: exit code 1 and what to write', async () => {
    const { code, said } = await refused(APPS);
    expect(code).toBe(1);
    expect(said).toContain('redis.url');
    expect(said).toContain('redis://127.0.0.1:6379');
  });

  it.each(['--http-port', '--metrics-port'])('a port that is taken (%s): exit code 1', async (taken) => {
    const other = taken === '--http-port' ? '--metrics-port' : '--http-port';
    const { code, said } = await refused(APPS, taken, String(server.port), other, '0', '--redis-url', server.url);
    expect(code).toBe(1);
    expect(said).toContain('EADDRINUSE');
  });
});
