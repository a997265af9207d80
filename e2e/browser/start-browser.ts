import { temporaryDirectory } from '@reveille/testing';
import { chromium, type Browser } from 'playwright-core';

import { findTestChromium } from './test-chromium';

export interface TestBrowser {
  readonly browser: Browser;
  close(): Promise<void>;
}

/** It resolves no name: what the page might ask of the world fails, and is seen. */
const NO_WORLD = '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1';

/** A headless Chromium with a home of its own and nothing of the caller's environment. End it with `close()`. */
export async function startBrowser(): Promise<TestBrowser> {
  const { command, environment } = await findTestChromium();
  const home = await temporaryDirectory();
  const browser = await chromium.launch({
    executablePath: command,
    // As root the sandbox cannot be, and Chromium refuses to start.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [NO_WORLD],
    env: { PATH: process.env.PATH ?? '', HOME: home.path, XDG_CACHE_HOME: home.path, TZ: 'Europe/Berlin', ...environment },
  });
  return {
    browser,
    async close() {
      await browser.close();
      await home.remove();
    },
  };
}
