import { connect } from 'node:net';

import { notifyRequest } from '@reveille/testing';

import { iosDevice } from './devices';
import { startRelay, type Relay } from './start-relay';
import { until } from './wait';

const NOTIFY = '/_matrix/push/v1/notify';
const UNRECOGNIZED = { errcode: 'M_UNRECOGNIZED', error: expect.any(String) as string };

let relay: Relay;
let ingress: string;
beforeAll(async () => {
  relay = await startRelay();
  ingress = relay.ingresses[0]?.urls.http ?? '';
});
afterAll(() => relay.stop());

describe('the HTTP surface of ingress', () => {
  it('is discovered by UnifiedPush, and by an operator with a browser', async () => {
    expect(await ask('GET', NOTIFY)).toMatchObject({ status: 200, body: { unifiedpush: { gateway: 'matrix' } } });
    expect((await fetch(`${ingress}${NOTIFY}`, { method: 'HEAD' })).status).toBe(200);
  });

  it.each([
    ['GET', '/', 404],
    ['POST', '/', 404],
    ['GET', '/_matrix/push/v1', 404],
    ['POST', '/_matrix/push/v2/notify', 404],
    ['POST', `${NOTIFY}x`, 404],
    ['POST', `${NOTIFY}/`, 404],
    ['POST', NOTIFY.toUpperCase(), 404],
    ['GET', '/%zz', 404],
    ['POST', '/%zz', 404],
    ['GET', '/metrics', 404],
    ['PUT', NOTIFY, 405],
    ['DELETE', NOTIFY, 405],
    ['PATCH', NOTIFY, 405],
    ['POST', '/health', 405],
    ['POST', '/ready', 405],
  ])('%s %s: %i, as a Matrix error', async (method, path, status) => {
    const answer = await ask(method, path);
    expect(answer).toMatchObject({ status, body: UNRECOGNIZED });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    if (status === 405) expect(answer.headers.get('allow')).toContain('GET');
  });

  it('says that it is alive and ready', async () => {
    expect(await ask('GET', '/health')).toMatchObject({ status: 200 });
    expect(await ask('GET', '/ready')).toMatchObject({ status: 200, body: { ready: true, reasons: [] } });
  });

  it('takes a request id, or makes one, and gives it back and logs it', async () => {
    const body = notifyRequest({ devices: [iosDevice().wire] });
    const given = await relay.notify(body, 0, { 'x-request-id': 'lb-7f3a' });
    expect(given.headers.get('x-request-id')).toBe('lb-7f3a');
    const made = await relay.notify(body);
    expect(made.headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/);
    expect(await relay.requestLines([given, made])).toMatchObject([
      { request_id: 'lb-7f3a', status: 200, devices: 1, accepted: 1 },
      { status: 200, devices: 1, duplicates: 1 },
    ]);
    expect((await ask('GET', '/health', { 'x-request-id': 'lb-7f3b' })).headers.get('x-request-id')).toBe('lb-7f3b');
  });

  it.each([['of 10 KB', 'x'.repeat(10_000)], ['with a quote', 'a"b{}'], ['that is empty', '']])(
    'makes a request id of its own instead of one %s',
    async (_name, id) => {
      const answer = await relay.notify(notifyRequest({ devices: [iosDevice().wire] }), 0, { 'x-request-id': id });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{8,64}$/);
    },
  );

  it('takes a body whatever its Content-Type says, and a query', async () => {
    const body = notifyRequest({ devices: [iosDevice().wire] });
    expect(await relay.notify(body, 0, { 'content-type': 'text/plain' })).toMatchObject({ status: 200 });
    const response = await fetch(`${ingress}${NOTIFY}?a=b`, { method: 'POST', body: JSON.stringify(body) });
    expect(response.status).toBe(200);
  });

  it('survives clients that leave in the middle of a request', async () => {
    const before = relay.ingresses[0]?.lines().length ?? 0;
    await Promise.all(
      Array.from(
        { length: 20 },
        () =>
          new Promise<void>((resolve) => {
            const socket = connect(Number(new URL(ingress).port), '127.0.0.1', () => {
              socket.write(`POST ${NOTIFY} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"notification":`, () => {
                socket.destroy();
                resolve();
              });
            });
          }),
      ),
    );
    const aborted = () => relay.ingresses[0]?.lines().slice(before).filter(({ status }) => status === 'aborted').length;
    await until(() => aborted() === 20, 'twenty aborted requests in the log');
    expect(await relay.notify(notifyRequest({ devices: [iosDevice().wire] }))).toMatchObject({ status: 200 });
  });
});

describe('metrics', () => {
  it('count what ingress and dispatcher did', async () => {
    const device = iosDevice();
    const request = notifyRequest({ devices: [device.wire] });
    // The pushes of the tests before this one have ended.
    await until(async () => (await metric('dispatcher', 'outcomes')) === (await metric('ingress', 'dispatches_accepted')));
    const before = [await metric('ingress', 'duplicates'), await metric('dispatcher', 'outcomes')];
    await relay.notify(request);
    await relay.notify(request);
    await relay.outcomesOf(device, 1);
    expect(await metric('ingress', 'duplicates')).toBe(Number(before[0]) + 1);
    expect(await metric('dispatcher', 'outcomes')).toBe(Number(before[1]) + 1);
  });

  /** The sum of `reveille_ROLE_NAME_total` over its labels. */
  async function metric(role: 'ingress' | 'dispatcher', name: string): Promise<number> {
    const [process] = role === 'ingress' ? relay.ingresses : relay.dispatchers;
    const text = await (await fetch(`${process?.urls.metrics}/metrics`)).text();
    const samples = text.split('\n').filter((line) => line.startsWith(`reveille_${role}_${name}_total`));
    return samples.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
});

async function ask(method: string, path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${ingress}${path}`, { method, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
