import { appKeyBase } from '@reveille/queue';
import { notifyRequest } from '@reveille/testing';

import { deadLetters } from './dead-letters';
import { androidDevice, iosDevice } from './devices';
import type { RoleProcess } from './role-process';
import { IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';
import { withRedis } from './with-redis';

/** Milliseconds; what a dispatcher may still take at its end. */
const GRACE_MS = 1500;

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({ config: { dispatcher: { shutdown_grace: `${GRACE_MS}ms`, request_timeout: '20s' } } });
});
afterAll(() => relay.stop());
beforeEach(async () => {
  relay.simulator.setLatency(0);
  if (running('dispatcher') === undefined) await relay.start('dispatcher');
  if (running('ingress') === undefined) await relay.start('ingress');
});

describe('a dispatcher at SIGTERM', () => {
  it('finishes the pushes in flight, leaves the others, and exits with 0', async () => {
    const [ios, android] = [iosDevice(), androidDevice()];
    const next = Array.from({ length: 20 }, () => iosDevice());
    const leaving = the('dispatcher');
    relay.simulator.setLatency(700);
    await send(ios, android);
    await relay.pushes(ios, 1);
    await relay.pushes(android, 1);
    leaving.kill('SIGTERM');
    await until(() => leaving.output().includes('shutting down'));
    await send(...next);
    expect(await leaving.exited).toEqual({ code: 0, signal: null });
    // At most the one that Redis had in its hand already.
    expect(next.filter(({ onWire }) => relay.simulator.received({ pushkey: onWire }).length > 0).length).toBeLessThan(2);
    for (const device of [ios, android]) {
      expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered', attempts: 1 }]);
    }
    // The one that starts next has the rest.
    relay.simulator.setLatency(0);
    await relay.start('dispatcher');
    for (const device of [ios, android, ...next]) expect(await relay.pushes(device, 1)).toHaveLength(1);
  });

  it('puts back what does not end in time: another one sends it as the same push', async () => {
    const device = iosDevice();
    const leaving = the('dispatcher');
    relay.simulator.command({ pushkey: device.onWire, times: 1, answer: { fault: 'hang' } });
    await send(device);
    await relay.pushes(device, 1);
    leaving.kill('SIGTERM');
    expect(await leaving.exited).toEqual({ code: 0, signal: null });
    expect(leaving.lines()).toContainEqual(expect.objectContaining({ msg: 'dispatching ended', put_back: 1 }));
    await relay.start('dispatcher');
    const [first, second] = await relay.pushes(device, 2);
    expect(second?.headers['apns-id']).toBe(first?.headers['apns-id']);
    expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered' }]);
  });

  it('ends at once when it is told twice', async () => {
    const device = iosDevice();
    const leaving = the('dispatcher');
    relay.simulator.command({ pushkey: device.onWire, times: 1, answer: { fault: 'hang' } });
    await send(device);
    await relay.pushes(device, 1);
    leaving.kill('SIGTERM');
    await until(() => leaving.output().includes('shutting down'));
    leaving.kill('SIGTERM');
    expect(await leaving.exited).toEqual({ code: 143, signal: null });
  });
});

describe('an ingress at SIGTERM', () => {
  it('answers the requests that it has, and exits with 0', async () => {
    const leaving = the('ingress');
    const device = iosDevice();
    const body = JSON.stringify(notifyRequest({ devices: [device.wire] }));
    // A slow homeserver: the second half comes when the process is ending already.
    const halves = new TransformStream<Uint8Array, Uint8Array>();
    const writer = halves.writable.getWriter();
    const response = fetch(`${leaving.urls.http}/_matrix/push/v1/notify`, {
      method: 'POST',
      duplex: 'half',
      body: halves.readable,
    });
    await writer.write(Buffer.from(body.slice(0, 20)));
    await until(() => inFlight(leaving));
    leaving.kill('SIGTERM');
    await until(() => leaving.output().includes('shutting down'));
    await expect(fetch(`${leaving.urls.http}/health`)).rejects.toThrow();
    await writer.write(Buffer.from(body.slice(20)));
    await writer.close();
    expect((await response).status).toBe(200);
    expect(await leaving.exited).toEqual({ code: 0, signal: null });
    await relay.pushes(device, 1);
  });
});

describe('a role whose supervisor was killed', () => {
  it.each(['ingress', 'dispatcher'] as const)('%s ends by itself, although nobody reads its log any more', async (role) => {
    const orphan = the(role);
    orphan.abandon();
    expect(await orphan.exited).toEqual({ code: 0, signal: null });
  });
});

describe('a job that this version cannot read', () => {
  it.each([
    ['of a later version', '{"v":99,"kind":"hologram"}'],
    ['of no form at all', '[]'],
  ])('%s is a dead letter, and the next one is sent', async (_name, data) => {
    const [unreadable, next] = [iosDevice(), iosDevice()];
    await relay.end(the('dispatcher'));
    await send(unreadable);
    const base = appKeyBase('reveille', IOS);
    await withRedis(relay.redisUrl, async (redis) => {
      const [id] = await redis.lrange(`${base}wait`, '0', '0');
      await redis.hset(`${base}${id}`, { data });
    });
    await send(next);
    await relay.start('dispatcher');
    await relay.pushes(next, 1);
    await until(async () => (await deadLetters(relay.redisUrl, IOS)).length > 0);
    for (const letter of await deadLetters(relay.redisUrl, IOS)) {
      expect(letter).toEqual({ outcome: 'dead', reason: 'unreadable' });
    }
    expect(relay.simulator.received({ pushkey: unreadable.onWire })).toEqual([]);
  });
});

function running(role: 'ingress' | 'dispatcher'): RoleProcess | undefined {
  const all = role === 'ingress' ? relay.ingresses : relay.dispatchers;
  return all.findLast((each) => !each.isEnding());
}

function the(role: 'ingress' | 'dispatcher'): RoleProcess {
  const found = running(role);
  if (!found) throw new Error(`no ${role} runs`);
  return found;
}

async function send(...devices: readonly { readonly wire: object }[]): Promise<void> {
  const ingress = relay.ingresses.indexOf(the('ingress'));
  const answer = await relay.notify(notifyRequest({ devices: devices.map(({ wire }) => wire) }), ingress);
  expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
}

async function inFlight(ingress: RoleProcess): Promise<boolean> {
  const metrics = await (await fetch(`${ingress.urls.metrics}/metrics`)).text();
  return metrics.includes('reveille_ingress_requests_in_flight 1');
}
