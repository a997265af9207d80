import { hashPassword } from '@reveille/config';
import type { BrowserContextOptions, Page } from 'playwright-core';

import { ADMIN_TOKEN, startRelay, type Relay, type RelayOptions } from '../src/start-relay';
import { PATIENCE_MS } from '../src/wait';
import { startBrowser, type TestBrowser } from './start-browser';
import { watchPages, type PageWatch } from './watch-page';

export const OPERATOR = 'alice';
export const VIEWER = 'bob';
export const PASSWORD = 'correct horse battery staple';

/** Somebody with a browser profile of their own, at the admin's page. */
export interface Visitor extends PageWatch {
  readonly page: Page;
  /** Types name and password into the form that is shown. */
  readonly logIn: (name?: string, password?: string) => Promise<void>;
  /** Opens a page by its link in the navigation. */
  readonly visit: (name: PageName) => Promise<void>;
}

export type PageName = (typeof PAGES)[number];
/** As the navigation and the headings call them. */
export const PAGES = ['Overview', 'Failed pushes', 'Replays', 'Rejections', 'Explain', 'Audit'] as const;
const HEADINGS: Readonly<Partial<Record<PageName, string>>> = { Explain: 'Why did this device not get its push?' };

/** A relay of built processes with an admin, and a browser. */
export interface Stage {
  readonly relay: Relay;
  /** Where the page is. */
  readonly url: string;
  /** A new visitor, at the login. */
  arrive(options?: BrowserContextOptions): Promise<Visitor>;
  stop(): Promise<void>;
}

/** Starts both; `options.config` may not have a section `admin`, which is the stage's own. End it with `stop()`. */
export async function startStage(options: RelayOptions = {}): Promise<Stage> {
  const password_hash = await hashPassword(PASSWORD);
  const users = [
    { name: OPERATOR, role: 'operator', password_hash },
    { name: VIEWER, role: 'viewer', password_hash },
  ];
  const admin = { users, tokens: [{ name: 'on-call', role: 'operator', token: ADMIN_TOKEN }] };
  const [{ browser, ...running }, relay] = await startBoth({ ...options, admin: true, config: { ...options.config, admin } });
  const url = relay.admin?.urls.http ?? '';
  return {
    relay,
    url,
    async arrive(contextOptions) {
      const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', ...contextOptions });
      context.setDefaultTimeout(PATIENCE_MS);
      const watch = watchPages(context, new URL(url).origin);
      const page = await context.newPage();
      await page.goto(url);
      return { page, ...watch, logIn: (...who) => logIn(page, ...who), visit: (name) => visit(page, name) };
    },
    async stop() {
      await running.close();
      await relay.stop();
    },
  };
}

/** One of them that started ends when the other did not. */
async function startBoth(options: RelayOptions): Promise<[TestBrowser, Relay]> {
  const [browser, relay] = await Promise.allSettled([startBrowser(), startRelay(options)]);
  if (browser.status === 'rejected') {
    if (relay.status === 'fulfilled') await relay.value.stop();
    throw browser.reason;
  }
  if (relay.status === 'rejected') {
    await browser.value.close();
    throw relay.reason;
  }
  return [browser.value, relay.value];
}

async function logIn(page: Page, name = OPERATOR, password = PASSWORD): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

async function visit(page: Page, name: PageName): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: HEADINGS[name] ?? name }).waitFor();
}
