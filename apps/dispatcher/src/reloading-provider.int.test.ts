import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

import type { Dispatch } from '@reveille/provider';
import { apnsApp, startSimulator, type Simulator } from '@reveille/simulator';
import { eventually, eventuallyPasses, temporaryDirectory, uniqueApnsToken, type TemporaryDirectory } from '@reveille/testing';
import { appSchema } from './app-schema';
import { createReloadingProvider, type Reload, type ReloadingProvider } from './reloading-provider';

const INTERVAL_MS = 20;

let simulator: Simulator;
let directory: TemporaryDirectory;
let provider: ReloadingProvider | undefined;
let reloads: Reload[];

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
beforeEach(async () => {
  directory = await temporaryDirectory();
  reloads = [];
});
afterEach(async () => {
  await provider?.close(0);
  provider = undefined;
  await directory.remove();
  await eventuallyPasses(() => expect(simulator.stats().sessions).toBe(0));
});

describe('a key file that is replaced', () => {
  it.each([
    ['written over', (file: string, text: string) => writeFile(file, text)],
    ['renamed into its place', (file: string, text: string) => replaceFile(file, text)],
  ])('is used when it was %s', async (_how, replace) => {
    const keyfile = await file('key.p8', foreignKey());
    const apns = watched({ keyfile });
    expect(await apns.send(push())).toMatchObject({ kind: 'parked', reason: 'InvalidProviderToken' });
    await replace(keyfile, await rightKey());
    await eventually(() => reloads.at(-1)?.kind === 'reloaded');
    expect(await apns.send(push())).toMatchObject({ kind: 'delivered' });
    // The old connections go, the new one stays.
    await eventuallyPasses(() => expect(simulator.stats().sessions).toBe(1));
  });

  it('is used when a link to its folder is moved, as Kubernetes does with a secret', async () => {
    for (const [name, text] of [['one', foreignKey()], ['two', `${await rightKey()}\n`], ['three', await rightKey()]] as const) {
      await mkdir(join(directory.path, name));
      await file(`${name}/key.p8`, text);
    }
    await symlink('one', join(directory.path, '..data'));
    await symlink(join('..data', 'key.p8'), join(directory.path, 'key.p8'));
    const apns = watched({ keyfile: join(directory.path, 'key.p8') });
    expect(await apns.send(push())).toMatchObject({ kind: 'parked' });
    for (const [index, name] of ['two', 'three'].entries()) {
      await symlink(name, join(directory.path, '..data_tmp'));
      await rename(join(directory.path, '..data_tmp'), join(directory.path, '..data'));
      await eventually(() => reloads.length === index + 1);
      expect(await apns.send(push())).toMatchObject({ kind: 'delivered' });
    }
    expect(reloads).toEqual([{ kind: 'reloaded' }, { kind: 'reloaded' }]);
  });

  it('is left alone when it was only touched', async () => {
    const keyfile = await file('key.p8', await rightKey());
    const apns = watched({ keyfile });
    await apns.send(push());
    await replaceFile(keyfile, await rightKey());
    // A real change after it is told, so the touch was seen and was none.
    await replaceFile(keyfile, `${await rightKey()}\n`);
    await eventually(() => reloads.at(-1)?.kind === 'reloaded');
    expect(reloads).toEqual([{ kind: 'reloaded' }]);
  });

  it('that cannot be used changes nothing and is told once; so is its return', async () => {
    const keyfile = await file('key.p8', await rightKey());
    const apns = watched({ keyfile });
    await replaceFile(keyfile, (await rightKey()).slice(0, 80));
    await eventually(() => reloads.length === 1);
    expect(reloads).toEqual([{ kind: 'refused', problems: [expect.objectContaining({ path: ['keyfile'] })] }]);
    expect(JSON.stringify(reloads)).not.toContain((await rightKey()).slice(40, 70));
    expect(await apns.send(push())).toMatchObject({ kind: 'delivered' });
    await rm(keyfile);
    await eventually(() => reloads.length === 2);
    expect(reloads[1]).toMatchObject({ kind: 'refused', problems: [{ path: ['keyfile'], message: 'cannot be read (ENOENT)' }] });
    expect(await apns.send(push())).toMatchObject({ kind: 'delivered' });
    await replaceFile(keyfile, await rightKey());
    await eventually(() => reloads.length === 3);
    expect(reloads[2]).toEqual({ kind: 'restored' });
    expect(await apns.send(push())).toMatchObject({ kind: 'delivered' });
  });
});

