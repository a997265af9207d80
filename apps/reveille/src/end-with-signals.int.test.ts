import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildSync } from 'esbuild';

import { eventually, startTestRedis, temporaryDirectory } from '@reveille/testing';
import type { TemporaryDirectory } from '@reveille/testing';

import { writeFakeRoles } from './fake-roles.fixture';
import type { FakeRoles } from './fake-roles.fixture';

const ROOT = join(__dirname, '../../..');
/** As serve, but with the fake roles: what is tested is what happens around them. */
const HARNESS = `
import { createLogger } from '@reveille/observability';
import { endWithSignals } from './end-with-signals';
import { startRelay } from './start-relay';
import { Supervisor } from './supervisor';

const [directory, redisCacheDirectory] = process.argv.slice(2);
const logger = createLogger({ role: 'test', level: 'fatal', format: 'json' });
const supervisor = new Supervisor();
endWithSignals(supervisor, logger);
void startRelay({
  configFile: directory + '/reveille.yaml', cwd: directory, redisCacheDirectory, supervisor, logger,
  environment: { PATH: process.env['PATH'] },
  roleScript: (role) => directory + '/' + role + '.js',
  complain: (text) => process.stderr.write(text),
}).then((relay) => process.stdout.write(JSON.stringify(relay.ok) + '\\n'));
`;

let built: TemporaryDirectory;
let directory: TemporaryDirectory;
let roles: FakeRoles;
let serving: ChildProcess | undefined;

beforeAll(async () => {
  await (await startTestRedis()).stop(); // fills the cache on a machine without a Redis
  built = await temporaryDirectory();
  buildSync({
    stdin: { contents: HARNESS, resolveDir: __dirname, loader: 'ts' },
    bundle: true,
    platform: 'node',
    packages: 'external',
    tsconfig: join(ROOT, 'tsconfig.base.json'),
    outfile: join(built.path, 'harness.js'),
  });
});
afterAll(() => built.remove());
beforeEach(async () => {
  directory = await temporaryDirectory();
  roles = writeFakeRoles(directory.path);
  const settings = { redis: { data_directory: './data' }, apps: { 'com.example.ios': { type: 'apns' } } };
  writeFileSync(join(directory.path, 'reveille.yaml'), JSON.stringify(settings), { mode: 0o600 });
});
afterEach(async () => {
  serving?.kill('SIGKILL');
  await eventually(() => processes().every((pid) => !isAlive(pid)), { what: 'the end of every process' });
  await directory.remove();
});

describe('endWithSignals', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends everything in order on %s, with exit code 0', async (signal) => {
    const exit = await serve();
    serving?.kill(signal);
    expect(await exit()).toBe(0);
    expect(endings()).toEqual(['ingress', 'admin', 'dispatcher'].flatMap((role) => [`${role} drain SIGTERM`, `${role} end`]));
    expect(processes().filter(isAlive)).toEqual([]);
  });

  it('ends at once on a second signal, and leaves nobody behind', async () => {
    roles.behave('ingress', { drainMs: -1 });
    const exit = await serve();
    serving?.kill('SIGTERM');
    await eventually(() => endings().length === 1);
    serving?.kill('SIGTERM');
    expect(await exit()).toBe(143);
    await eventually(() => processes().every((pid) => !isAlive(pid)), { what: 'the end of every process' });
  });

  it('takes roles and Redis along when it is killed itself', async () => {
    const exit = await serve();
    expect(processes()).toHaveLength(4);
    serving?.kill('SIGKILL');
    await exit();
    await eventually(() => processes().every((pid) => !isAlive(pid)), { what: 'the end of every process' });
    expect(endings()).toContain('ingress drain disconnect');
  });
});

/** Starts it, waits until everything is ready, and returns how to wait for its exit code. */
async function serve(): Promise<() => Promise<number | null>> {
  const child = spawn(process.execPath, [join(built.path, 'harness.js'), directory.path, join(ROOT, '.cache/redis')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_PATH: join(ROOT, 'node_modules') },
  });
  serving = child;
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  const ready = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
    void exited.then(() => {
      resolve('exited');
    });
  });
  expect(ready).toBe('true\n');
  return () => exited;
}

function endings(): string[] {
  return roles.events().filter((event) => !event.includes(' start '));
}

/** The roles, and the Redis that they were told of. */
function processes(): number[] {
  const starts = roles.events().map((event) => event.split(' ')).filter(([, event]) => event === 'start');
  const lock = readLock();
  return [...starts.map(([, , pid]) => Number(pid)), ...(lock === undefined ? [] : [lock])];
}

function readLock(): number | undefined {
  try {
    return Number(readFileSync(join(directory.path, 'data/reveille-redis.lock'), 'utf8'));
  } catch {
    return undefined; // an orderly end removes it
  }
}

/** A killed process without a parent may stay as a zombie where nobody reaps it; that counts as gone. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
