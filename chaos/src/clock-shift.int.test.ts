import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { temporaryDirectory } from '@reveille/testing';

import { CLOCK_SHIFT_PRELOAD } from './workspace-paths';

const HOUR_MS = 3_600_000;

/** Runs a line of JavaScript in a process whose clock may be moved; returns what it wrote. */
async function run(script: string, clockFile: string | undefined): Promise<string> {
  const env = { PATH: process.env.PATH, ...(clockFile !== undefined && { CHAOS_CLOCK_FILE: clockFile }) };
  const { stdout } = await promisify(execFile)(process.execPath, ['--require', CLOCK_SHIFT_PRELOAD, '-e', script], { env });
  return stdout;
}

it('moves now, not what is said to be a date', async () => {
  const directory = await temporaryDirectory();
  try {
    const file = join(directory.path, 'clock');
    await writeFile(file, String(10 * HOUR_MS));
    const script = 'console.log(JSON.stringify([Date.now(), new Date().getTime(), new Date(5).getTime(), new Date() instanceof Date]))';
    const [now, made, said, isDate] = JSON.parse(await run(script, file)) as [number, number, number, boolean]; // written above
    expect(Math.round((now - Date.now()) / HOUR_MS)).toBe(10);
    expect(Math.round((made - Date.now()) / HOUR_MS)).toBe(10);
    expect({ said, isDate }).toEqual({ said: 5, isDate: true });
  } finally {
    await directory.remove();
  }
});

it('reads the shift again at SIGUSR2', async () => {
  const directory = await temporaryDirectory();
  try {
    const file = join(directory.path, 'clock');
    const script = `
      const before = Date.now();
      process.on('SIGUSR2', () => { console.log(Date.now() - before); clearInterval(alive); });
      const alive = setInterval(() => undefined, 1000);
      require('node:fs').writeFileSync(process.env.CHAOS_CLOCK_FILE, '-${HOUR_MS}');
      process.kill(process.pid, 'SIGUSR2');
    `;
    expect(Math.round(Number(await run(script, file)) / HOUR_MS)).toBe(-1);
  } finally {
    await directory.remove();
  }
});

it('does nothing where no file is named', async () => {
  const now = Number(await run('console.log(Date.now())', undefined));
  expect(Math.abs(now - Date.now())).toBeLessThan(HOUR_MS);
});
