import fc, { type Arbitrary } from 'fast-check';
import { gzipSync } from 'node:zlib';
import { anyNumber, anyText, anyValue, many, mostly, objectOf, toJson } from './arbitrary-values';
import type { FuzzCase } from './fuzz-case';

/** The apps of the ingress under test: exact ones and globs, two of which match the same app ids. */
export const APP_IDS = ['com.example.ios', 'com.example.android'];
export const APP_GLOBS = ['org.*.glob', 'org.twice.*', '*.twice.glob', '????'];

const appId = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...APP_IDS) },
  { weight: 2, arbitrary: fc.constantFrom('org.a.glob', 'org.twice.glob', 'com.unknown', 'abcd', '__proto__', 'com.example.*') },
  { weight: 1, arbitrary: anyText },
);
const pushkey = fc.oneof({ weight: 5, arbitrary: fc.base64String({ minLength: 4, maxLength: 64 }) }, { weight: 1, arbitrary: anyText });

const device = objectOf({
  app_id: mostly(appId),
  pushkey: mostly(pushkey),
  pushkey_ts: mostly(fc.nat({ max: 2_000_000_000 })),
  data: mostly(objectOf({ format: mostly(fc.constant('event_id_only')), default_payload: anyValue, brand: anyText })),
  tweaks: mostly(objectOf({ sound: mostly(fc.constant('default')), highlight: mostly(fc.boolean()) })),
});

const devices = fc.oneof(
  { weight: 80, arbitrary: fc.array(mostly(device), { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: many(device, 3000) },
);

/** A notify request in which nearly everything is right. */
const nearlyRight: Arbitrary<unknown> = objectOf({
  notification: mostly(
    objectOf({
      event_id: mostly(fc.uuid().map((id) => `$${id}`)),
      room_id: mostly(fc.constant('!room:example.org')),
      type: mostly(fc.constantFrom('m.room.message', 'm.call.invite', 'm.rtc.notification', '')),
      sender: mostly(fc.constant('@alice:example.org')),
      sender_display_name: mostly(anyText),
      room_name: mostly(anyText),
      room_alias: mostly(anyText),
      membership: mostly(fc.constantFrom('join', 'invite')),
      user_is_target: mostly(fc.boolean()),
      prio: mostly(fc.constantFrom('high', 'low')),
      content: mostly(objectOf({ msgtype: mostly(fc.constant('m.text')), body: anyText, lifetime: anyNumber, offer: anyValue })),
      counts: mostly(objectOf({ unread: mostly(fc.nat()), missed_calls: mostly(anyNumber) })),
      devices: mostly(devices),
    }),
  ),
});

const nearlyRightBody = nearlyRight.map((value) => Buffer.from(toJson(value)));

/** A body with some bytes changed, taken out, put in or doubled; or cut somewhere. */
const damagedBody = fc
  .tuple(nearlyRightBody, fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.uint8Array({ minLength: 1, maxLength: 4 })), { minLength: 1, maxLength: 4 }))
  .map(([body, damages]) => damages.reduce<Buffer>((bytes, [place, how, by]) => damage(bytes, place % (bytes.length + 1), how, Buffer.from(by)), body));

function damage(bytes: Buffer, at: number, how: number, by: Buffer): Buffer {
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (how) {
    case 0:
      return Buffer.concat([before, by, after.subarray(by.length)]);
    case 1:
      return Buffer.concat([before, after.subarray(by.length)]);
    case 2:
      return Buffer.concat([before, by, after]);
    default:
      return before;
  }
}

const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const anyJson = anyValue.map((value) => Buffer.from(toJson(value)));
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const wrapped = fc
  .tuple(nearlyRightBody, fc.nat(2))
  .map(([body, how]) => (how === 0 ? Buffer.concat([BOM, body]) : how === 1 ? Buffer.from(body.toString('utf8'), 'utf16le') : gzipSync(body)));
const tooLong = fc.integer({ min: 500_000, max: 900_000 }).map((length) => Buffer.alloc(length, '{"notification":'));

