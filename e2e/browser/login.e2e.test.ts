import { eventuallyPasses } from '@reveille/testing';

import { until } from '../src/wait';
import { withRedis } from '../src/with-redis';
import { IOS } from '../src/start-relay';
import { focused, tabTo, untilFocused } from './keyboard';
import { OPERATOR, PASSWORD, startStage, VIEWER, type Stage, type Visitor } from './start-stage';
import { STAGE_TIMEOUT_MS } from './test-chromium';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, STAGE_TIMEOUT_MS);
afterAll(() => stage.stop());

describe('the login', () => {
  it('shows nothing but itself, refuses a wrong password without saying which part was wrong, and lets in with the right one', async () => {
    const { page, logIn, ...watch } = await stage.arrive();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await page.textContent('body')).not.toContain(IOS);
    await untilFocused(page, 'Name');

    const alert = page.getByRole('alert');
    await logIn(OPERATOR, 'wrong');
    await alert.getByText('do not fit together').waitFor();
    const said = await alert.textContent();
    expect(await page.getByLabel('Password').inputValue()).toBe('');
    await untilFocused(page, 'Password');
    await logIn('nobody', PASSWORD);
    await eventuallyPasses(async () => {
      expect(await alert.textContent()).toBe(said);
      expect(await page.getByRole('button', { name: 'Log in' }).isEnabled()).toBe(true);
    });

    await logIn(OPERATOR, PASSWORD);
    await page.getByRole('heading', { level: 2, name: IOS }).waitFor();
    expect(await page.title()).toBe('Overview - Reveille');
    expect(await page.getByText(`${OPERATOR} (operator)`).count()).toBe(1);
    // Neither scripts nor other sites get hold of the session.
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(await page.evaluate('document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })')).toBe('{}');
    expectQuiet(watch);
  });

  it('is done with the keyboard alone, and so is going to a page and leaving', async () => {
    const { page, ...watch } = await stage.arrive();
    await untilFocused(page, 'Name');
    await page.keyboard.type(OPERATOR);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();

    await tabTo(page, 'Failed pushes');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Failed pushes' }).waitFor();
    await until(async () => (await page.evaluate('document.activeElement.tagName')) === 'MAIN', 'the focus on the page');

    await page.keyboard.press('Shift+Tab');
    expect(await focused(page)).toBe('Log out');
    await page.keyboard.press('Enter');
    await page.getByLabel('Password').waitFor();
    expect(await page.context().cookies()).toEqual([]);
    await page.reload();
    await page.getByLabel('Password').waitFor();
    expectQuiet(watch);
  });

  it('limits tries, and says when the next one may be', async () => {
    const { page, logIn } = await stage.arrive();
    const alert = page.getByRole('alert');
    await eventuallyPasses(async () => {
      await logIn('mallory', 'guess');
      await alert.getByText(/again in \d+/).waitFor({ timeout: 500 });
    }, { timeoutMs: 20_000 });
    expect(await alert.textContent()).toMatch(/too many/i);
  });
});

describe('a session that ends while the page is open', () => {
  it('brings the login over the page, and goes on where one was', async () => {
    const { page, logIn, visit, ...watch } = await stage.arrive();
    await logIn();
    await visit('Explain');
    await page.getByLabel('Event id').fill('$an-event-of-long-ago');
    await page.getByLabel('App').fill(IOS);
    await endSessions();
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Log in again' });
    await dialog.waitFor();
    // It cannot be closed, and nothing of the page is behind the keyboard's reach.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await dialog.waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe(OPERATOR);

    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('Event id').inputValue()).toBe('$an-event-of-long-ago');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByText(/never arrived/i).waitFor();
    expectQuiet(watch);
  });

  it('also where the page asks by itself', async () => {
    const { page, logIn, ...watch } = await stage.arrive();
    await logIn();
    await page.getByRole('heading', { level: 2, name: IOS }).waitFor();
    await endSessions();
    const dialog = page.getByRole('dialog', { name: 'Log in again' });
    await dialog.waitFor();
    expect(await page.getByRole('heading', { level: 2, name: IOS, includeHidden: true }).count()).toBe(1);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expectQuiet(watch);
  });
});

describe('a viewer', () => {
  it('sees everything, with the actions disabled and the reason beside them; the API forbids them too', async () => {
    const { page, logIn, visit, ...watch } = await stage.arrive();
    await logIn(VIEWER);
    await page.getByText(`${VIEWER} (viewer)`).waitFor();
    const pause = page.getByRole('button', { name: `Pause ${IOS}` });
    await pause.waitFor();
    for (const name of ['Pause', 'Drain', 'Concurrency']) {
      expect(await page.getByRole('button', { name: `${name} ${IOS}` }).isDisabled()).toBe(true);
    }
    const reason = await pause.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${reason}"]`).textContent()).toContain('only an operator');
    await visit('Audit');

    for (const [path, body] of [
      [`apps/${IOS}/pause`, {}],
      ['replays', { all: true }],
      [`storms/${IOS}/discard`, {}],
    ] as const) {
      expect(await post(page, path, body)).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    }
    // The preview is for all, and the refused attempts changed nothing.
    expect(await post(page, 'replays', { all: true, preview: true })).toMatchObject({ status: 200 });
    await visit('Overview');
    await page.getByRole('article', { name: IOS }).getByText('running', { exact: true }).waitFor();
    expect(watch.strayRequests()).toEqual([]);
  });
});

/** As a script of the page could. */
function post(page: Visitor['page'], path: string, body: object): Promise<unknown> {
  return page.evaluate(
    async ([url, text]) => {
      const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
      return { status: answer.status, body: await answer.json() };
    },
    [`api/v1/${path}`, JSON.stringify(body)] as const,
  );
}

function expectQuiet({ complaints, strayRequests }: Pick<Visitor, 'complaints' | 'strayRequests'>): void {
  expect({ complaints: complaints(), strayRequests: strayRequests() }).toEqual({ complaints: [], strayRequests: [] });
}

/** All of them, as their time would. */
async function endSessions(): Promise<void> {
  await withRedis(stage.relay.redisUrl, async (redis) => {
    const keys = await redis.keys('reveille:admin:session:*');
    expect(keys).not.toEqual([]);
    await redis.del(...keys);
  });
}
