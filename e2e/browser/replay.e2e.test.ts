import { fullNotifyRequest, uniqueEventId } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from '../src/devices';
import { ADMIN_TOKEN, ANDROID, apnsApp, fcmApp, HASH_KEY, IOS } from '../src/start-relay';
import { until } from '../src/wait';
import { findTexts } from '../src/what-redis-keeps';
import { focused, tabTo, untilFocused } from './keyboard';
import { OPERATOR, PAGES, PASSWORD, startStage, type Stage, type Visitor } from './start-stage';
import { STAGE_TIMEOUT_MS } from './test-chromium';

/** Its pushes expire while its provider is out. */
const HASTY = 'com.example.hasty';
/** Nothing that a retry would help. */
const REFUSAL = { status: 413, reason: 'PayloadTooLarge' } as const;
/** Of one outage; the device of one is gone meanwhile. */
const FAILED = 8;
const SENTINEL = 'Zx81Sentinel';
const ROOM = `!${SENTINEL}:example.org`;

let stage: Stage;
let visitor: Visitor;
const devices: TestDevice[] = [];
const events: string[] = [];
beforeAll(async () => {
  stage = await startStage({
    apps: (simulator) => ({
      [IOS]: apnsApp(simulator),
      [ANDROID]: fcmApp(simulator),
      [HASTY]: apnsApp(simulator, { max_age: { event: '1s' } }),
    }),
  });
  visitor = await stage.arrive({ viewport: { width: 1280, height: 800 } });
  await visitor.logIn();
}, STAGE_TIMEOUT_MS);
afterAll(() => stage.stop());

