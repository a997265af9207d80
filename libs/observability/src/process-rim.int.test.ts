import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** A role as small as can be, built as the apps are: logger, metrics, and the process rim. */
const ROLE = `
import {
  announceReady, createAdminMetrics, createLogger, createReadiness, onFatalError, onShutdown, startMetricsServer,
} from '@reveille/observability';
async function main(): Promise<void> {
  const logger = createLogger({ role: 'test', level: 'info', format: 'auto' });
  onFatalError({ logger });
  const health = createReadiness({}, { timeoutMs: 100 });
  const { registry } = createAdminMetrics({ apps: ['a'] });
  const server = await startMetricsServer({ registry, health, bindAddress: '127.0.0.1', port: 0, logger });
  const mode = process.argv[2];
  const stop = () => (mode === 'hang' ? new Promise(() => undefined) : server.close());
  onShutdown({ logger, graceMs: 10_000, stop });
  announceReady({ metrics: server.url });
  const broken = Object.assign(new Error('broken'), { job: { pushkey: 'SECRET' } });
  if (mode === 'throw') setImmediate(() => { throw broken; });
  if (mode === 'reject') void Promise.reject(new Error('broken for "SECRET"'));
}
void main();
`;
const WORKSPACE = join(__dirname, '../../..');
/** DESIGN.md: an idle role is at most this large; bytes. */
const MAX_IDLE_BYTES = 120 * 1024 * 1024;

/** Starting a process takes seconds when the machine is busy; only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly url: string;
  /** Exit code and signal. */
  readonly ended: Promise<unknown[]>;
}

describe('a role as its own process', () => {
  const directory = mkdtempSync(join(tmpdir(), 'reveille-role-'));
  const bundle = join(directory, 'role.cjs');
  const children: ChildProcess[] = [];

  beforeAll(() => {
    const build = [
      '--bundle',
      '--platform=node',
      '--format=cjs',
      '--packages=external',
      '--loader=ts',
      `--outfile=${bundle}`,
      `--tsconfig-raw=${JSON.stringify({
        compilerOptions: { paths: { '@reveille/observability': [join(WORKSPACE, 'libs/observability/src/index.ts')] } },
      })}`,
    ];
    const { status, stderr } = spawnSync(join(WORKSPACE, 'node_modules/.bin/esbuild'), build, {
      cwd: WORKSPACE,
      input: ROLE,
      encoding: 'utf8',
    });
    if (status !== 0) {
      throw new Error(stderr);
    }
  });
  afterEach(() => {
    children.splice(0).forEach((child) => child.kill('SIGKILL'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  async function start(mode = ''): Promise<Running> {
    const child = fork(bundle, [mode], {
      silent: true,
      cwd: WORKSPACE,
      env: { ...process.env, NODE_PATH: join(WORKSPACE, 'node_modules') },
      execArgv: [],
    });
    children.push(child);
    let text = '';
    const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
    streams.forEach((stream) => stream.on('data', (chunk) => (text += String(chunk))));
    // Not 'close': it never comes after a disconnect().
    const exited: Promise<unknown[]> = once(child, 'exit');
    const ended = Promise.all(streams.map((stream) => once(stream, 'end'))).then(() => exited);
    const [message] = (await once(child, 'message')) as [{ urls: { metrics: string } }]; // what announceReady sends
    return { child, output: () => text, url: message.urls.metrics, ended };
  }

  it('announces its port, is scraped, and is small', async () => {
    const { url } = await start();
    const text = await (await fetch(`${url}/metrics`)).text();
    const resident = Number(/^reveille_process_resident_memory_bytes (\d+)/m.exec(text)?.[1]);
    expect(resident).toBeGreaterThan(0);
    expect(resident).toBeLessThan(MAX_IDLE_BYTES);
    expect(text).toContain('reveille_nodejs_eventloop_lag_p99_seconds');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('%s: stops, exits with 0, and no line is lost', async (signal) => {
    const { child, ended, output } = await start();
    child.kill(signal);
    await expect(ended).resolves.toEqual([0, null]);
    expect(output()).toContain('"shutting down"');
    expect(output()).toContain('"stopped"');
  });

  it('drains when its supervisor is gone', async () => {
    const { child, ended } = await start();
    child.disconnect();
    await expect(ended).resolves.toEqual([0, null]);
  });

  it.each(['SIGTERM', 'disconnect'])('ends although nobody reads its log any more: %s', async (how) => {
    const { child } = await start();
    const exited = once(child, 'exit');
    child.stdout?.destroy();
    if (how === 'disconnect') child.disconnect();
    else child.kill('SIGTERM');
    await expect(exited).resolves.toEqual([0, null]);
  });

  it('a second SIGTERM ends it at once', async () => {
    const { child, ended, output } = await start('hang');
    child.kill('SIGTERM');
    await new Promise<void>((resolve) =>
      child.stdout?.on('data', () => output().includes('shutting down') && resolve()),
    );
    child.kill('SIGTERM');
    await expect(ended).resolves.toEqual([143, null]);
  });

  it.each(['throw', 'reject'])(
    'an unexpected error (%s): logged without what it carries, exit code 1',
    async (mode) => {
      const { ended, output } = await start(mode);
      await expect(ended).resolves.toEqual([1, null]);
      expect(output()).toContain('"level":"fatal"');
      expect(output()).toContain('broken');
      expect(output()).not.toContain('SECRET');
    },
  );
});
