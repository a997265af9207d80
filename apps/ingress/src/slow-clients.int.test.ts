import { eventuallyPasses, startTestRedis, type RunningRedis } from '@reveille/testing';
import { gzipSync } from 'node:zlib';
import { closeTestIngresses, notification, NOTIFY, rawPost, startTestIngress, type RawClient, type TestIngress } from './test-ingress.fixture';

/** Short, so that the tests see their ends. */
const http = { headers_timeout: '1s', request_timeout: '2s', keep_alive_timeout: '1s', body_limit: '64KiB' };
const BODY = notification({ pushkeys: ['p'] });
/** What it takes at most for a connection to end: the server looks once a second, on a busy machine later. */
const PATIENCE_MS = 25_000;

let redis: RunningRedis;
let ingress: TestIngress;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  ingress = await startTestIngress({ redisUrl: redis.url, settings: { http } });
});
/** Whatever a client did, others are served, and it holds nothing. */
afterEach(async () => {
  expect(await ingress.push()).toMatchObject({ status: 200 });
  await eventuallyPasses(async () => expect(await ingress.metric('reveille_ingress_requests_in_flight')).toBe(0));
  await closeTestIngresses();
});

/** Writes something again and again until the connection ends. */
async function dribble(client: RawClient, text: string): Promise<string> {
  const timer = setInterval(() => client.write(text), 50);
  try {
    return await client.closed;
  } finally {
    clearInterval(timer);
  }
}