it('an outage is seen, its failed pushes found by their cause, previewed, replayed and watched; each arrives once', async () => {
  const { page, visit } = visitor;
  const { simulator } = stage.relay;
  simulator.command({ provider: 'apns', answer: REFUSAL });
  const ill = Array.from({ length: FAILED }, () => iosDevice());
  for (const device of ill) await send(device);
  await send(androidDevice());
  const [gone, ...living] = ill;
  if (!gone) throw new Error('no device');
  await until(() => stage.relay.outcomes().length >= FAILED + 1, 'the outcomes');
  simulator.clearCommands();
  simulator.command({ pushkey: gone.onWire, answer: { status: 410, reason: 'Unregistered' } });
  await send(gone);
  await stage.relay.outcomesOf(gone, 2);

  // From the number on the overview to the cause, to its pushes.
  const app = page.getByRole('article', { name: IOS });
  await app.getByRole('link', { name: String(FAILED), exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Failed pushes' }).waitFor();
  const causes = page.getByRole('table', { name: 'Causes' });
  await causes.getByRole('row', { name: /PayloadTooLarge provider: 413/ }).waitFor();
  await causes.getByRole('button', { name: new RegExp(`^Show ${FAILED} pushes of ${IOS}`) }).click();
  expect(await page.getByRole('list', { name: 'Filters in use' }).getByRole('button').count()).toBe(5);
  await page.getByText(`${FAILED} pushes match`).waitFor();

  // One of them: what the provider said, when, and how the payload looks, but not what it says.
  const list = page.getByRole('table', { name: 'Failed pushes' });
  expect(await list.getByRole('row').count()).toBe(FAILED + 1);
  await list.getByRole('button', { name: /^Open push/ }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Failed push' });
  await dialog.getByRole('row', { name: /413.*PayloadTooLarge/ }).waitFor();
  expect(await dialog.locator('pre').textContent()).toMatch(/characters|length|string/i);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  // What would happen, before it does.
  await page.getByRole('button', { name: `Replay all that match (${FAILED})` }).click();
  const preview = page.getByRole('table', { name: 'What would happen' });
  await preview.getByRole('row', { name: `Would be sent ${FAILED - 1}` }).waitFor();
  await preview.getByRole('row', { name: 'Rejected pushkeys 1' }).waitFor();
  await preview.getByRole('row', { name: `Matched ${FAILED}` }).waitFor();
  // Slow enough to be stopped on the way, and to be watched.
  await page.getByLabel('Pushes per second').fill('1');
  await page.getByRole('button', { name: `Send ${FAILED - 1} pushes` }).click();
  await page.getByRole('heading', { level: 1, name: 'Replay', exact: true }).waitFor();

  const bar = page.getByRole('progressbar', { name: 'Pushes done' });
  await bar.waitFor();
  const seen = new Set<number>();
  await page.getByRole('button', { name: 'Pause replay' }).click();
  const resume = page.getByRole('button', { name: 'Resume replay' });
  await resume.waitFor();
  await resume.click();
  await until(async () => {
    const value = await bar.getAttribute('value');
    seen.add(Number(value));
    return Number(value) === FAILED;
  }, 'the bar to be full');
  // It moved.
  expect(seen.size).toBeGreaterThan(2);
  await page.getByText(`${FAILED} of ${FAILED} (100 %)`, { exact: true }).waitFor();
  const outcomes = page.getByRole('table', { name: 'Outcomes' });
  await outcomes.getByRole('row', { name: `delivered ${FAILED - 1}` }).waitFor();
  await outcomes.getByRole('row', { name: 'not sent: rejected 1' }).waitFor();
  await page.getByRole('article', { name: 'Progress' }).getByText('done', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: /replay$/ }).count()).toBe(0);

  for (const { onWire } of living) {
    expect(simulator.received({ pushkey: onWire }).map(({ status }) => status)).toEqual([413, 200]);
  }
  expect(simulator.received({ pushkey: gone.onWire }).map(({ status }) => status)).toEqual([413, 410]);

  await visit('Audit');
  const row = page.getByRole('table', { name: 'Audit' }).getByRole('row').filter({ hasText: /replay.*start/i });
  await row.waitFor();
  expect(await row.textContent()).toContain(OPERATOR);
  await visit('Replays');
  await page.getByRole('row', { name: new RegExp(`${OPERATOR} done ${FAILED} of ${FAILED}`) }).waitFor();
});

it('those past their deadline are sent only if somebody says so; the whole way with the keyboard alone', async () => {
  const { page, ...watch } = await stage.arrive();
  const { simulator } = stage.relay;
  simulator.command({ provider: 'apns', answer: { status: 503, reason: 'ServiceUnavailable' } });
  const late = Array.from({ length: 3 }, () => iosDevice({}, HASTY));
  for (const device of late) await send(device);
  for (const device of late) await stage.relay.outcomesOf(device, 1);
  simulator.clearCommands();

  await untilFocused(page, 'Name');
  await page.keyboard.type(OPERATOR);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: HASTY }).waitFor();
  await press(page, 'Failed pushes');
  await page.getByRole('button', { name: /^Show 3 pushes of/ }).waitFor();
  await press(page, /^Show 3 pushes of com.example.hasty: expired/);
  await page.getByText('3 pushes match, 3 shown, 0 selected').waitFor();
  await tabTo(page, /^Select push/);
  await page.keyboard.press('Space');
  await page.getByText('3 pushes match, 3 shown, 1 selected').waitFor();
  await tabTo(page, 'Select all shown');
  await page.keyboard.press('Space');
  await page.getByText('3 pushes match, 3 shown, 3 selected').waitFor();
  await press(page, 'Replay selected (3)');

  const preview = page.getByRole('table', { name: 'What would happen' });
  await preview.getByRole('row', { name: 'Past their deadline 3' }).waitFor();
  expect(await page.getByRole('button', { name: 'Send 0 pushes' }).isDisabled()).toBe(true);
  // The dialog keeps the keyboard.
  await tabTo(page, 'Also send those past their deadline, with a new one');
  await page.keyboard.press('Space');
  await preview.getByRole('row', { name: 'Would be sent 3' }).waitFor();
  await press(page, 'Send 3 pushes');
  await page.getByText('3 of 3 (100 %)', { exact: true }).waitFor();
  await page.getByRole('table', { name: 'Outcomes' }).getByRole('row', { name: 'delivered 3' }).waitFor();
  for (const { onWire } of late) {
    expect(simulator.received({ pushkey: onWire }).filter(({ status }) => status === 200)).toHaveLength(1);
  }
  expect(await focused(page)).not.toBe('');
  await expectQuiet(watch, page);
});

