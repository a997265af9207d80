import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { configSchema, loadConfig, looseAppSchema } from '@reveille/config';
import { notifyRequest, startTestRedis, temporaryDirectory, type RunningRedis } from '@reveille/testing';
import { parse } from 'yaml';
import { z } from 'zod';

import { iosDevice } from './devices';
import { ADMIN_TOKEN, HASH_KEY, startRelay, type Relay } from './start-relay';

const ROOT = join(__dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const PASSWORD = `password-${randomBytes(12).toString('hex')}`;
const SEALING_KEY = randomBytes(32).toString('base64');

describe('a running relay', () => {
  let redis: RunningRedis;
  let relay: Relay;
  beforeAll(async () => {
    redis = await startTestRedis({ password: PASSWORD });
    relay = await startRelay({
      admin: true,
      redisUrl: redis.url,
      config: { privacy: { hash_key: HASH_KEY, sealing_keys: [SEALING_KEY] } },
    });
    const device = iosDevice();
    expect(await relay.notify(notifyRequest({ devices: [device.wire] }))).toMatchObject({ status: 200 });
    await relay.outcomesOf(device, 1);
  });
  afterAll(async () => {
    await relay.stop();
    await redis.stop();
  });

  it("wears helmet's headers on every surface", async () => {
    const [ingress, dispatcher, admin] = [urlsOf(relay.ingresses[0]), urlsOf(relay.dispatchers[0]), urlsOf(relay.admin)];
    const notify = `${ingress.http}/_matrix/push/v1/notify`;
    const requests: [string, RequestInit?][] = [
      [notify],
      [notify, { method: 'POST', body: 'x' }],
      [notify, { method: 'POST', body: JSON.stringify(notifyRequest()) }],
      [notify, { method: 'PUT' }],
      [`${ingress.http}/health`],
      [`${ingress.http}/nothing`],
      [`${admin.http}/api/v1/apps`],
      [`${admin.http}/api/v1/apps`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } }],
      [`${admin.http}/nothing`],
      ...[ingress, dispatcher, admin].flatMap(({ metrics }): [string][] => [[`${metrics}/metrics`], [`${metrics}/nothing`]]),
    ];
    for (const [url, init] of requests) {
      const { headers } = await fetch(url, init);
      const seen = ['x-content-type-options', 'x-frame-options', 'referrer-policy', 'x-powered-by'].map((name) => headers.get(name));
      expect({ url, seen }).toEqual({ url, seen: ['nosniff', 'SAMEORIGIN', 'no-referrer', null] });
      // The admin's page names what it loads, one by one.
      expect(headers.get('content-security-policy')).toContain(url.startsWith(`${admin.http}`) ? "default-src 'none'" : "default-src 'self'");
    }
  });

  it('shows no secret of its configuration in the process list or in anything that it writes', () => {
    const secrets = [PASSWORD, ADMIN_TOKEN, HASH_KEY, SEALING_KEY, ...privateKeys(relay)];
    expect(secrets.length).toBeGreaterThan(3);
    const processes = [...relay.ingresses, ...relay.dispatchers, relay.admin].filter((each) => each !== undefined);
    // The arguments of Redis as well: its password goes in by standard input.
    for (const pid of [...processes.map(({ pid }) => pid), redis.pid]) {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      expect(commandLine).not.toBe('');
      expect(secrets.filter((secret) => commandLine.includes(secret))).toEqual([]);
    }
    const output = processes.map((each) => each.output()).join('');
    expect(output).toContain('listening');
    expect(secrets.filter((secret) => output.includes(secret) || output.includes(JSON.stringify(secret).slice(1, -1)))).toEqual([]);
  });

  it('listens on loopback only', () => {
    for (const { urls } of [...relay.ingresses, ...relay.dispatchers, relay.admin].filter((each) => each !== undefined)) {
      for (const url of Object.values(urls)) expect(new URL(url).hostname).toBe('127.0.0.1');
    }
  });
});

/** The second line of each key file that the configuration names: enough of it to know it again. */
function urlsOf(process: Relay['admin']): NonNullable<Relay['admin']>['urls'] {
  if (process === undefined) throw new Error('it does not run');
  return process.urls;
}

function privateKeys(relay: Relay): string[] {
  const { files } = relay.simulator;
  const account = z.object({ private_key: z.string() }).parse(JSON.parse(readFileSync(files.serviceAccount, 'utf8')));
  return [readFileSync(files.apnsKey, 'utf8'), account.private_key].map((pem) => pem.split('\n')[1] ?? '');
}

it('every surface is bound to loopback unless the configuration says otherwise', async () => {
  const directory = await temporaryDirectory();
  try {
    const environment = { 'REVEILLE_APPS__com.example.ios__TYPE': 'apns' };
    const loaded = loadConfig({ schema: configSchema(looseAppSchema), environment, cwd: directory.path });
    expect(loaded).toMatchObject({
      ok: true,
      settings: { http: { bind_addresses: ['127.0.0.1'] }, admin: { bind_address: '127.0.0.1' }, metrics: { bind_address: '127.0.0.1' } },
    });
  } finally {
    await directory.remove();
  }
});

describe('the containers', () => {
  const service = z.looseObject({
    read_only: z.literal(true),
    cap_drop: z.tuple([z.literal('ALL')]),
    security_opt: z.array(z.string()),
    ports: z.array(z.string()).default([]),
    privileged: z.never().optional(),
    pid: z.never().optional(),
    network_mode: z.never().optional(),
    networks: z.array(z.string()),
  });
  const compose = z
    .looseObject({ services: z.record(z.string(), service), networks: z.object({ inside: z.object({ internal: z.literal(true) }) }) })
    .parse(parse(read('docker-compose.yml'), { merge: true }));

  it('have a read-only file system, no capabilities, no way to new privileges, and publish on loopback', () => {
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(['redis', 'ingress-1', 'dispatcher-1', 'admin']));
    for (const each of Object.values(compose.services)) {
      expect(each.security_opt).toContain('no-new-privileges:true');
      for (const port of each.ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('keep Redis and ingress on a network without a way out', () => {
    for (const name of ['redis', 'ingress-1', 'ingress-2']) expect(compose.services[name]?.networks).toEqual(['inside']);
  });

  it('run as a user without rights, from a locked set of packages', () => {
    const lines = read('Dockerfile').split('\n');
    expect(lines.findLast((line) => /^(USER|FROM)/.test(line))).toBe('USER node');
    expect(lines.filter((line) => line.includes('npm ')).every((line) => line.includes('npm ci'))).toBe(true);
    const ignored = read('.dockerignore').split('\n');
    // Everything is left out but what is named.
    expect(ignored).toContain('*');
    expect(ignored).toEqual(expect.arrayContaining(['**/*.p8', '**/*.pem', '**/*.key']));
  });
});

it('the repository holds no private key', () => {
  const folders = ['apps', 'libs', 'e2e', 'bench', 'chaos', 'fuzz', 'deploy', 'docs', 'tools'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules') && !entry.parentPath.includes('secrets'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  expect(files.length).toBeGreaterThan(300);
  // A whole key, not a test's words about one.
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\\n|\s)+[A-Za-z0-9+/=\s\\]{100,}-----END/;
  expect(files.filter((file) => key.test(readFileSync(file, 'utf8')))).toEqual([]);
});
