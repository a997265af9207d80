import { fullNotifyRequest, notifyRequest } from '@reveille/testing';

import { iosDevice, type TestDevice } from './devices';
import { runCommand, runCommandWithInput, spawnCommand, toItsEnd } from './run-command';
import { ANDROID, apnsApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

/** An app of its own for what fails. */
const ILL = 'com.example.ill';
const CALM = 'com.example.calm';
/** One whose provider is out for a while. */
const OUT = 'com.example.out';
/** Nothing that a retry would help. */
const REFUSAL = { status: 413, reason: 'PayloadTooLarge' };

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({
    apps: (simulator) => Object.fromEntries([IOS, ANDROID, ILL, CALM, OUT].map((app) => [app, apnsApp(simulator)])),
  });
});
afterEach(() => relay.simulator.clearCommands());
afterAll(() => relay.stop());

it('pause: pushes are accepted and wait; resume: they are sent', async () => {
  expect(await reveille('pause', IOS, '--reason', 'a test')).toMatchObject({ code: 0, stderr: '' });
  const device = iosDevice();
  await send(device);
  await until(async () => (await waiting(IOS)).parked === 1, 'the push to wait');
  expect(relay.outcomes()).toEqual([]);
  expect(await reveille('resume', IOS)).toMatchObject({ code: 0, stdout: expect.stringMatching(/it was paused since .+ by cli:\S+ \(a test\)/) as string });
  expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered' }]);
});

it('drain: homeservers are turned away until it is taken back', async () => {
  const device = iosDevice({}, ANDROID);
  const request = notifyRequest({ devices: [device.wire] });
  expect(await reveille('drain', ANDROID, 'on')).toMatchObject({ code: 0, stderr: '' });
  expect(await relay.notify(request)).toMatchObject({ status: 503 });
  expect(await reveille('drain', ANDROID, 'off')).toMatchObject({ code: 0, stderr: '' });
  expect(await relay.notify(request)).toMatchObject({ status: 200 });
  expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered' }]);
});

it('concurrency: an app that is narrowed sends one at a time', async () => {
  expect(await reveille('concurrency', CALM, '1')).toMatchObject({ code: 0, stderr: '' });
  const devices = Array.from({ length: 6 }, () => iosDevice({}, CALM));
  for (const { onWire } of devices) relay.simulator.command({ pushkey: onWire, answer: { status: 200 }, latencyMs: 150 });
  for (const device of devices) await send(device);
  const unanswered: number[] = [];
  await until(() => {
    const received = devices.flatMap(({ onWire: pushkey }) => relay.simulator.received({ pushkey }));
    unanswered.push(received.filter(({ status }) => status === null).length);
    return received.filter(({ status }) => status === 200).length === devices.length;
  }, 'all to be sent');
  expect(Math.max(...unanswered)).toBeLessThanOrEqual(1);
  expect(await reveille('concurrency', CALM, 'default')).toMatchObject({ code: 0, stderr: '' });
});

it('failed, rejections, audit: what went wrong, found by its cause and by its device', async () => {
  const [ill, dead] = [iosDevice({}, ILL), iosDevice({}, ILL)];
  relay.simulator.command({ pushkey: ill.onWire, answer: REFUSAL });
  relay.simulator.command({ pushkey: dead.onWire, answer: { status: 410, reason: 'Unregistered' } });
  await send(ill);
  await send(dead);
  await relay.outcomesOf(ill, 1);
  await relay.outcomesOf(dead, 1);

  const causes = await until(async () => {
    const { stdout } = await reveille('failed', 'causes', '--app', ILL, '--json');
    const found = (JSON.parse(stdout) as { causes: unknown[] }).causes; // apps/reveille/src/failed-view.ts
    return found.length > 0 && found;
  }, 'the failed push');
  expect(causes).toEqual([expect.objectContaining({ app: ILL, outcome: 'dead', provider_status: 413, provider_reason: 'PayloadTooLarge', count: 1 })]);

  const found = await withPushkey(ill, 'failed', '--json');
  const { items } = JSON.parse(found.stdout) as { items: { id: string; device_hash: string }[] };
  expect(items).toHaveLength(1);
  const shown = await reveille('failed', 'show', items[0]?.id ?? '');
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('413 PayloadTooLarge') as string });

  const known = await withPushkey(dead, 'rejections', 'show');
  expect(known).toMatchObject({ code: 0, stdout: expect.stringContaining('(Unregistered)') as string });
  expect(await withPushkey(dead, 'rejections', 'forget')).toMatchObject({ code: 0, stdout: expect.stringContaining('is forgotten') as string });

  const { stdout: audit } = await reveille('audit');
  expect(audit).toMatch(/rejection\.forget {2}com\.example\.ill/);
  for (const secret of [ill.pushkey, ill.onWire, dead.pushkey]) expect(found.stdout + shown.stdout + known.stdout + audit).not.toContain(secret);
});