it('a push is found by its event and by its pushkey, and Explain says what became of it', async () => {
  const { page, visit } = visitor;
  const { simulator } = stage.relay;
  simulator.command({ provider: 'apns', answer: REFUSAL });
  const device = iosDevice();
  await send(device);
  await stage.relay.outcomesOf(device, 1);
  const event = events.at(-1) ?? '';
  simulator.clearCommands();

  await visit('Failed pushes');
  await page.getByLabel('App', { exact: true }).fill(IOS);
  await page.getByText('More filters').click();
  await page.getByLabel('Event id').fill(event);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByText('1 push matches').waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('list', { name: 'Filters in use' }).waitFor({ state: 'detached' });
  await page.getByLabel('App', { exact: true }).fill(IOS);
  await page.getByText('More filters').click();
  await page.getByLabel('Pushkey').fill(device.pushkey);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('button', { name: /^Remove filter: device/ }).waitFor();
  await page.getByText('1 push matches').waitFor();
  expect(await page.getByLabel('Pushkey').inputValue()).toBe('');
  expect(findTexts(Buffer.from(page.url()), [device.pushkey])).toEqual([]);

  await visit('Explain');
  await page.getByLabel('App', { exact: true }).fill(IOS);
  await page.getByLabel('Event id').fill(event);
  await page.getByRole('button', { name: 'Explain', exact: true }).click();
  await page.getByRole('region', { name: 'Answer' }).getByText('413').first().waitFor();
  await page.getByLabel('Event id').fill('$never-heard-of');
  await page.getByRole('button', { name: 'Explain', exact: true }).click();
  await page.getByText(/never arrived/i).waitFor();

  // The device of the outage that was gone when its push was sent again.
  await visit('Rejections');
  await page.getByLabel('App id').fill(IOS);
  await page.getByLabel('Pushkey').fill(devices[0]?.pushkey ?? '');
  await page.getByRole('button', { name: 'Look up' }).click();
  await page.getByText('Known to be dead', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Forget' }).click();
  await page.getByRole('button', { name: 'Forget 1 rejection' }).click();
  await page.getByText('Not known to be dead').waitFor();
});

it('nothing secret came to the browser, nothing was asked of others, nothing was complained about', async () => {
  const { page, visit, ...watch } = visitor;
  for (const name of PAGES) {
    await visit(name);
    expect(findTexts(Buffer.from(await page.content()), secrets())).toEqual([]);
  }
  const answer = await page.goto(`${stage.url}/queues`);
  expect(answer?.status()).toBe(200);
  await page.getByText(IOS).first().waitFor();
  expect(findTexts(Buffer.from(await page.content()), secrets())).toEqual([]);
  await expectQuiet(watch, page);
});

/** Everything that only the homeserver, the provider or the configuration may say. */
function secrets(): string[] {
  return [SENTINEL, ADMIN_TOKEN, PASSWORD, HASH_KEY, ...devices.flatMap(({ pushkey, onWire }) => [pushkey, onWire])];
}

async function expectQuiet(watch: Pick<Visitor, 'complaints' | 'strayRequests' | 'traffic'>, page: Visitor['page']): Promise<void> {
  await page.context().close();
  expect({ complaints: watch.complaints(), strayRequests: watch.strayRequests() }).toEqual({ complaints: [], strayRequests: [] });
  const traffic = await watch.traffic();
  expect(traffic).toContain('/api/v1/apps');
  expect(findTexts(Buffer.from(traffic), secrets())).toEqual([]);
}

/** Goes there with Tab, and presses Enter. */
async function press(page: Visitor['page'], name: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

async function send(device: TestDevice): Promise<void> {
  devices.push(device);
  const eventId = uniqueEventId();
  events.push(eventId);
  const { wire } = device;
  const request = fullNotifyRequest({
    event_id: eventId,
    room_id: ROOM,
    sender: `@${SENTINEL}:example.org`,
    sender_display_name: SENTINEL,
    room_name: SENTINEL,
    content: { msgtype: 'm.text', body: SENTINEL },
    devices: [{ ...wire, data: {} }],
  });
  expect(await stage.relay.notify(request)).toMatchObject({ status: 200, body: { rejected: [] } });
}
