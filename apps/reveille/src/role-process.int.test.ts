import { PassThrough } from 'node:stream';

import { createLogger } from '@reveille/observability';
import { eventually, temporaryDirectory } from '@reveille/testing';
import type { TemporaryDirectory } from '@reveille/testing';

import { writeFakeRoles } from './fake-roles.fixture';
import type { FakeRoles } from './fake-roles.fixture';
import { RoleProcess } from './role-process';

let directory: TemporaryDirectory;
let roles: FakeRoles;
let role: RoleProcess | undefined;
const logger = createLogger({ role: 'test', level: 'info', format: 'json', stream: new PassThrough().resume() });

beforeEach(async () => {
  directory = await temporaryDirectory();
  roles = writeFakeRoles(directory.path);
});
afterEach(async () => {
  role?.kill();
  await role?.stop();
  await directory.remove();
});

describe('RoleProcess', () => {
  it('is started once it is ready, and says where it listens', async () => {
    expect(await make().start()).toMatchObject({ ok: true, ready: { urls: { metrics: 'http://127.0.0.1:2' } } });
  });

  it.each([1, 2])('does not start again a role that refuses to start with exit code %i', async (code) => {
    roles.behave('ingress', { refuse: code });
    expect(await make().start()).toEqual({ ok: false, exitCode: code });
    expect(starts()).toHaveLength(1);
  });

  it('starts again one that crashes before it is ready', async () => {
    roles.behave('ingress', { refuse: 134 });
    const started = make().start();
    await eventually(() => starts().length >= 2);
    roles.behave('ingress', {});
    expect(await started).toMatchObject({ ok: true });
  });

  it('starts again one that crashes, whatever its exit code, once it has been ready', async () => {
    roles.behave('ingress', { crash: 1 });
    expect(await make().start()).toMatchObject({ ok: true });
    await eventually(() => starts().length >= 3);
  });

  it('starts again one that is killed', async () => {
    const running = make();
    await running.start();
    const { pid } = running;
    if (pid === undefined) throw new Error('it does not run');
    process.kill(pid, 'SIGKILL');
    await eventually(() => running.pid !== undefined && running.pid !== pid && starts().length === 2);
  });

  it('lets it drain, and does not start it again', async () => {
    roles.behave('ingress', { drainMs: 20 });
    const running = make();
    await running.start();
    await running.stop();
    expect(roles.events().slice(1)).toEqual(['ingress drain SIGTERM', 'ingress end']);
    expect(running.pid).toBeUndefined();
  });

  it('kills one that does not end in time', async () => {
    roles.behave('ingress', { drainMs: -1 });
    const running = make({ stopTimeoutMs: 50 });
    await running.start();
    await running.stop();
    expect(roles.events().slice(1)).toEqual(['ingress drain SIGTERM']);
    expect(running.pid).toBeUndefined();
  });

  it('is not started again by a restart that was due when it was stopped', async () => {
    roles.behave('ingress', { crash: 3 });
    const running = make({ restartDelay: () => 20 });
    await running.start();
    await eventually(() => running.pid === undefined);
    await running.stop();
    const before = starts().length;
    // A restart of another process that is due later is the proof that this one's moment has passed.
    roles.behave('admin', { crash: 3 });
    const later = make({ name: 'admin', script: roles.script('admin'), restartDelay: () => 40 });
    await later.start();
    await eventually(() => roles.events().filter((event) => event.startsWith('admin start')).length >= 2);
    expect(starts()).toHaveLength(before);
  });
});

function make(options: Partial<ConstructorParameters<typeof RoleProcess>[0]> = {}): RoleProcess {
  role = new RoleProcess({
    name: 'ingress',
    script: roles.script('ingress'),
    args: [],
    environment: {},
    stopTimeoutMs: 5_000,
    logger,
    restartDelay: () => 1,
    ...options,
  });
  return role;
}

function starts(): string[] {
  return roles.events().filter((event) => event.startsWith('ingress start'));
}
