import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { eventuallyPasses, startTestRedis, temporaryDirectory, type RunningRedis, type TemporaryDirectory } from '@reveille/testing';
import type { Page } from 'playwright-core';

import { IOS } from '../src/start-relay';
import { lookAtPage } from './look-at-page';
import { SCENE, setTheScene, STORMY, type Scene } from './set-the-scene';
import { OPERATOR, startStage, type Stage, type Visitor } from './start-stage';
import { STAGE_TIMEOUT_MS } from './test-chromium';

const IMAGES = join(__dirname, '../../docs/images');
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 400, height: 800 };

interface Shown extends Visitor {
  readonly scene: Scene;
}

interface View {
  readonly name: string;
  readonly open: (shown: Shown) => Promise<void>;
  /** One of the README's pictures; its height in CSS pixels. */
  readonly picture?: number;
}

const openReplayDialog = async ({ page, visit }: Shown): Promise<void> => {
  await openFailed({ page, visit });
  await page.getByRole('button', { name: /^Replay all that match/ }).click();
  await page.getByRole('table', { name: 'What would happen' }).waitFor();
};

async function openFailed({ page, visit }: Pick<Shown, 'page' | 'visit'>): Promise<void> {
  await visit('Failed pushes');
  await page.getByRole('button', { name: /^Open push/ }).first().waitFor();
}

