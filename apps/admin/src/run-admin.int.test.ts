import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startTestRedis, temporaryDirectory, type RunningRedis, type TemporaryDirectory } from '@reveille/testing';

import { runAdmin } from './run-admin';

const WORKSPACE = join(__dirname, '../../..');
const CONFIGURATION = "apps:\n  com.example.ios: { type: apns }\nredis: { url: 'redis://127.0.0.1:1' }\n";
/** DESIGN.md: an idle role is at most this large; bytes. */
const MAX_IDLE_BYTES = 120 * 1024 * 1024;

let directory: TemporaryDirectory;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory.remove());

async function run(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | undefined; said: string }> {
  let said = '';
  const code = await runAdmin({ args, environment, cwd: directory.path, writeError: (text) => (said += text) });
  return { code, said };
}

function configuration(text: string): string {
  const file = join(directory.path, 'reveille.yaml');
  writeFileSync(file, text);
  return file;
}

describe('runAdmin', () => {
  it('wrong use: exit code 2 and how to use it', async () => {
    const { code, said } = await run(['--conifg', 'x']);
    expect(code).toBe(2);
    expect(said).toContain('--conifg');
    expect(said).toContain('usage: admin');
  });

  it('wrong configuration: exit code 1 and the path of what is wrong', async () => {
    const file = configuration('admin: { port: many }\napps:\n  a: { type: apns }\n');
    const { code, said } = await run(['--config', file]);
    expect(code).toBe(1);
    expect(said).toContain('admin.port');
  });

  it('no Redis named: exit code 1 and what to write', async () => {
    const { code, said } = await run(['--config', configuration('apps:\n  a: { type: apns }\n')]);
    expect(code).toBe(1);
    expect(said).toContain('redis.url');
    expect(said).toContain('redis://127.0.0.1:6379');
  });
});

describe('the built role', () => {
  let server: RunningRedis;
  const bundle = (): string => join(directory.path, 'main.js');

  beforeAll(async () => {
    server = await startTestRedis();
    const paths = [
      '--bundle',
      '--platform=node',
      '--format=cjs',
      '--packages=external',
      '--tsconfig=tsconfig.base.json',
      `--outfile=${bundle()}`,
    ];
    const { status, stderr } = spawnSync(
      join(WORKSPACE, 'node_modules/.bin/esbuild'),
      ['apps/admin/src/main.ts', ...paths],
      { cwd: WORKSPACE, encoding: 'utf8' },
    );
    if (status !== 0) {
      throw new Error(stderr);
    }
  });
  afterAll(() => server.stop());

  it('says where it listens, is small, and ends with 0 at SIGTERM', async () => {
    const args = ['--config', configuration(CONFIGURATION), '--http-port', '0', '--metrics-port', '0'];
    const env = { PATH: process.env.PATH, NODE_PATH: join(WORKSPACE, 'node_modules'), REVEILLE_REDIS__URL: server.url };
    const child = fork(bundle(), args, { silent: true, cwd: WORKSPACE, env, execArgv: [] });
    try {
      // What announceReady sends.
      const [ready] = (await once(child, 'message')) as [{ type: string; urls: { http: string; metrics: string } }];
      expect(ready.type).toBe('ready');
      expect((await fetch(`${ready.urls.http}/api/v1/apps`)).status).toBe(200);
      const metrics = await (await fetch(`${ready.urls.metrics}/metrics`)).text();
      expect(Number(/^reveille_process_resident_memory_bytes (\d+)/m.exec(metrics)?.[1])).toBeLessThan(MAX_IDLE_BYTES);
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('ends with 1 when a port is taken, and names the setting', async () => {
    const port = String(server.port);
    const args = [
      '--config',
      configuration(CONFIGURATION),
      '--http-port',
      port,
      '--metrics-port',
      '0',
      '--redis-url',
      server.url,
    ];
    const child = fork(bundle(), args, {
      silent: true,
      cwd: WORKSPACE,
      env: { PATH: process.env.PATH, NODE_PATH: join(WORKSPACE, 'node_modules') },
      execArgv: [],
    });
    let said = '';
    child.stderr?.on('data', (chunk) => (said += String(chunk)));
    const [exit] = (await Promise.all([once(child, 'exit'), once(child.stderr ?? child, 'end')])) as unknown[][];
    expect(exit).toEqual([1, null]);
    expect(said).toContain(`admin.port ${port}`);
    expect(said).toContain('EADDRINUSE');
  });
});
