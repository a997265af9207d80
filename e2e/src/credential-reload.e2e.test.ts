import { generateKeyPairSync } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { notifyRequest, temporaryDirectory, type TemporaryDirectory } from '@reveille/testing';

import { iosDevice, type TestDevice } from './devices';
import { runCommand } from './run-command';
import { apnsApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

let relay: Relay;
let directory: TemporaryDirectory;
let keyfile: string;
let rightKey: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
  keyfile = join(directory.path, 'AuthKey.p8');
  await writeFile(keyfile, foreignKey(), { mode: 0o600 });
  relay = await startRelay({ dispatchers: 2, apps: (simulator) => ({ [IOS]: apnsApp(simulator, { keyfile }) }) });
  rightKey = await readFile(relay.simulator.files.apnsKey, 'utf8');
});
afterAll(async () => {
  await relay.stop();
  await directory.remove();
});

// One after another: each goes on with the files that the one before has left.
describe('a key file that is replaced while two dispatchers run', () => {
  it('opens the app that was parked for the old one: what waited arrives, each push once', async () => {
    const devices = Array.from({ length: 8 }, () => iosDevice());
    for (const device of devices) await send(device);
    await until(async () => (await ledger()).waiting.parked === devices.length, 'parked');
    await replaceKey(rightKey);
    for (const device of devices) {
      expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered', attempts: 1 }]);
      expect(relay.simulator.received({ pushkey: device.onWire }).filter(({ status }) => status === 200)).toHaveLength(1);
    }
    await everyDispatcher('{app="com.example.ios",result="reloaded"} 1');
    expect(relay.dispatchers.flatMap((each) => each.lines()).filter(({ msg }) => msg.includes('was parked and runs again'))).not.toEqual([]);
  });

  it('changes nothing if it cannot be used; that is told, once, until it is right again', async () => {
    await replaceKey(rightKey.slice(0, 100));
    await everyDispatcher('reveille_dispatcher_credential_files_refused{app="com.example.ios"} 1');
    await delivers();
    for (const each of relay.dispatchers) {
      const warnings = each.lines().filter(({ level, msg }) => level === 'warn' && msg.includes('credential files'));
      expect(warnings).toMatchObject([{ app: IOS, problems: [expect.stringMatching(/^keyfile /)] }]);
    }
    await replaceKey(rightKey);
    await everyDispatcher('reveille_dispatcher_credential_files_refused{app="com.example.ios"} 0');
    await delivers();
  });

  it('interrupts no push that flows', async () => {
    const devices: TestDevice[] = [];
    const before = relay.outcomes().length;
    for (const rotation of [1, 2]) {
      await replaceKey(`${rightKey}${'\n'.repeat(rotation)}`);
      const seen = `result="reloaded"} ${rotation + 1}`;
      while (!(await metrics()).every((text) => text.includes(seen))) {
        const device = iosDevice();
        devices.push(device);
        await send(device);
      }
    }
    await until(() => relay.outcomes().length === before + devices.length, 'the outcomes');
    for (const outcome of relay.outcomes().slice(before)) expect(outcome).toMatchObject({ outcome: 'delivered', attempts: 1 });
    for (const { onWire } of devices) expect(relay.simulator.received({ pushkey: onWire })).toHaveLength(1);
    expect(await ledger()).toMatchObject({ difference: 0 });
  });

  it('shows in no log', () => {
    for (const key of [rightKey, rightKey.slice(0, 100)]) expect(relay.logs()).not.toContain(key.split('\n')[1]?.slice(0, 20));
  });
});

async function replaceKey(text: string): Promise<void> {
  await writeFile(`${keyfile}.new`, text, { mode: 0o600 });
  await rename(`${keyfile}.new`, keyfile);
}

function foreignKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The metrics of every dispatcher. */
function metrics(): Promise<string[]> {
  return Promise.all(relay.dispatchers.map(async ({ urls }) => (await fetch(`${urls.metrics}/metrics`)).text()));
}

async function everyDispatcher(line: string): Promise<void> {
  await until(async () => (await metrics()).every((text) => text.includes(`${line}\n`)), line);
}

async function delivers(): Promise<void> {
  const device = iosDevice();
  await send(device);
  expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered' }]);
}

interface ShownBalance {
  readonly difference: number;
  readonly waiting: { readonly parked: number };
}

async function ledger(): Promise<ShownBalance> {
  const { stdout } = await runCommand('ledger', '--config', relay.configFile, '--json');
  return (JSON.parse(stdout) as { total: ShownBalance }).total; // apps/reveille/src/ledger-command.ts
}

async function send(device: TestDevice): Promise<void> {
  const answer = await relay.notify(notifyRequest({ devices: [device.wire] }));
  expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
}
