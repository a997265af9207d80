import { constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';

import type { Simulator } from './simulator';
import { startSimulator } from './start-simulator';
import { apnsHeaders, connect, DEVICE_TOKEN, send } from './test-client';

const PAYLOAD = '{"aps":{"badge":1}}';
const OTHER = 'cd'.repeat(32);

let simulator: Simulator;
let session: ClientHttp2Session;

beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(async () => {
  session = await connect(simulator.apnsUrl, simulator);
});
afterEach(() => {
  session.destroy();
  simulator.clearCommands();
  simulator.clearReceived();
  simulator.setLatency(0);
});
afterAll(() => simulator.close());

const push = (pushkey = DEVICE_TOKEN, changes: OutgoingHttpHeaders = {}) =>
  send(session, apnsHeaders(simulator, { ':path': `/3/device/${pushkey}`, ...changes }), PAYLOAD);
const emitted = (event: string) =>
  new Promise<unknown[]>((resolve) => session.once(event, (...args: unknown[]) => resolve(args)));

test('hang: nothing ever comes, and received() says so', async () => {
  simulator.command({ pushkey: OTHER, answer: { fault: 'hang' } });
  const hanging = push(OTHER);
  await simulator.waitForReceived(1, { pushkey: OTHER });
  // Whatever was sent before on this session has been answered by now.
  expect((await push()).status).toBe(200);
  expect(simulator.received({ pushkey: OTHER })).toMatchObject([{ status: null }]);
  session.destroy();
  expect((await hanging).status).toBeUndefined();
});

test('close: the whole connection ends', async () => {
  simulator.command({ times: 1, answer: { fault: 'close' } });
  const closed = emitted('close');
  expect((await push()).status).toBeUndefined();
  await closed;
});

test('reset: RST_STREAM, and the session lives on', async () => {
  simulator.command({ times: 1, answer: { fault: 'reset' } });
  expect(await push()).toMatchObject({ status: undefined, rstCode: constants.NGHTTP2_INTERNAL_ERROR });
  expect((await push()).status).toBe(200);
});

test('goaway: this stream is refused, another one under way finishes, the session takes no more', async () => {
  simulator.command({ pushkey: OTHER, latencyMs: 100, answer: { status: 200 } });
  const slow = push(OTHER);
  await simulator.waitForReceived(1, { pushkey: OTHER });
  simulator.command({ pushkey: DEVICE_TOKEN, answer: { fault: 'goaway' } });
  const goaway = emitted('goaway');
  expect(await push()).toMatchObject({ status: undefined, rstCode: constants.NGHTTP2_REFUSED_STREAM });
  expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR);
  expect((await slow).status).toBe(200);
  expect(session.closed || session.destroyed).toBe(true);
});

test('huge: a body until the client has had enough', async () => {
  simulator.command({ times: 1, answer: { fault: 'huge' } });
  const stream = session.request(apnsHeaders(simulator));
  stream.end(PAYLOAD);
  let bytes = 0;
  await new Promise<void>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > 2_000_000) stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.on('close', () => resolve());
  });
  expect(bytes).toBeGreaterThan(2_000_000);
  expect((await push()).status).toBe(200);
});

test('empty: 200 without a body', async () => {
  simulator.command({ times: 1, answer: { fault: 'empty' } });
  expect(await push()).toMatchObject({ status: 200, body: '' });
});

test('goaway(): names the last stream taken; streams under way finish', async () => {
  simulator.setLatency(100);
  const slow = push();
  await simulator.waitForReceived(1);
  const goaway = emitted('goaway');
  simulator.goaway();
  const [code, lastStreamId] = await goaway;
  expect({ code, lastStreamId }).toEqual({ code: constants.NGHTTP2_NO_ERROR, lastStreamId: 1 });
  expect((await slow).status).toBe(200);
});

test('destroySessions(): connections end half-way', async () => {
  const closed = emitted('close');
  simulator.setLatency(60_000);
  const unanswered = push();
  await simulator.waitForReceived(1);
  simulator.destroySessions();
  expect((await unanswered).status).toBeUndefined();
  await closed;
  expect(simulator.received()).toMatchObject([{ status: null }]);
});

test('setMaxConcurrentStreams(): live and new sessions are told', async () => {
  const told = emitted('remoteSettings');
  simulator.setMaxConcurrentStreams(2);
  expect((await told)[0]).toMatchObject({ maxConcurrentStreams: 2 });
  const fresh = await connect(simulator.apnsUrl, simulator);
  expect(fresh.remoteSettings.maxConcurrentStreams).toBe(2);
  fresh.destroy();
  simulator.setMaxConcurrentStreams(1000);
});

test('an answer waits for the latency, that of its command before the general one', async () => {
  simulator.setLatency(60_000);
  simulator.command({ pushkey: DEVICE_TOKEN, latencyMs: 0, answer: { status: 200 } });
  const slow = push(OTHER);
  await simulator.waitForReceived(1, { pushkey: OTHER });
  expect((await push()).status).toBe(200);
  expect(simulator.received()).toMatchObject([
    { pushkey: OTHER, status: null },
    { pushkey: DEVICE_TOKEN, status: 200 },
  ]);
  session.destroy();
  expect((await slow).status).toBeUndefined();
});

test('a request that its client cancels half-way is not received', async () => {
  const stream = session.request(apnsHeaders(simulator));
  stream.on('error', () => undefined);
  stream.write('{"aps"');
  await new Promise((resolve) => session.ping(resolve));
  // close() would end the body first.
  stream.destroy(new Error('enough'));
  expect((await push()).status).toBe(200);
  expect(simulator.received()).toHaveLength(1);
});

test('stats count answers, sessions and streams', async () => {
  const before = simulator.stats();
  simulator.setLatency(30);
  const statuses = await Promise.all([push(), push(OTHER), push('zz')]);
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 400]);
  const after = simulator.stats();
  expect(after.accepted - before.accepted).toBe(2);
  expect(after.refused - before.refused).toBe(1);
  expect(after.sessions).toBeGreaterThanOrEqual(1);
  expect(after.maxConcurrentStreamsSeen).toBeGreaterThanOrEqual(3);
});