const headerText = fc.stringMatching(/^[!-~]{0,30}$/);
const headers = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ 'content-type': 'application/json' }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom('content-type', 'x-request-id', 'x-forwarded-for', 'content-encoding', 'accept', 'cookie'), headerText, { maxKeys: 2 }),
  },
);

const body = fc.oneof(
  { weight: 28, arbitrary: nearlyRightBody },
  { weight: 5, arbitrary: damagedBody },
  { weight: 2, arbitrary: anyJson },
  { weight: 1, arbitrary: anyBytes },
  { weight: 1, arbitrary: wrapped },
);

const request: Arbitrary<FuzzCase> = fc
  .tuple(fc.oneof({ weight: 300, arbitrary: body }, { weight: 1, arbitrary: tooLong }), headers)
  .map(([bytes, of]) => ({ kind: 'request', body: bytes, headers: of }));

/** HTTP as it should not be: of each part several forms, most of them wrong. */
const mess: Arbitrary<FuzzCase> = fc
  .record({
    method: fc.oneof(fc.constantFrom('POST', 'GET', 'PUT', 'OPTIONS', 'CONNECT', 'TRACE', 'post', ''), headerText),
    path: fc.oneof(
      fc.constantFrom('/_matrix/push/v1/notify', '/_matrix/push/v1/notify?a=%zz', '/health', '/ready', '/%', '//', '*', 'http://[::', '/..%2f..'),
      headerText.map((text) => `/${text}`),
    ),
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9', 'HTTP/2', ''),
    lines: fc.array(
      fc.oneof(
        fc.constantFrom(
          'Host: a', 'Host: b', 'Content-Length: 5', 'Content-Length: 5, 5', 'Content-Length: -1', 'Content-Length: 99999999999999999999',
          'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, gzip', 'Expect: 100-continue', 'Expect: x', 'Connection: close',
          'Connection: upgrade', 'Upgrade: websocket', ' folded', 'No colon', 'X-Request-Id: \u0001', 'X-Forwarded-For: 1.2.3.4, ::::',
        ),
        fc.nat(20_000).map((length) => `X-Long: ${'y'.repeat(length)}`),
        headerText.map((text) => `${text}: ${text}`),
      ),
      { maxLength: 6 },
    ),
    ending: fc.constantFrom('\r\n', '\r\n', '\n', '\r'),
    body: fc.oneof(anyBytes, fc.constantFrom('5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', '0\r\n\r\n', '{"notification":{}}').map((text) => Buffer.from(text))),
    repeat: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ method, path, version, lines, ending, body: sent, repeat }) => {
    const head = [`${method} ${path} ${version}`, ...lines, '', ''].join(ending);
    const whole = Buffer.concat([Buffer.from(head), sent]);
    return { kind: 'raw', bytes: Buffer.concat(Array.from({ length: repeat }, () => whole)) };
  });

const anyConnection: Arbitrary<FuzzCase> = anyBytes.map((bytes) => ({ kind: 'raw', bytes }));

/** Requests that do not wait for the answers to those before them; more of them than a connection may have under way. */
const pipelined: Arbitrary<FuzzCase> = fc.tuple(fc.array(body, { minLength: 1, maxLength: 3 }), fc.integer({ min: 2, max: 400 })).map(([bodies, count]) => {
  const requests = bodies.map((bytes) =>
    Buffer.concat([Buffer.from(`POST /_matrix/push/v1/notify HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes.length}\r\n\r\n`), bytes]),
  );
  return { kind: 'raw', bytes: Buffer.concat(Array.from({ length: count }, (_, index) => requests[index % requests.length] ?? Buffer.alloc(0))) };
});

/** What strangers may send: mostly requests that are nearly right, since those get furthest. */
export const anyCase: Arbitrary<FuzzCase> = fc.oneof(
  { weight: 400, arbitrary: request },
  { weight: 40, arbitrary: mess },
  { weight: 10, arbitrary: anyConnection },
  { weight: 1, arbitrary: pipelined },
);
