import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { freePort, notifyRequest, temporaryDirectory, type TemporaryDirectory } from '@reveille/testing';

import { iosDevice, type TestDevice } from './devices';
import { runCommand, spawnCommand } from './run-command';
import { ANDROID, apnsApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

/** An app of its own for what leaves traces. */
const STORMY = 'com.example.stormy';
/** More than the storm breaker lets pass in suspect rejections. */
const STORM_DEVICES = 40;

let relay: Relay;
let directory: TemporaryDirectory;
beforeAll(async () => {
  directory = await temporaryDirectory();
  relay = await startRelay({
    apps: (simulator) => ({ [IOS]: apnsApp(simulator), [ANDROID]: apnsApp(simulator), [STORMY]: apnsApp(simulator) }),
  });
});
afterEach(() => relay.simulator.clearCommands());
afterAll(async () => {
  await relay.stop();
  await directory.remove();
});

it('resume: a parked app flows again', async () => {
  const devices = [iosDevice(), iosDevice(), iosDevice()];
  relay.simulator.command({ provider: 'apns', answer: { status: 403, reason: 'InvalidProviderToken' } });
  for (const device of devices) await send(device);
  await until(async () => (await balance(IOS)).waiting?.parked === devices.length, 'parked');
  relay.simulator.clearCommands();
  const { code, stdout, stderr } = await reveille('resume', IOS);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^com\.example\.ios runs again; it was parked since .+ \(InvalidProviderToken\)\.\n$/);
  for (const device of devices) expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered' }]);
});

it('ledger: every end is in it, and it closes', async () => {
  const [gone, live] = [iosDevice({}, ANDROID), iosDevice({}, ANDROID)];
  relay.simulator.command({ pushkey: gone.onWire, answer: { status: 410, reason: 'Unregistered' } });
  await send(gone);
  await send(live);
  await relay.outcomesOf(gone, 1);
  await relay.outcomesOf(live, 1);
  const { code, stdout } = await until(async () => {
    const result = await reveille('ledger', '--app', ANDROID);
    return result.stdout.includes('1  rejected') && result;
  }, 'the rejection in the books');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {4}2 {2}accepted\n {2}= 1 {2}delivered\n {2}\+ 1 {2}rejected\n/m);
  expect(stdout).toContain('It closes.');
  expect(await balance(ANDROID, '--since', '1h')).toMatchObject({ accepted: 2, delivered: 1, rejected: 1, open: 0, difference: 0 });
});

it('storms: a wrong topic is seen, and forgotten when an operator says so', async () => {
  const devices = Array.from({ length: STORM_DEVICES }, () => iosDevice({}, STORMY));
  relay.simulator.command({ provider: 'apns', answer: { status: 400, reason: 'DeviceTokenNotForTopic' } });
  for (const device of devices) await send(device);
  const listed = await until(async () => {
    const { stdout } = await reveille('storms');
    return stdout.startsWith(STORMY) && stdout;
  }, 'the storm');
  expect(listed).toContain('DeviceTokenNotForTopic');
  relay.simulator.clearCommands();
  expect(await reveille('storms', 'discard', STORMY)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^com\.example\.stormy: \d+ rejections are forgotten/) as string });
  expect(await reveille('storms')).toMatchObject({ code: 0, stdout: 'No storm of rejections.\n' });
});

describe.each([
  ['ledger', []],
  ['resume', [IOS]],
  ['storms', ['list']],
] as const)('%s', (command, args) => {
  it('says in one line that Redis is away, without its password', async () => {
    const url = `redis://:very-secret@127.0.0.1:${await freePort()}`;
    const file = join(directory.path, 'away.yaml');
    await writeFile(file, JSON.stringify({ redis: { url }, apps: { [IOS]: { type: 'apns' } } }));
    expect(await runCommand(command, ...args, '--config', file)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'reveille: Redis is not reachable (ECONNREFUSED)\n',
    });
  });

  it('says what is wrong with its arguments and with the configuration', async () => {
    expect(await reveille(command, ...args, '--jsno')).toMatchObject({ code: 2, stderr: expect.stringContaining(`usage: reveille ${command}`) as string });
    const missing = await runCommand(command, ...args, '--config', '/nowhere/reveille.yaml');
    expect(missing).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining('/nowhere/reveille.yaml') as string });
    expect(missing.stderr).not.toContain('    at ');
  });
});

it('a running serve with a Redis of its own is found by its data directory; after its end that is said', async () => {
  const file = join(directory.path, 'embedded.yaml');
  const address = join(directory.path, 'data/redis-url');
  await writeFile(file, JSON.stringify({ apps: { [IOS]: apnsApp(relay.simulator) }, admin: { port: 0 } }));
  const serve = spawnCommand(['serve', '--config', file, '--http-port', '0', '--metrics-port', '0']);
  const exited = new Promise<number | null>((resolve) => serve.once('close', (code) => resolve(code)));
  serve.stdout?.resume();
  serve.stderr?.resume();
  try {
    await until(() => existsSync(address), 'the address');
    const { code, stdout } = await runCommand('ledger', '--config', file);
    expect({ code, closes: stdout.includes('It closes.') }).toEqual({ code: 0, closes: true });
  } finally {
    serve.kill('SIGTERM');
  }
  expect(await exited).toBe(0);
  expect(existsSync(address)).toBe(false);
  const after = await runCommand('ledger', '--config', file);
  expect(after).toMatchObject({ code: 1, stdout: '' });
  expect(after.stderr).toMatch(/^reveille: the configuration names no Redis.+`reveille serve`.+\n$/);
});

function reveille(command: string, ...args: readonly string[]) {
  return runCommand(command, '--config', relay.configFile, ...args);
}

interface ShownBalance {
  readonly waiting?: { readonly parked: number };
}

async function balance(app: string, ...args: readonly string[]): Promise<ShownBalance> {
  const { stdout } = await reveille('ledger', '--json', '--app', app, ...args);
  const { apps } = JSON.parse(stdout) as { apps: Record<string, ShownBalance> }; // apps/reveille/src/ledger-command.ts
  return apps[app] ?? {};
}

async function send(device: TestDevice): Promise<void> {
  const answer = await relay.notify(notifyRequest({ devices: [device.wire] }));
  expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
}
