import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { SERVE_PASSWORD_VARIABLE, verifyPassword } from '@reveille/config';
import { createLogger } from '@reveille/observability';
import { eventuallyPasses, startTestRedis, temporaryDirectory } from '@reveille/testing';
import type { TemporaryDirectory } from '@reveille/testing';

import { embeddedAddressFile } from './embedded-address';
import { writeFakeRoles } from './fake-roles.fixture';
import type { FakeRoles } from './fake-roles.fixture';
import { startRelay } from './start-relay';
import type { RelayOptions, RelayStart } from './start-relay';
import { Supervisor } from './supervisor';
import { REDIS_CACHE_DIRECTORY } from './workspace-paths';

let directory: TemporaryDirectory;
let roles: FakeRoles;
let supervisor: Supervisor;
let complaints: string;
const logger = createLogger({ role: 'test', level: 'info', format: 'json', stream: new PassThrough().resume() });

beforeAll(async () => {
  await (await startTestRedis()).stop(); // fills the cache on a machine without a Redis
});
beforeEach(async () => {
  directory = await temporaryDirectory();
  roles = writeFakeRoles(directory.path);
  supervisor = new Supervisor();
  complaints = '';
});
afterEach(async () => {
  await supervisor.stop();
  await directory.remove();
});

describe('startRelay', () => {
  it('starts the roles on the configured Redis, and none of its own', async () => {
    const relay = await start({ redis: { url: 'redis://example.org:6379' } });
    expect(relay).toMatchObject({ ok: true, urls: { ingress: { http: 'http://127.0.0.1:1/' } } });
    expect(relay).not.toHaveProperty('embeddedRedis');
    expect(started().map(([role, , , url]) => `${role} ${url}`).toSorted()).toEqual(['admin -', 'dispatcher -', 'ingress -']);
  });

  it('takes the Redis of the command line before that of the file', async () => {
    await start({ redis: { url: 'redis://example.org:6379' } }, { redisUrl: 'redis://example.org:6380' });
    expect(started().map(([, , , url]) => url)).toEqual(Array.from({ length: 3 }, () => 'redis://example.org:6380'));
  });

  it('warns of a password on its command line, without showing it', async () => {
    const stream = new PassThrough();
    let lines = '';
    stream.setEncoding('utf8').on('data', (text: string) => (lines += text));
    const redisUrl = 'redis://user:SENTINEL@example.org:6380';
    await start({}, { redisUrl, logger: createLogger({ role: 'test', level: 'info', format: 'json', stream }) });
    expect(lines).toContain('"setting":"--redis-url","problem":"shows its password in the process list');
    expect(lines).not.toContain('SENTINEL');
  });

  it('gives the roles a Redis of its own: durable, with a password that no argument shows', async () => {
    const relay = await start({});
    expect(relay).toMatchObject({ ok: true, embeddedRedis: { dataDirectory: join(directory.path, 'data') } });
    const url = redisUrl();
    expect(await ask(url, 'CONFIG GET appendonly')).toContain('\r\nyes\r\n');
    expect(await ask(url, 'CONFIG GET appendfsync')).toContain('\r\neverysec\r\n');
    for (const [, , , , ...args] of started()) expect(args).toEqual(['--config', join(directory.path, 'reveille.yaml')]);
    expect(new URL(url).password).not.toBe('');
  });

  it('writes down where its Redis is, for the commands of its owner, as long as it runs', async () => {
    await start({});
    const file = embeddedAddressFile(join(directory.path, 'data'));
    expect(readFileSync(file, 'utf8')).toBe(`${redisUrl()}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await supervisor.stop();
    expect(existsSync(file)).toBe(false);
  });

  it('ends in order: ingress, admin, dispatcher, and Redis when nobody needs it any more', async () => {
    roles.behave('ingress', { drainMs: 30 });
    roles.behave('dispatcher', { drainMs: 30 });
    await start({});
    const url = redisUrl();
    await supervisor.stop();
    const ends = roles.events().filter((event) => !event.includes(' start '));
    expect(ends).toEqual(['ingress', 'admin', 'dispatcher'].flatMap((role) => [`${role} drain SIGTERM`, `${role} end`]));
    await expect(ask(url, 'PING')).rejects.toThrow('ECONNREFUSED');
  });

  it('brings its Redis back in the same place with the same data', async () => {
    await start({});
    const url = redisUrl();
    await ask(url, 'CONFIG SET appendfsync always');
    expect(await ask(url, 'SET push waits')).toContain('+OK');
    const info = await ask(url, 'INFO server');
    process.kill(Number(/process_id:(\d+)/.exec(info)?.[1]), 'SIGKILL');
    // It answers before it has read its file again.
    await eventuallyPasses(async () => expect(await ask(url, 'GET push')).toContain('waits'));
  });

  it('makes a password for an admin that nobody could enter, and hands its hash to the admin alone', async () => {
    const relay = await start({ redis: { url: 'redis://example.org:6379' } }, { environment: { [SERVE_PASSWORD_VARIABLE]: 'of somebody else' } });
    const { name = '', password = '' } = (relay.ok && relay.adminLogin) || {};
    expect(name).toBe('admin');
    expect(password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){4}$/);
    const hash = roles.environmentOf('admin')[SERVE_PASSWORD_VARIABLE] ?? '';
    expect(await verifyPassword(password, hash)).toBe(true);
    for (const role of ['ingress', 'dispatcher'] as const) expect(roles.environmentOf(role)).not.toHaveProperty(SERVE_PASSWORD_VARIABLE);
    const everywhere = JSON.stringify([roles.events(), roles.environmentOf('admin')]);
    expect(everywhere).not.toContain(password);

    const again = await start({ redis: { url: 'redis://example.org:6379' } });
    expect(again.ok && again.adminLogin?.password).not.toBe(password);
  });

  it('keeps that password when the admin has to be started again', async () => {
    roles.behave('admin', { crash: 3 });
    expect(await start({ redis: { url: 'redis://example.org:6379' } })).toMatchObject({ ok: true });
    const first = roles.environmentOf('admin')[SERVE_PASSWORD_VARIABLE];
    await eventuallyPasses(() => expect(started().filter(([role]) => role === 'admin').length).toBeGreaterThan(1));
    expect(roles.environmentOf('admin')[SERVE_PASSWORD_VARIABLE]).toBe(first);
  });

  it.each([
    ['users', { users: [{ name: 'alice', role: 'viewer', password_hash: `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}` }] }],
    ['tokens', { tokens: [{ name: 'grafana', role: 'viewer', token: 'sixteen characters' }] }],
    ['a trusted header', { trusted_header: 'X-User' }],
  ])('makes none where the configuration has %s', async (_name, admin) => {
    const relay = await start({ redis: { url: 'redis://example.org:6379' }, admin });
    expect(relay).toMatchObject({ ok: true });
    expect(relay).not.toHaveProperty('adminLogin');
    expect(roles.environmentOf('admin')).not.toHaveProperty(SERVE_PASSWORD_VARIABLE);
  });

  it('starts nothing with a configuration that the dispatcher refuses, and says what it said', async () => {
    roles.behave('dispatcher', { problem: 'apps["x"].topic is missing' });
    expect(await start({})).toEqual({ ok: false, exitCode: 1 });
    expect(complaints).toBe('apps["x"].topic is missing\n');
    expect(roles.events()).toEqual([]);
  });

  it('gives up with the exit code of a role that refuses to start', async () => {
    roles.behave('ingress', { refuse: 1 });
    expect(await start({ redis: { url: 'redis://example.org:6379' } })).toEqual({ ok: false, exitCode: 1 });
  });

  it.each([
    [{ httpPort: 0, metricsPort: 0 }, { ingress: '--http-port 0 --metrics-port 0', dispatcher: '--metrics-port 0', admin: '--http-port 0 --metrics-port 0' }],
    [{ httpPort: 81, metricsPort: 90 }, { ingress: '--http-port 81 --metrics-port 90', dispatcher: '--metrics-port 91', admin: '--metrics-port 92' }],
  ])('passes %j on to the roles', async (flags, expected) => {
    await start({ redis: { url: 'redis://example.org:6379' } }, flags);
    const args = started().map(([role, , , , , , ...rest]): [string, string] => [role ?? '', rest.join(' ')]);
    expect(new Map(args)).toEqual(new Map(Object.entries(expected)));
  });
});

function start(settings: Record<string, unknown>, options: Partial<RelayOptions> = {}): Promise<RelayStart> {
  const configFile = join(directory.path, 'reveille.yaml');
  const whole = { redis: { data_directory: './data' }, apps: { 'com.example.ios': { type: 'apns' } }, ...settings };
  writeFileSync(configFile, JSON.stringify(whole), { mode: 0o600 }); // JSON is YAML
  return startRelay({
    configFile,
    environment: {},
    cwd: directory.path,
    redisCacheDirectory: REDIS_CACHE_DIRECTORY,
    roleScript: roles.script,
    supervisor,
    logger,
    complain: (text) => {
      complaints += text;
    },
    ...options,
  });
}

/** `[role, 'start', pid, redis URL, ...arguments]` of each start. */
function started(): string[][] {
  return roles.events().map((event) => event.split(' ')).filter(([, event]) => event === 'start');
}

function redisUrl(): string {
  return started()[0]?.[3] ?? '';
}

/** One inline command on a connection of its own. */
function ask(url: string, command: string): Promise<string> {
  const { port, password } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port: Number(port) }, () => {
      socket.write(`AUTH ${password}\r\n${command}\r\nQUIT\r\n`);
    });
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.once('error', reject).once('close', () => {
      resolve(answer);
    });
  });
}
