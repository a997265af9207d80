import { link, readFile, rm, writeFile } from 'node:fs/promises';

const CHECK_INTERVAL_MS = 200;

export interface FillLock {
  release(): Promise<void>;
}

/**
 * Waits until no other running process holds `file`, and holds it. It saves work only (110 MB would be loaded twice): a process
 * that died with it does not count.
 * @throws Error at the deadline (milliseconds since 1970), or when the file cannot be written
 */
export async function takeFillLock(file: string, deadline: number): Promise<FillLock> {
  while (!(await take(file))) {
    if (!(await ownerRuns(file))) {
      await rm(file, { force: true });
    } else if (Date.now() >= deadline) {
      throw new Error(`another process fills the cache for too long; if none does, remove ${file}`);
    } else {
      await new Promise((resolve) => setTimeout(resolve, CHECK_INTERVAL_MS));
    }
  }
  return { release: () => rm(file, { force: true }) };
}

/** By a link, so that the file is never there without its owner's id in it. */
async function take(file: string): Promise<boolean> {
  const own = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await writeFile(own, `${process.pid}\n`);
    await link(own, file);
    return true;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

async function ownerRuns(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number(text.trim());
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There is one, but somebody else's.
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM';
  }
}
