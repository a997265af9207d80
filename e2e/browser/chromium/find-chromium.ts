import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { probeBrowser, type ProbeResult } from './probe-browser';
import { locateUnpackedBrowser, unpackBrowser, type UnpackOptions } from './unpack-browser';

export interface FindChromiumOptions extends UnpackOptions {
  /** The browser that somebody named (CHROMIUM_PATH): it or none. */
  readonly named: string | undefined;
  /** Looked for on PATH, in this order. */
  readonly names?: readonly string[];
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const HOW_TO_INSTALL =
  'No Chromium for the browser tests. Install one with `apt-get install chromium`, or name one with CHROMIUM_PATH=/path/to/chromium.';

/**
 * Finds a Chromium that starts on this machine: the one that CHROMIUM_PATH names, on PATH, unpacked earlier in the cache directory,
 * else unpacked into it now from Debian's packages (110 MB to load, 340 MB on disk), which needs neither root nor an installation.
 * Never throws; the message says what was tried.
 */
export async function findChromium({ named, names = NAMES, ...options }: FindChromiumOptions): Promise<ProbeResult> {
  if (named) return probeBrowser(named);
  for (const name of names) {
    const path = await findOnPath(name);
    const probe = path === undefined ? undefined : await probeBrowser(path);
    if (probe?.ok) return probe;
  }
  const unpacked = await locateUnpackedBrowser(options.cacheDirectory);
  if (unpacked.ok) return unpacked;
  const filled = await unpackBrowser(options);
  return filled.ok ? filled : { ok: false, message: `${HOW_TO_INSTALL} (Unpacking one failed: ${filled.message})` };
}

/** The whole path: whoever starts the browser looks for none. */
async function findOnPath(name: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, name);
    if (directory !== '' && (await isExecutable(path))) return path;
  }
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