describe('a client that is slow is cut off in time', () => {
  it.each<[string, string, string, string]>([
    ['with its first byte', '', '', '408'],
    ['with its headers', `POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\nX-Slow: `, 'x', '408'],
    ['with header after header', `POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\n`, 'X: y\r\n', '408'],
    ['with its body', `POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n`, 'x', '408'],
    ['with its chunks', `POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n', '408'],
    ['and says nothing more of its body', `POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{`, '', '408'],
  ])(
    '%s',
    async (_name, start, more, status) => {
      const client = ingress.raw();
      client.write(start);
      const received = more === '' ? await client.closed : await dribble(client, more);
      expect(received).toContain(`HTTP/1.1 ${status} `);
    },
    PATIENCE_MS,
  );

  it('with its next request', async () => {
    const client = ingress.raw();
    client.write(rawPost(BODY));
    expect(await client.closed).toMatch(/^HTTP\/1\.1 200 /);
  }, PATIENCE_MS);
});

describe('a body without an end', () => {
  it('is answered 413 at the limit, and cut off if it goes on', async () => {
    const client = ingress.raw();
    client.write(`POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const received = await dribble(client, `4000\r\n${'x'.repeat(0x4000)}\r\n`);
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
  }, PATIENCE_MS);

  it('in chunks of one byte takes no more memory than its bytes', async () => {
    const client = ingress.raw();
    const padded = BODY.padEnd(60_000, ' ');
    const chunks = [...padded].map((character) => `1\r\n${character}\r\n`).join('');
    client.write(`POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
    expect(await client.closed).toMatch(/^HTTP\/1\.1 200 /);
  }, PATIENCE_MS);
});

describe('pipelining', () => {
  it('is answered in order', async () => {
    const client = ingress.raw();
    const requests = Array.from({ length: 200 }, (_, index) => rawPost(BODY, [`X-Request-Id: number-${index}`]));
    client.write(`${requests.join('')}${rawPost(BODY, ['Connection: close', 'X-Request-Id: number-200'])}`);
    const ids = [...(await client.closed).matchAll(/x-request-id: number-(\d+)/gi)].map(([, index]) => Number(index));
    expect(ids).toEqual(Array.from({ length: 201 }, (_, index) => index));
  }, PATIENCE_MS);
});

describe('headers', () => {
  const get = (lines: string) => `GET ${NOTIFY} HTTP/1.1\r\nHost: x\r\n${lines}Connection: close\r\n\r\n`;

  it.each([
    ['one of 20 KB', `X-Long: ${'x'.repeat(20_000)}\r\n`, '431'],
    ['10,000 short ones', 'X: y\r\n'.repeat(10_000), '431'],
    ['a path of 20 KB', '', '431'],
    ['a name with a space', 'X Y: z\r\n', '400'],
    ['no colon', 'nothing\r\n', '400'],
    ['a line folded', 'X: a\r\n b\r\n', '400'],
    ['a bare CR', 'X: a\rY: b\r\n', '400'],
    ['a NUL', 'X: a\0b\r\n', '400'],
  ])('%s', async (name, lines, status) => {
    const client = ingress.raw();
    client.write(name.startsWith('a path') ? get('').replace(NOTIFY, `${NOTIFY}?${'x'.repeat(20_000)}`) : get(lines));
    expect(await client.closed).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('a forwarded address behind many others is not lost', async () => {
    await ingress.close();
    ingress = await startTestIngress({
      redisUrl: redis.url,
      settings: { http: { ...http, trust_proxy: true }, limits: { per_source: { requests: 1, per: '1h' } }, redis: { prefix: 'many' } },
    });
    const many = Array.from({ length: 2100 }, () => 'a: ');
    const statuses: string[] = [];
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) {
      const client = ingress.raw();
      client.write(rawPost(BODY, [...many, `X-Forwarded-For: ${address}`, 'Connection: close']));
      statuses.push((await client.closed).slice(9, 12));
    }
    expect(statuses).toEqual(['200', '200', '429']);
  });
});

describe('request smuggling: what could be read in two ways is not read', () => {
  const post = (headers: string, body = BODY) => `POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`;
  const length = `Content-Length: ${BODY.length}\r\n`;
  const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

  it.each([
    ['a length and chunks', post(`${length}Transfer-Encoding: chunked\r\n`, chunked)],
    ['chunks and a length', post(`Transfer-Encoding: chunked\r\n${length}`, chunked)],
    ['two lengths', post(`${length}Content-Length: 5\r\n`)],
    ['the same length twice', post(`${length}${length}`)],
    ['a list of lengths', post(`Content-Length: ${BODY.length}, ${BODY.length}\r\n`)],
    ['a negative length', post('Content-Length: -1\r\n')],
    ['a length with a sign', post(`Content-Length: +${BODY.length}\r\n`)],
    ['a hexadecimal length', post('Content-Length: 0x10\r\n')],
    ['chunks that are not the last encoding', post('Transfer-Encoding: chunked, identity\r\n', chunked)],
    ['chunks twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', chunked)],
    ['chunks by another name', post('Transfer-Encoding: xchunked\r\n', chunked)],
    ['a chunk that is longer than it says', post('Transfer-Encoding: chunked\r\n', `1\r\n${BODY}\r\n0\r\n\r\n`)],
    ['a chunk length that overflows', post('Transfer-Encoding: chunked\r\n', `fffffffffffffffff\r\n${BODY}`)],
    ['a space before the colon', post(`Content-Length : ${BODY.length}\r\n`)],
  ])('%s', async (_name, bytes) => {
    const client = ingress.raw();
    // What follows must never be taken for a request.
    client.write(`${bytes}GET /health HTTP/1.1\r\nHost: x\r\n\r\n`);
    const received = await client.closed;
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received).not.toMatch(/HTTP\/1\.1 200/);
    expect(await ingress.metric('reveille_ingress_dispatches_accepted_total')).toBe(0);
  });
});

describe('Expect: 100-continue', () => {
  const head = (length: number) => `POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;

  it('is answered, then the body is read', async () => {
    const client = ingress.raw();
    client.write(head(BODY.length));
    await eventuallyPasses(() => expect(client.received()).toContain('HTTP/1.1 100 Continue'));
    client.write(BODY);
    expect(await client.closed).toContain('HTTP/1.1 200 ');
  });

  it('is refused before the body is sent, where it is too long', async () => {
    const client = ingress.raw();
    client.write(head(10_000_000));
    expect(await client.closed).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('of anything else is refused', async () => {
    const client = ingress.raw();
    client.write(rawPost(BODY, ['Expect: a-miracle', 'Connection: close']));
    expect(await client.closed).toMatch(/^HTTP\/1\.1 417 /);
  });
});

describe('the bytes of a body', () => {
  it.each(['gzip', 'br', 'deflate', 'GZIP', 'identity, gzip', 'nonsense'])('are not taken with Content-Encoding: %s', async (encoding) => {
    const client = ingress.raw();
    const packed = gzipSync(BODY);
    client.write(`POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${packed.length}\r\nConnection: close\r\n\r\n`);
    client.write(packed);
    const received = await client.closed;
    expect(received).toMatch(/^HTTP\/1\.1 415 /);
    expect(received).toMatch(/accept-encoding: identity/i);
  });

  it('are taken with Content-Encoding: identity', async () => {
    expect(await ingress.post(BODY, { headers: { 'content-encoding': 'identity' } })).toMatchObject({ status: 200 });
  });

  it.each([
    ['a byte that is none of UTF-8', Buffer.from([0xff])],
    ['an overlong slash', Buffer.from([0xc0, 0xaf])],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
    ['half of a character', Buffer.from([0xe2, 0x82])],
  ])('are not mended: %s in a pushkey', async (_name, bytes) => {
    const [before = '', after = ''] = notification({ pushkeys: ['HERE'] }).split('HERE');
    const body = Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
    const client = ingress.raw();
    client.write(`POST ${NOTIFY} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`);
    client.write(body);
    const received = await client.closed;
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received).toContain('M_NOT_JSON');
  });
});
