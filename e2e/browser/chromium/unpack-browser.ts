import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { fillFromPackages, type Step } from './fill-from-packages';
import { takeFillLock } from './fill-lock';
import { probeBrowser, type ProbeResult } from './probe-browser';

export interface UnpackOptions {
  /** Where the one copy is kept that all test processes share, for example `.cache/chromium` of the workspace. */
  readonly cacheDirectory: string;
  /** Milliseconds after which it gives up, waiting for another process included. */
  readonly timeoutMs: number;
  /** Makes a tree in the directory it is given; for tests, which must not depend on a mirror. */
  readonly fill?: (workDirectory: string, deadline: number) => Promise<Step>;
}

const EXECUTABLE = 'usr/lib/chromium/chromium-headless-shell';
/** A library of PulseAudio's own that it looks for in the system's place only. */
const BESIDE = 'pulseaudio';
/** `x86_64-linux-gnu` and the like: where Debian puts libraries depends on the machine. */
const OF_A_MACHINE = '-linux-gnu';

/** The browser in `cacheDirectory`, if one was unpacked there and still starts. */
export async function locateUnpackedBrowser(cacheDirectory: string): Promise<ProbeResult> {
  const root = unpackedPath(cacheDirectory);
  const libraries = await libraryDirectories(root);
  if (libraries.length === 0) return { ok: false, message: `nothing unpacked in ${root}` };
  return probeBrowser(join(root, EXECUTABLE), {
    LD_LIBRARY_PATH: libraries.join(':'),
    FONTCONFIG_FILE: join(root, 'fonts.conf'),
  });
}

/**
 * Fills `cacheDirectory`; nothing is installed. One process does it while the others wait for it. Should two do it all the same (a
 * lock whose owner cannot be seen), nothing breaks: a tree is made beside its place and moved there whole.
 */
export async function unpackBrowser(options: UnpackOptions): Promise<ProbeResult> {
  const deadline = Date.now() + options.timeoutMs;
  const { cacheDirectory } = options;
  try {
    await mkdir(dirname(cacheDirectory), { recursive: true });
    const lock = await takeFillLock(`${cacheDirectory}.lock`, deadline);
    try {
      // Perhaps the process that we waited for has filled it.
      const other = await locateUnpackedBrowser(cacheDirectory);
      return other.ok ? other : await fillAndMove(options, deadline);
    } finally {
      await lock.release();
    }
  } catch (error) {
    return { ok: false, message: String(error) };
  }
}

async function fillAndMove({ cacheDirectory, fill = fillFromPackages }: UnpackOptions, deadline: number): Promise<ProbeResult> {
  const workDirectory = await mkdtemp(join(dirname(cacheDirectory), `${basename(cacheDirectory)}-filling-`));
  try {
    const filled = await fill(workDirectory, deadline);
    if (!filled.ok) return filled;
    await mkdir(cacheDirectory, { recursive: true });
    const tree = join(workDirectory, 'root');
    if (!(await moved(tree, unpackedPath(cacheDirectory)))) {
      // Never removed without having been looked at: tests may be using it.
      const other = await locateUnpackedBrowser(cacheDirectory);
      if (other.ok) return other;
      await rm(unpackedPath(cacheDirectory), { recursive: true, force: true });
      await moved(tree, unpackedPath(cacheDirectory));
    }
    return await locateUnpackedBrowser(cacheDirectory);
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

/** False when there is something already, or the place cannot be written. */
function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(() => true, () => false);
}

function unpackedPath(cacheDirectory: string): string {
  return join(cacheDirectory, 'unpacked');
}

async function libraryDirectories(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const parent of [join(root, 'usr/lib'), join(root, 'lib')]) {
    const entries = await readdir(parent).catch(() => []);
    const ofMachine = entries.filter((entry) => entry.includes(OF_A_MACHINE)).map((entry) => join(parent, entry));
    found.push(...ofMachine.flatMap((path) => [path, join(path, BESIDE)]));
  }
  return found;
}
