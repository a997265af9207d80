import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runCommand } from './run-command';

const LOCK_FILE = 'reveille-redis.lock';
/** A server whose supervisor was killed flushes its file and goes within this time (see watchdog.ts). */
const WAIT_FOR_OWNER_MS = 8_000;
const CHECK_INTERVAL_MS = 100;
const PS_TIMEOUT_MS = 5_000;

export interface DataDirectoryLock {
  /** Writes down which server process uses the directory from now on. */
  ownedBy(pid: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Redis does not lock its append-only file, and two servers on one directory destroy it. So the directory names its
 * owner; an owner that runs no more does not count.
 * @throws Error when another running server uses the directory, or it cannot be written.
 */
export async function lockDataDirectory(directory: string, timeoutMs = WAIT_FOR_OWNER_MS): Promise<DataDirectoryLock> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, LOCK_FILE);
  const deadline = Date.now() + timeoutMs;
  while (!(await take(file))) {
    if (!(await ownerRuns(file))) {
      await rm(file, { force: true });
    } else if (Date.now() >= deadline) {
      throw new Error(`another running Redis uses ${directory} (see ${file}); end it, or set redis.data_directory`);
    } else {
      await new Promise((resolve) => setTimeout(resolve, CHECK_INTERVAL_MS));
    }
  }
  return {
    ownedBy: (pid) => writeFile(file, `${pid}\n`),
    release: () => rm(file, { force: true }),
  };
}

/** Until the server runs we stand in for it ourselves. */
async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A process id is soon given to somebody else: only a Redis, or a starter that is about to run one, counts. */
async function ownerRuns(file: string): Promise<boolean> {
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).trim());
  if (!Number.isInteger(pid) || pid <= 0) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(async () => {
    const listed = await runCommand('ps', ['-o', 'args=', '-p', String(pid)], { timeoutMs: PS_TIMEOUT_MS });
    return listed.code === 0 ? listed.output : '';
  });
  return /redis|valkey|node/.test(commandLine);
}
