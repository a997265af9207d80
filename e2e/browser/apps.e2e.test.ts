import { notifyRequest, startTestRedis, type RunningRedis } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from '../src/devices';
import { ANDROID, IOS } from '../src/start-relay';
import { OPERATOR, PASSWORD, startStage, type Stage, type Visitor } from './start-stage';
import { STAGE_TIMEOUT_MS } from './test-chromium';

let redis: RunningRedis;
let stage: Stage;
let visitor: Visitor;
beforeAll(async () => {
  redis = await startTestRedis();
  stage = await startStage({ redisUrl: redis.url });
  visitor = await stage.arrive();
  await visitor.logIn();
}, STAGE_TIMEOUT_MS);
afterAll(async () => {
  await stage.stop();
  await redis.stop();
});

it('a parked app is seen, with what waits, and resumed; what waited arrives, each push once', async () => {
  const { page } = visitor;
  const { simulator } = stage.relay;
  simulator.command({ provider: 'apns', answer: { status: 403, reason: 'InvalidProviderToken' } });
  const devices = Array.from({ length: 5 }, () => iosDevice());
  for (const device of devices) await send(device);

  const app = page.getByRole('article', { name: IOS });
  await app.getByText('parked', { exact: true }).waitFor();
  await app.getByText('InvalidProviderToken').first().waitFor();
  await countOf(app, 'In the queue', 'waiting', devices.length);
  // What needs somebody stands first.
  expect(await page.getByRole('region', { name: 'Apps' }).getByRole('heading', { level: 2 }).allTextContents()).toEqual([IOS, ANDROID]);
  expect(await page.getByRole('article', { name: ANDROID }).getByRole('button', { name: /^Resume/ }).count()).toBe(0);

  simulator.clearCommands();
  await page.getByRole('button', { name: `Resume ${IOS}` }).click();
  const dialog = page.getByRole('dialog', { name: `Resume ${IOS}?` });
  await dialog.getByText(`${devices.length} pushes wait`).waitFor();
  await dialog.getByRole('button', { name: 'Resume' }).click();
  await app.getByText('Resumed.').waitFor();
  await app.getByText('running', { exact: true }).waitFor();
  for (const device of devices) {
    await stage.relay.outcomesOf(device, 1);
    expect(simulator.received({ pushkey: device.onWire }).filter(({ status }) => status === 200)).toHaveLength(1);
  }
  await countOf(app, 'In the queue', 'waiting', 0);
});

it('an app is paused with a reason for colleagues, who see it, and narrowed and drained', async () => {
  const { page, visit } = visitor;
  const app = page.getByRole('article', { name: ANDROID });
  await page.getByRole('button', { name: `Pause ${ANDROID}` }).click();
  await page.getByLabel(/^Reason/).fill('the provider asked us to');
  await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click();
  await app.getByText('Paused.').waitFor();
  await app.getByText('the provider asked us to').waitFor();
  const device = androidDevice();
  await send(device);
  await countOf(app, 'In the queue', 'waiting', 1);
  const colleague = await stage.arrive();
  await colleague.logIn();
  await colleague.page.getByRole('article', { name: ANDROID }).getByText(`by ${OPERATOR}`).waitFor();
  await colleague.page.context().close();
  await page.getByRole('button', { name: `Resume ${ANDROID}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume', exact: true }).click();
  expect(await stage.relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered' }]);

  await page.getByRole('button', { name: `Concurrency ${ANDROID}` }).click();
  await page.getByLabel('Pushes at once').fill('7');
  await page.getByRole('button', { name: 'Send at most 7 at once' }).click();
  await app.getByText('at most 7, set by an operator').waitFor();

  await page.getByRole('button', { name: `Drain ${ANDROID}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Drain', exact: true }).click();
  await app.getByText('draining', { exact: true }).waitFor();
  const turnedAway = notifyRequest({ devices: [androidDevice().wire] });
  expect(await stage.relay.notify(turnedAway)).toMatchObject({ status: 503 });
  await page.getByRole('button', { name: `End draining ${ANDROID}` }).click();
  await page.getByRole('button', { name: 'Accept again' }).click();
  await app.getByText('draining', { exact: true }).waitFor({ state: 'detached' });
  expect(await stage.relay.notify(turnedAway)).toMatchObject({ status: 200 });

  await visit('Audit');
  const audit = page.getByRole('table', { name: 'Audit' });
  for (const action of ['pause', 'resume', 'concurrency', 'drain']) {
    await audit.getByRole('row').filter({ hasText: action }).filter({ hasText: ANDROID }).first().waitFor();
  }
  expect({ complaints: visitor.complaints(), stray: visitor.strayRequests() }).toEqual({ complaints: [], stray: [] });
});

it('the page says when Redis is away, keeps what it showed, and goes on by itself', async () => {
  const { page, visit } = visitor;
  await visit('Overview');
  const app = page.getByRole('article', { name: IOS });
  await app.waitFor();
  await redis.kill();
  await page.getByRole('alert').getByText('What is shown is of').first().waitFor();
  expect(await app.count()).toBe(1);
  redis = await startTestRedis({ port: redis.port });
  // It keeps nothing on disk, so the session is gone too.
  await page.getByRole('dialog', { name: 'Log in again' }).waitFor();
  await visitor.page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await app.getByText('running', { exact: true }).waitFor();
  await page.getByText('What is shown is of').first().waitFor({ state: 'detached' });
});

/** Waits for a count of an app's card. */
async function countOf(app: ReturnType<Visitor['page']['getByRole']>, label: string, name: string, count: number): Promise<void> {
  const counts = app.getByText(label, { exact: true }).locator('xpath=following-sibling::dl[1]');
  await counts.locator('div', { hasText: name }).getByText(String(count), { exact: true }).waitFor();
}

async function send(device: TestDevice): Promise<void> {
  expect(await stage.relay.notify(notifyRequest({ devices: [device.wire] }))).toMatchObject({ status: 200 });
}
