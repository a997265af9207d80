import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

import { startSimulator, type Simulator } from '@reveille/simulator';
import { temporaryDirectory, type TemporaryDirectory } from '@reveille/testing';

import { runRole } from './role-process';
import { apnsApp, fcmApp } from './start-relay';

let directory: TemporaryDirectory;
let simulator: Simulator;
beforeAll(async () => {
  directory = await temporaryDirectory();
  simulator = await startSimulator();
});
afterAll(async () => {
  await simulator.close();
  await directory.remove();
});

let files = 0;
/** A configuration file of the test's own. */
async function configFile(content: unknown): Promise<string> {
  files += 1;
  const file = join(directory.path, `config-${files}.yaml`);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content, null, 1));
  return file;
}

const apps = () => ({ 'com.example.ios': apnsApp(simulator), 'com.example.android': fcmApp(simulator) });
const ROLES = ['ingress', 'dispatcher', 'admin'] as const;

describe('--check-config', () => {
  it.each(ROLES)('%s: 0 when there is nothing wrong; no provider and no Redis is asked', async (role) => {
    const file = await configFile({ apps: apps(), redis: { url: 'redis://127.0.0.1:1' } });
    expect(await runRole(role, ['--config', file, '--check-config'])).toEqual({
      code: 0,
      signal: null,
      stdout: `${file}: no problems found\n`,
      stderr: '',
    });
    expect(simulator.stats().sessions).toBe(0);
  });

  it('1 and every problem of the file at once: path, what was found, what would be right', async () => {
    const malformed = join(directory.path, 'malformed.p8');
    await writeFile(malformed, '-----BEGIN PRIVATE KEY-----\nhello\n-----END PRIVATE KEY-----\n');
    const file = await configFile({
      http: { prot: 5000, body_limit: 'huge' },
      unknwon_app: 'accept',
      retry: { base: 'soon' },
      apps: {
        'com.example.no-file': apnsApp(simulator, { keyfile: '/nowhere/key.p8' }),
        'com.example.malformed': apnsApp(simulator, { keyfile: malformed }),
        'com.example.topic': apnsApp(simulator, { topic: 'a b' }),
        'com.example.type': { type: 'pigeon' },
      },
    });
    const { code, stderr } = await runRole('dispatcher', ['--config', file, '--check-config']);
    expect(code).toBe(1);
    for (const said of [
      'http.prot',
      'port', // the suggestion
      'http.body_limit',
      'huge',
      '512KiB',
      'unknwon_app',
      'unknown_app',
      'retry.base',
      'soon',
      '/nowhere/key.p8',
      'com.example.no-file',
      'com.example.malformed',
      'com.example.topic',
      'com.example.type',
      'pigeon',
    ]) {
      expect(stderr).toContain(said);
    }
    expect(stderr).not.toContain('hello');
  });

  it.each([
    ['a file that is not there', '/nowhere/reveille.yaml'],
    ['a folder', '/'],
  ])('1 and its name: %s', async (_name, file) => {
    const { code, stderr } = await runRole('dispatcher', ['--config', file, '--check-config']);
    expect({ code, names: stderr.includes(file) }).toEqual({ code: 1, names: true });
  });

  it.each([
    ['no YAML', 'apps: {{'],
    ['no apps', '{}'],
    ['a list', '- apps'],
  ])('1: %s', async (_name, content) => {
    const file = await configFile(content);
    const { code, stderr, stdout } = await runRole('dispatcher', ['--config', file, '--check-config']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(file);
  });
});

describe.each(ROLES)('%s', (role) => {
  it.each([
    ['an unknown flag', ['--verbose']],
    ['a port out of range', ['--metrics-port', '70000']],
    ['a word too many', ['now']],
    ['a flag without its value', ['--config']],
  ])('2 and the usage when it is used wrongly: %s', async (_name, args) => {
    const { code, stderr } = await runRole(role, args);
    expect(code).toBe(2);
    expect(stderr).toContain(`usage: ${role}`);
  });

  it('1 when the file names no Redis: only `serve` brings its own', async () => {
    const { code, stderr } = await runRole(role, ['--config', await configFile({ apps: apps() })]);
    expect(code).toBe(1);
    expect(stderr).toContain('redis.url');
    expect(stderr).toContain('redis://127.0.0.1:6379');
  });

  it('1 when its port is taken, and how to help it', async () => {
    const taken = await listening();
    try {
      const { port } = taken.address() as { port: number }; // on TCP
      const file = await configFile({ apps: apps(), redis: { url: 'redis://127.0.0.1:1' } });
      const httpPort = role === 'dispatcher' ? [] : ['--http-port', '0'];
      const { code, stderr } = await runRole(role, ['--config', file, ...httpPort, '--metrics-port', String(port)]);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('EADDRINUSE') as string });
      expect(stderr).toContain('--metrics-port 0');
    } finally {
      taken.close();
    }
  });
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
