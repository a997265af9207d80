import { execFileSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startSimulator, type Simulator } from '@reveille/simulator';
import { freePort, temporaryDirectory, type TemporaryDirectory } from '@reveille/testing';

import { spawnCommand } from './run-command';
import { apnsApp, IOS } from './start-relay';
import { until } from './wait';
import { findTexts, readDataDirectory } from './what-redis-keeps';

const PASSWORD = /sign in as admin with (\S+) \(/;

let directory: TemporaryDirectory;
let simulator: Simulator;
let admin: string;
let serve: ChildProcess;
let output = '';
beforeAll(async () => {
  directory = await temporaryDirectory();
  simulator = await startSimulator();
  const [http, adminPort] = [await freePort(), await freePort()];
  admin = `http://127.0.0.1:${adminPort}`;
  const file = join(directory.path, 'reveille.yaml');
  const settings = { log: { level: 'trace' }, http: { port: http }, admin: { port: adminPort } };
  await writeFile(file, JSON.stringify({ ...settings, apps: { [IOS]: apnsApp(simulator) } })); // JSON is YAML
  serve = spawnCommand(['serve', '--config', file, '--metrics-port', '0']);
  for (const stream of [serve.stdout, serve.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
});
afterAll(async () => {
  const exited = new Promise((resolve) => serve.once('close', resolve));
  serve.kill('SIGTERM');
  await exited;
  await simulator.close();
  await directory.remove();
});

it('serve prints a password that lets in, once, and writes it nowhere else', async () => {
  const password = await printed();
  expect(password).toMatch(/^\S{24}$/);
  expect((await logIn(`${password}x`)).status).toBe(401);
  const login = await logIn(password);
  expect({ status: login.status, body: await login.json() }).toEqual({ status: 200, body: { name: 'admin', role: 'operator' } });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const session = await fetch(`${admin}/api/v1/session`, { headers: { cookie } });
  expect(await session.json()).toMatchObject({ name: 'admin', role: 'operator', via: 'password' });
  expect((await fetch(`${admin}/api/v1/apps`)).status).toBe(401);

  expect(output.split(password)).toHaveLength(2); // that is, once
  for (const { args, environment } of processes()) expect(args + environment).not.toContain(password);
  // The configuration and the data of Redis, which a slow disk gets a second late.
  const written = await until(async () => {
    const bytes = await readDataDirectory(directory.path);
    return bytes.includes('reveille:admin:session:') && bytes;
  }, 'the session on disk');
  expect(findTexts(written, [password])).toEqual([]);
});

it('keeps it when the admin crashes', async () => {
  const password = await printed();
  const before = adminProcess();
  process.kill(before, 'SIGKILL');
  await until(() => adminProcess() !== before && adminProcess() > 0, 'the next admin');
  const login = await until(async () => {
    const answer = await logIn(password).catch(() => undefined);
    return answer?.status === 200 && answer;
  }, 'the login');
  expect(login.status).toBe(200);
  expect(output.split(password)).toHaveLength(2);
});

function printed(): Promise<string> {
  return until(() => PASSWORD.exec(output)?.[1], 'the password');
}

/** As the page does it. */
function logIn(password: string): Promise<Response> {
  return fetch(`${admin}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: admin },
    body: JSON.stringify({ name: 'admin', password }),
  });
}

interface Running {
  readonly pid: number;
  readonly args: string;
  readonly environment: string;
}

/** `serve` and its children, as every user of the host (and, for the environment, ours) sees them. */
function processes(): Running[] {
  const list = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return list.flatMap((line) => {
    const [pid = '', parent = '', ...args] = line.trim().split(/\s+/);
    if (![pid, parent].includes(String(serve.pid))) return [];
    return [{ pid: Number(pid), args: args.join(' '), environment: environmentOf(pid) }];
  });
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return ''; // gone, or no Linux
  }
}

function adminProcess(): number {
  return processes().find(({ args }) => args.includes('apps/admin/main.js'))?.pid ?? 0;
}