it('replay: after an outage everything that failed is delivered once, whoever asks for it at the same time', async () => {
  const devices = Array.from({ length: 12 }, () => iosDevice({}, OUT));
  const [events, calls] = [devices.slice(0, 6), devices.slice(6)];
  for (const { onWire } of events) relay.simulator.command({ pushkey: onWire, answer: REFUSAL });
  for (const { onWire } of calls) relay.simulator.command({ pushkey: onWire, answer: { status: 503, reason: 'ServiceUnavailable' } });
  for (const device of events) await send(device);
  for (const { wire } of calls) {
    // Its deadline is its own; a replay gives it that of its kind.
    const call = fullNotifyRequest({ type: 'm.call.invite', content: { lifetime: 1500, offer: {} }, devices: [wire] });
    expect(await relay.notify(call)).toMatchObject({ status: 200 });
  }
  await until(async () => (await jsonOf('failed', '--app', OUT)).total === 12, 'all to fail', 60_000);
  relay.simulator.clearCommands();
  expect(await jsonOf('replay', '--app', OUT, '--preview')).toMatchObject({ preview: { matched: 12, would_send: 6, expired: 6 } });

  const replays = await Promise.all([1, 2].map(() => jsonOf('replay', '--app', OUT, '--include-expired')));
  for (const replay of replays) expect(replay).toMatchObject({ state: 'done', outcomes: { dead: 0, expired: 0, waiting: 0 } });
  const delivered = replays.map(({ outcomes }) => (outcomes as { delivered: number }).delivered); // apps/reveille/src/replay-view.ts
  expect(delivered.reduce((sum, count) => sum + count)).toBe(12);
  for (const { onWire: pushkey } of devices) {
    expect(relay.simulator.received({ pushkey }).filter(({ status }) => status === 200)).toHaveLength(1);
  }
  expect(await jsonOf('failed', '--app', OUT)).toMatchObject({ total: 0 });
  expect(await reveille('ledger', '--app', OUT)).toMatchObject({ code: 0, stdout: expect.stringContaining('It closes.') as string });
  const { entries } = (await jsonOf('audit')) as { entries: { action: string; app: string }[] }; // apps/reveille/src/audit-command.ts
  expect(entries.filter(({ action, app }) => action === 'replay.start' && app === OUT)).toHaveLength(2);
}, 150_000);

