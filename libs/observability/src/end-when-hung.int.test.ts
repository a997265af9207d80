import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-hang-'));
  await build({
    entryPoints: [join(__dirname, 'end-when-hung.ts')],
    outfile: join(directory, 'end-when-hung.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
  });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function run(script: string): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  const child = spawn(process.execPath, ['-e', script, join(directory, 'end-when-hung.js')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stderr })));
}

const START = "const { endWhenHung } = require(process.argv[1]); const stop = endWhenHung({ limitMs: 400, role: 'dispatcher' });";

it('ends a process whose event loop stands still, and says why', async () => {
  const { signal, stderr } = await run(`${START} setTimeout(() => { for (;;); }, 100);`);
  expect(signal).toBe('SIGKILL');
  expect(JSON.parse(stderr)).toMatchObject({ level: 'fatal', role: 'dispatcher' });
});

it('neither ends nor holds a process that turns', async () => {
  expect(await run(`${START} setTimeout(() => undefined, 1500);`)).toEqual({ code: 0, signal: null, stderr: '' });
});

it('lets itself be called off', async () => {
  const busy = 'const until = Date.now() + 1500; while (Date.now() < until);';
  expect(await run(`${START} stop().then(() => { ${busy} });`)).toEqual({ code: 0, signal: null, stderr: '' });
});
