import { readEnvironment } from '@reveille/config';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { runFuzz } from './run-fuzz';

/** `npm test` has built them before. */
const DIST = join(__dirname, '../../dist');
const MAIN = join(DIST, 'fuzz/main.js');
const SCRIPTS = { ingress: join(DIST, 'apps/ingress/main.js'), watch: join(DIST, 'fuzz/loop-watch.js') };
/** The same ones each time; `npm run fuzz` takes others. */
const SEED = 1;
const CASES = 3000;
/** Only a fault takes this long. Milliseconds. */
const TIMEOUT_MS = 120_000;

it(
  'answers thousands of strange requests without a 5xx, a crash or a pushkey of somebody else',
  async () => {
    const report = await runFuzz({ cases: CASES, seed: SEED, scripts: SCRIPTS, environment: readEnvironment() });
    expect(report.violations).toEqual([]);
    expect(report.cases).toBe(CASES);
    // The cases get as far as they should: some are accepted, some refused, some are no HTTP at all.
    const { 200: accepted = 0, 400: refused = 0, raw = 0 } = report.replies;
    expect(Math.min(accepted, refused, raw)).toBeGreaterThan(CASES / 50);
  },
  TIMEOUT_MS,
);

it(
  'is run by hand with a seed and a number of cases, and says what was measured',
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--cases', '500', '--seed', '7'], { timeout: TIMEOUT_MS }).catch(
      // A stall decides the exit code of a run by hand, and no test.
      (error: { stdout: string }) => error,
    );
    expect(stdout).toMatch(/^seed 7\n/);
    expect(stdout).toMatch(/500 cases in \d+ s: .*\nlongest turn of the event loop: \d+ ms computing/);
    expect(stdout).not.toContain('violation');
  },
  TIMEOUT_MS,
);

it(
  'compares memory in a run that only time ends',
  async () => {
    const report = await runFuzz({ cases: Number.MAX_SAFE_INTEGER, maxMs: 1, seed: 0, scripts: SCRIPTS, environment: readEnvironment() });
    expect(report.quarter).toMatchObject({ rss: expect.any(Number) as number });
  },
  TIMEOUT_MS,
);

it.each([['--cases', 'many'], ['--cases', '-1'], ['--minutes', '0'], ['--sead', '1']])('refuses %s %s', async (...args) => {
  await expect(promisify(execFile)(process.execPath, [MAIN, ...args])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('usage: npm run fuzz') as string,
  });
});