it('replay: Ctrl-C leaves it as it is, for somebody else to go on with', async () => {
  const device = iosDevice({}, OUT);
  relay.simulator.command({ pushkey: device.onWire, answer: REFUSAL });
  await send(device);
  await until(async () => (await jsonOf('failed', '--app', OUT)).total === 1, 'the push to fail');
  relay.simulator.clearCommands();
  expect(await reveille('pause', OUT)).toMatchObject({ code: 0 });
  const child = spawnCommand(['replay', '--app', OUT, '--json', '--config', relay.configFile]);
  const end = toItsEnd(child);
  const id = await until(async () => {
    const { replays } = (await jsonOf('replay', 'list')) as { replays: { id: string; waits_for: { why: string }[] }[] }; // apps/reveille/src/replay-view.ts
    return replays.find((replay) => replay.waits_for.some(({ why }) => why === 'paused'))?.id;
  }, 'the replay to wait for its app');
  child.kill('SIGINT');
  const { code, stdout, stderr } = await end;
  expect({ code, replay: JSON.parse(stdout) as unknown, stderr }).toMatchObject({ code: 130, replay: { id, state: 'running' }, stderr: expect.stringContaining(`reveille replay resume ${id}`) as string });
  expect(await reveille('resume', OUT)).toMatchObject({ code: 0 });
  expect(await jsonOf('replay', 'resume', id)).toMatchObject({ state: 'done', outcomes: { delivered: 1 } });
});

it('explain: why a device got its push, and why another one did not', async () => {
  const [well, ill] = [iosDevice({}, ILL), iosDevice({}, ILL)];
  relay.simulator.command({ pushkey: ill.onWire, answer: REFUSAL });
  const event = '$explained:example.org';
  const request = notifyRequest({ event_id: event, devices: [well.wire, ill.wire] });
  for (let resend = 0; resend < 2; resend += 1) expect(await relay.notify(request)).toMatchObject({ status: 200 });
  await relay.outcomesOf(well, 1);
  await relay.outcomesOf(ill, 1);
  const explain = async (device: TestDevice) => {
    const { code, stdout } = await withPushkey(device, 'explain', '--event', event, '--json');
    expect({ code, leaks: [event, device.pushkey].some((secret) => stdout.includes(secret)) }).toEqual({ code: 0, leaks: false });
    const { devices } = JSON.parse(stdout) as { devices: { dispatches: { outcome: string | null }[] }[] }; // apps/reveille/src/explain-report.ts
    return devices.length === 1 && devices[0]?.dispatches[0]?.outcome !== null && devices[0];
  };
  expect(await until(() => explain(well), 'the end of the first')).toMatchObject({
    dispatches: [{ state: 'ended', outcome: 'delivered', attempts: 1 }],
    duplicates: { count: 1 },
  });
  expect(await until(() => explain(ill), 'the end of the second')).toMatchObject({
    dispatches: [{ state: 'ended', outcome: 'dead', history: [{ status: 413, provider_reason: 'PayloadTooLarge' }] }],
  });
  const all = await reveille('explain', '--app', ILL, '--event', event);
  expect({ code: all.code, devices: all.stdout.match(/^device /gm) }).toEqual({ code: 0, devices: ['device ', 'device '] });
  expect(await reveille('explain', '--app', ILL, '--event', '$other')).toMatchObject({ code: 0, stdout: expect.stringContaining('never arrived') as string });
});

it('hash-password: reads standard input, and prints the hash only', async () => {
  const { code, stdout, stderr } = await runCommandWithInput('correct horse battery\n', 'hash-password');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$\S+\n$/);
});

function reveille(...args: readonly string[]) {
  return runCommand(...args, '--config', relay.configFile);
}

/** What a command that works prints with --json: one JSON value, and nothing else. */
async function jsonOf(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await reveille(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>; // every command prints an object
}

function withPushkey(device: TestDevice, ...args: readonly string[]) {
  return runCommandWithInput(`${device.pushkey}\n`, ...args, '--app', device.appId, '--pushkey', '-', '--config', relay.configFile);
}

interface Balance {
  readonly waiting: Readonly<Record<'queued' | 'delayed' | 'active' | 'parked', number>>;
}

async function waiting(app: string): Promise<Partial<Balance['waiting']>> {
  const { stdout } = await reveille('ledger', '--json', '--app', app);
  const { apps } = JSON.parse(stdout) as { apps: Record<string, Balance> }; // apps/reveille/src/ledger-command.ts
  return apps[app]?.waiting ?? {};
}

async function send(device: TestDevice): Promise<void> {
  const answer = await relay.notify(notifyRequest({ devices: [device.wire] }));
  expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
}