/** Everything that the page can show. */
const VIEWS: readonly View[] = [
  {
    name: 'overview',
    picture: 1_480,
    open: async ({ page, visit }) => {
      await visit('Overview');
      await page.getByText('parked', { exact: true }).first().waitFor();
      await page.getByRole('article', { name: STORMY }).getByText('storm held').waitFor();
      await page.getByRole('img', { name: /^Chart/ }).waitFor();
      await page.getByRole('table', { name: 'Processes' }).waitFor();
    },
  },
  {
    name: 'pause-dialog',
    open: async ({ page, visit }) => {
      await visit('Overview');
      await page.getByRole('button', { name: `Pause ${IOS}` }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'failed', picture: WIDE.height, open: openFailed },
  {
    name: 'failed-filters',
    open: async (shown) => {
      const { page } = shown;
      await openFailed(shown);
      await page.getByRole('button', { name: /^Show \d+ pushes/ }).first().click();
      await page.getByRole('list', { name: 'Filters in use' }).waitFor();
      await page.getByRole('button', { name: /^Open push/ }).first().waitFor();
    },
  },
  {
    name: 'nothing-found',
    open: async ({ page, visit }) => {
      await visit('Failed pushes');
      await page.getByRole('list', { name: 'Filters in use' }).waitFor({ state: 'detached' });
      await page.getByLabel('Reason', { exact: true }).fill('never');
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByText('No failed push matches').waitFor();
    },
  },
  {
    name: 'push',
    open: async (shown) => {
      const { page } = shown;
      await openFailed(shown);
      await page.getByRole('button', { name: /^Open push/ }).first().click();
      await page.getByRole('dialog', { name: 'Failed push' }).getByRole('heading', { name: 'Attempts' }).waitFor();
    },
  },
  { name: 'replay-preview', picture: WIDE.height, open: openReplayDialog },
  {
    name: 'replay',
    picture: 440,
    open: async ({ page, visit, scene }) => {
      await visit('Replays');
      await page.getByRole('link', { name: `Open replay ${scene.replayId}` }).click();
      await page.getByText('paused', { exact: true }).waitFor();
    },
  },
  {
    name: 'replays',
    open: async ({ page, visit }) => {
      await visit('Replays');
      await page.getByRole('row', { name: /paused/ }).waitFor();
    },
  },
  {
    name: 'rejections',
    open: async ({ page, visit, scene }) => {
      await visit('Rejections');
      await page.getByRole('article', { name: `Storm of ${STORMY}` }).waitFor();
      await page.getByLabel('App id').fill(IOS);
      await page.getByLabel('Pushkey').fill(scene.gone.pushkey);
      await page.getByRole('button', { name: 'Look up' }).click();
      await page.getByText('Known to be dead').waitFor();
    },
  },
  {
    name: 'explain',
    open: async ({ page, visit, scene }) => {
      await visit('Explain');
      await page.getByLabel('App', { exact: true }).fill(IOS);
      await page.getByLabel('Event id').fill(scene.eventId);
      await page.getByRole('button', { name: 'Explain', exact: true }).click();
      await page.getByRole('article', { name: /^Device/ }).first().waitFor();
    },
  },
  {
    name: 'audit',
    open: async ({ page, visit }) => {
      await visit('Audit');
      await page.getByRole('row').filter({ hasText: 'replay' }).first().waitFor();
    },
  },
  {
    name: 'no-such-page',
    open: async ({ page }) => {
      await page.evaluate(`location.hash = '#/somewhere'`);
      await page.getByRole('heading', { name: 'No such page' }).waitFor();
    },
  },
];

let directory: TemporaryDirectory;
let redis: RunningRedis;
let stage: Stage;
let visitor: Visitor;
let shown: Shown;
beforeAll(async () => {
  // As in production: the page warns of one that keeps nothing on disk.
  directory = await temporaryDirectory();
  redis = await startTestRedis({ persistence: 'everysec', directory: directory.path });
  stage = await startStage({ ...SCENE, redisUrl: redis.url });
  const scene = await setTheScene(stage.relay);
  visitor = await stage.arrive({ viewport: WIDE, reducedMotion: 'reduce' });
  shown = { ...visitor, scene };
}, STAGE_TIMEOUT_MS);
afterAll(async () => {
  await stage.stop();
  await redis.stop();
  await directory.remove();
});

it('the login fits a telephone, and is easy to read, in the dark and in the light', async () => {
  await visitor.page.getByRole('button', { name: 'Log in' }).waitFor();
  await expectGoodLooks(visitor.page, 'login');
  await visitor.logIn();
  await visitor.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
});

it.each(VIEWS)('$name fits a telephone, and is easy to read, in the dark and in the light', async ({ name, open, picture }) => {
  const { page } = shown;
  await page.setViewportSize(WIDE);
  await open(shown);
  await expectGoodLooks(page, name, picture);
  // A dialog is left; elsewhere nothing happens.
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

it('a storm is ended from the page', async () => {
  const { page, visit } = shown;
  await visit('Rejections');
  await page.getByRole('button', { name: `Discard the storm of ${STORMY}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Discard \d+ verdicts/ }).click();
  await page.getByText('No storm.').waitFor();
  await visit('Audit');
  await page.getByRole('row').filter({ hasText: 'storm' }).filter({ hasText: OPERATOR }).waitFor();
});

it('nothing was complained about', () => {
  expect({ complaints: visitor.complaints(), stray: visitor.strayRequests() }).toEqual({ complaints: [], stray: [] });
});

async function expectGoodLooks(page: Page, name: string, picture?: number): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const size of [NARROW, WIDE]) {
      await page.setViewportSize(size);
      // What was looked at stands in the difference. A chart follows a new size a moment later.
      const looked = { name, colorScheme, width: size.width };
      await eventuallyPasses(async () => {
        expect({ ...looked, ...(await lookAtPage(page)) }).toEqual({ ...looked, tooWide: [], lowContrast: [], nameless: [], doubleIds: [] });
      }, { timeoutMs: 3_000 });
      if (picture && size === WIDE) await takePicture(page, `${name}-${colorScheme}`, picture);
    }
  }
}

/** For the README, and only when asked: a run of the tests must not change the working tree. */
async function takePicture(page: Page, name: string, height: number): Promise<void> {
  if (process.env.UPDATE_SCREENSHOTS !== '1') return;
  await mkdir(IMAGES, { recursive: true });
  await page.screenshot({ path: join(IMAGES, `${name}.png`), fullPage: true, clip: { x: 0, y: 0, width: WIDE.width, height } });
}
