import { notifyRequest } from '@reveille/testing';

import { iosDevice } from './devices';
import { apnsApp, askAdmin, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

const EVENT = '$explained-over-http:example.org';
/** Nothing that a retry would help. */
const REFUSAL = { status: 413, reason: 'PayloadTooLarge' };

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({ admin: true, apps: (simulator) => ({ [IOS]: apnsApp(simulator) }) });
});
afterAll(() => relay.stop());

/** The answer of the admin as its text and as what it says. */
async function ask(path: string, body?: object): Promise<{ readonly text: string; readonly said: unknown }> {
  const answer = await askAdmin(relay, path, body && { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.text();
  expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  return { text, said: JSON.parse(text) };
}

it('explain, history, and who does the work, over HTTP', async () => {
  const [well, ill] = [iosDevice(), iosDevice()];
  relay.simulator.command({ pushkey: ill.onWire, answer: REFUSAL });
  const request = notifyRequest({ event_id: EVENT, devices: [well.wire, ill.wire] });
  for (let resend = 0; resend < 2; resend += 1) expect(await relay.notify(request)).toMatchObject({ status: 200 });
  await relay.outcomesOf(well, 1);
  await relay.outcomesOf(ill, 1);

  const explain = (pushkey?: string) => ask('/api/v1/explain', { app: IOS, event_id: EVENT, ...(pushkey !== undefined && { pushkey }) });
  const expected = {
    app: IOS,
    devices: [{ dispatches: [{ state: 'ended', outcome: 'delivered', attempts: 1, ingress: expect.stringMatching(/:\d+$/) as string }], duplicates: { count: 1 } }],
    truncated: false,
  };
  await until(async () => JSON.stringify((await explain(well.pushkey)).said).includes('"delivered"'), 'the end of the push');
  const { text, said } = await explain(well.pushkey);
  expect(said).toMatchObject({ ...expected, verdict: expect.stringMatching(/^accepted .* by .*, delivered .* at the first attempt; .* once more, which was absorbed$/) as string });
  for (const secret of [EVENT, well.pushkey, well.onWire]) expect(text).not.toContain(secret);
  expect((await explain()).said).toMatchObject({ verdict: expect.stringMatching(/^2 devices: /) as string });
  expect((await ask('/api/v1/explain', { app: IOS, event_id: '$other' })).said).toMatchObject({ devices: [], verdict: expect.stringContaining('never arrived') as string });

  interface History {
    readonly minutes: readonly Readonly<Record<'accepted' | 'delivered' | 'failed', number>>[];
  }
  const history = async (): Promise<string> => {
    const { minutes } = (await ask(`/api/v1/apps/${IOS}/history?hours=1`)).said as History; // apps/admin/src/api/apps.ts
    const sum = (of: 'accepted' | 'delivered' | 'failed') => minutes.reduce((all, minute) => all + minute[of], 0);
    return `${minutes.length} minutes: ${sum('accepted')} accepted, ${sum('delivered')} delivered, ${sum('failed')} failed`;
  };
  await until(async () => (await history()) === '60 minutes: 2 accepted, 1 delivered, 1 failed', 'the statistics of both roles');
  expect((await ask('/api/v1/apps')).said).toMatchObject({
    apps: [{ answers: expect.arrayContaining([{ status: '200', reason: 'Success', count: 1 }, { status: '413', reason: 'PayloadTooLarge', count: 1 }]) as unknown }],
  });
  const { processes } = (await ask('/api/v1/system')).said as { processes: { role: string }[] }; // apps/admin/src/api/system.ts
  expect(processes.map(({ role }) => role).sort()).toEqual(['admin', 'dispatcher', 'ingress']);
});
