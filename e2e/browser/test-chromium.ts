import { join } from 'node:path';

import { findChromium } from './chromium/find-chromium';
import type { Chromium } from './chromium/probe-browser';

const CACHE_DIRECTORY = join(__dirname, '../../.cache/chromium');
/** 110 MB from a mirror and their unpacking: 15 s on a good day. Milliseconds. */
export const FIND_TIMEOUT_MS = 300_000;

let found: ReturnType<typeof findChromium> | undefined;

/**
 * The browser of the tests, looked for once a test file.
 * @throws Error without one: what cannot be tested has failed
 */
export async function findTestChromium(): Promise<Chromium> {
  found ??= findChromium({ named: process.env.CHROMIUM_PATH, cacheDirectory: CACHE_DIRECTORY, timeoutMs: FIND_TIMEOUT_MS });
  const chromium = await found;
  if (!chromium.ok) throw new Error(chromium.message);
  return chromium;
}

/** For the set-up of a test file, which may be the first that needs a browser. */
export const STAGE_TIMEOUT_MS = FIND_TIMEOUT_MS + 60_000;
