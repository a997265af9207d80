import { notifyRequest } from '@reveille/testing';
import { z } from 'zod';

import { iosDevice } from './devices';
import { ADMIN_TOKEN, apnsApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

/** Nothing that a retry would help. */
const REFUSAL = { status: 413, reason: 'PayloadTooLarge' };
const PUSHES = 60;
const replaySchema = z.object({ state: z.string(), matched: z.int(), done: z.int(), outcomes: z.object({ delivered: z.int(), not_sent: z.int() }) });

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({ admin: true, apps: (simulator) => ({ [IOS]: apnsApp(simulator) }) });
});
afterAll(() => relay.stop());

it('an admin that is killed half-way through a replay: another one goes on, and every push is sent once more, once', async () => {
  const devices = Array.from({ length: PUSHES }, () => iosDevice());
  for (const { onWire: pushkey } of devices) relay.simulator.command({ pushkey, answer: REFUSAL });
  for (const device of devices) await relay.notify(notifyRequest({ devices: [device.wire] }));
  await until(() => relay.outcomes().filter(({ outcome }) => outcome === 'dead').length === PUSHES, 'all to fail');
  relay.simulator.clearCommands();

  const first = relay.admin;
  if (!first) throw new Error('no admin');
  const { id } = z.object({ id: z.string() }).parse(await call(first.urls.http ?? '', '/api/v1/replays', { filter: { app: IOS, reason: 'PayloadTooLarge' }, rate: 20 }));
  await until(() => delivered() > 5, 'the replay to be under way');
  first.kill('SIGKILL');
  await first.exited;
  const whenKilled = delivered();
  expect(whenKilled).toBeLessThan(PUSHES);

  const second = await relay.start('admin');
  await until(async () => replaySchema.parse(await call(second.urls.http ?? '', `/api/v1/replays/${id}`)).state === 'done', 'the other admin to finish it');
  expect(replaySchema.parse(await call(second.urls.http ?? '', `/api/v1/replays/${id}`))).toMatchObject({ matched: PUSHES, done: PUSHES, outcomes: { delivered: PUSHES, not_sent: 0 } });
  for (const { onWire: pushkey } of devices) {
    expect(relay.simulator.received({ pushkey }).map(({ status }) => status)).toEqual([413, 200]);
  }
});

function delivered(): number {
  return relay.outcomes().filter(({ outcome }) => outcome === 'delivered').length;
}

async function call(base: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(base + path, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  expect(answer.ok).toBe(true);
  return answer.json();
}
