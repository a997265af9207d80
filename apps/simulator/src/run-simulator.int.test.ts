import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { build, stop } from 'esbuild';

import { listen } from './listen';
import type { SimulatorReady } from './run-simulator';

// Making keys takes seconds on a machine that is busy with other tests.
jest.setTimeout(30_000);

let folder: string;
let main: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reveille-simulator-test-'));
  main = join(folder, 'main.js');
  await build({
    entryPoints: [join(__dirname, 'main.ts')],
    outfile: main,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
  });
  // Its helper process would stay.
  await stop();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function ended(child: ChildProcess) {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => (out += String(chunk)));
  child.stderr?.on('data', (chunk) => (err += String(chunk)));
  // Not the child's own 'close': it never comes after the parent's disconnect().
  const streamEnds = [child.stdout, child.stderr].map(
    (stream) => new Promise<void>((resolve) => stream?.once('close', () => resolve())),
  );
  const code = await new Promise<unknown>((resolve) => child.once('exit', resolve));
  await Promise.all(streamEnds);
  return { code, out, err };
}

const ready = (child: ChildProcess) =>
  new Promise<SimulatorReady>((resolve) => child.once('message', (message) => resolve(message as SimulatorReady)));

test('prints where each listens, tells its parent, and ends at SIGTERM', async () => {
  const directory = join(folder, 'keys');
  const child = fork(main, ['--directory', directory, '--latency', '1'], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const end = ended(child);
  const { type, simulator } = await ready(child);
  expect(type).toBe('ready');
  expect((await fetch(`${simulator.controlUrl}/health`)).status).toBe(200);
  expect(
    Object.values<string>({ ...simulator.files }).every((file) => file.startsWith(directory) && existsSync(file)),
  ).toBe(true);
  child.kill('SIGTERM');
  const { code, out, err } = await end;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const line of [
    `APNs on ${simulator.apnsUrl}`,
    `FCM on ${simulator.fcmUrl}`,
    `tokens on ${simulator.tokenUrl}`,
    `control on ${simulator.controlUrl}`,
  ]) {
    expect(out).toContain(`simulator: ${line}\n`);
  }
  // A directory that was asked for stays.
  expect(await readdir(directory)).toHaveLength(4);
});

test('ends when its parent lets go of it, and leaves no temporary keys', async () => {
  const child = fork(main, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const end = ended(child);
  const { simulator } = await ready(child);
  expect(existsSync(simulator.files.apnsKey)).toBe(true);
  child.disconnect();
  expect((await end).code).toBe(0);
  expect(existsSync(simulator.files.apnsKey)).toBe(false);
});

test.each([
  [['--apns-port', 'x'], "--apns-port: 'x' is not a whole number from 0 to 65535"],
  [['--control-port', '65536'], '--control-port'],
  [['--latency=-1'], '--latency'],
  [['--port', '1'], '--port'],
  [['extra'], 'extra'],
])('wrong use %j: exit 2 and what is right', async (args, problem) => {
  const { code, err } = await ended(spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }));
  expect(code).toBe(2);
  expect(err).toContain(problem);
  expect(err).toContain('usage: simulator');
});

test('--config: what the relay will ask for; a flag wins', async () => {
  const free = createServer();
  const port = await listen(free, 0);
  await new Promise((resolve) => free.close(resolve));
  const file = join(folder, 'relay.yaml');
  const ios = `{ type: apns, topic: com.example.mine, key_id: MYKEY, team_id: MYTEAM, url: 'https://localhost:${port}' }`;
  const android = `{ type: fcm, project_id: mine, url: 'https://localhost:1' }`;
  await writeFile(file, `apps: { ios: ${ios}, android: ${android} }\n`);
  const child = fork(main, ['--config', file, '--fcm-port', '0'], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const end = ended(child);
  const { simulator } = await ready(child);
  expect(simulator.apnsUrl).toBe(`https://127.0.0.1:${port}`);
  expect(new URL(simulator.fcmUrl).port).not.toBe('1');
  expect(simulator.apns).toEqual({ topic: 'com.example.mine', keyId: 'MYKEY', teamId: 'MYTEAM' });
  expect(simulator.projectId).toBe('mine');
  child.disconnect();
  expect(await end).toMatchObject({ code: 0, err: '' });
});

test('--config with a wrong file: exit 1 and every problem', async () => {
  const file = join(folder, 'wrong.yaml');
  await writeFile(file, 'apps: { ios: { type: apns, url: here } }\nlog: { level: loud }\n');
  const child = spawn(process.execPath, [main, '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const { code, out, err } = await ended(child);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain('wrong.yaml: 2 problems');
  expect(err).toContain('apps.ios.url');
  expect(err).toContain('log.level');
});

test('a port that is taken: exit 1, and the port is named', async () => {
  const squatter = createServer();
  const port = await listen(squatter, 0);
  const { code, err } = await ended(
    spawn(process.execPath, [main, '--token-port', String(port)], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  squatter.close();
  expect(code).toBe(1);
  expect(err).toContain(String(port));
});