describe('every file of an app', () => {
  it('is watched: the authorities', async () => {
    const ca_file = await file('ca.crt', rootCertificates[0] ?? '');
    const apns = watched({ ca_file });
    expect(await apns.send(push())).toMatchObject({ kind: 'deferred', reason: 'tls' });
    await replaceFile(ca_file, simulator.caPem);
    await eventually(() => reloads.at(-1)?.kind === 'reloaded');
    expect(await apns.send(push())).toMatchObject({ kind: 'delivered' });
  });

  it('is watched: the service account of an FCM app', async () => {
    const account = JSON.parse(await readFile(simulator.files.serviceAccount, 'utf8')) as Record<string, unknown>; // apps/simulator/src/key-files.ts
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const foreign = { ...account, private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
    const service_account_file = await file('account.json', JSON.stringify(foreign));
    const fcm = start({
      type: 'fcm',
      project_id: simulator.projectId,
      service_account_file,
      url: simulator.fcmUrl,
      ca_file: simulator.files.ca,
    });
    expect(await fcm.send(push('fcm'))).toMatchObject({ kind: 'parked' });
    await replaceFile(service_account_file, JSON.stringify(account));
    await eventually(() => reloads.at(-1)?.kind === 'reloaded');
    expect(await fcm.send(push('fcm'))).toMatchObject({ kind: 'delivered' });
  });
});

it('loses and repeats nothing while keys change under load', async () => {
  const keyfile = await file('key.p8', await rightKey());
  const apns = watched({ keyfile });
  simulator.setLatency(3);
  const ids: string[] = [];
  let ended = false;
  const outcomes: string[] = [];
  const senders = Array.from({ length: 8 }, async () => {
    while (!ended) {
      const dispatch = push();
      ids.push(dispatch.id);
      outcomes.push((await apns.send(dispatch)).kind);
    }
  });
  const rotations = 4;
  for (let rotation = 1; rotation <= rotations; rotation += 1) {
    await replaceFile(keyfile, `${await rightKey()}${'\n'.repeat(rotation)}`);
    await eventually(() => reloads.length === rotation);
  }
  ended = true;
  await Promise.all(senders);
  simulator.setLatency(0);
  expect(reloads).toEqual(Array.from({ length: rotations }, () => ({ kind: 'reloaded' })));
  expect(new Set(outcomes)).toEqual(new Set(['delivered']));
  const seen = simulator.received().map(({ headers }) => headers['apns-id']);
  expect(ids.length).toBeGreaterThan(0);
  for (const id of ids) expect(seen.filter((each) => each === id)).toHaveLength(1);
});

/** An APNs app at the simulator, watched. */
function watched(settings: Readonly<Record<string, unknown>>): ReloadingProvider {
  return start(apnsApp(simulator, settings));
}

function start(settings: Readonly<Record<string, unknown>>): ReloadingProvider {
  const context = { baseDirectory: directory.path, environment: {}, proxy: undefined, now: Date.now, requestTimeoutMs: 5000 };
  provider = createReloadingProvider({ app: appSchema.parse(settings), context, intervalMs: INTERVAL_MS });
  provider.watch((reload) => reloads.push(reload));
  return provider;
}

async function file(name: string, text: string): Promise<string> {
  const path = join(directory.path, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

/** At once: a look may find a file that is being written half-way, and tell of it. */
async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function rightKey(): Promise<string> {
  return readFile(simulator.files.apnsKey, 'utf8');
}

function foreignKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function push(provider: 'apns' | 'fcm' = 'apns'): Dispatch {
  const { pushkey } = uniqueApnsToken();
  return {
    id: randomUUID(),
    kind: 'event',
    acceptedAt: Date.now(),
    deadline: Date.now() + 60_000,
    deviceHash: 'hash',
    notification: { eventId: '$event', roomId: '!room', userIsTarget: false, priority: 'high', counts: { unread: 1 } },
    device: { appId: `com.example.${provider}`, pushkey, defaultPayload: { kind: 'absent' } },
  };
}
