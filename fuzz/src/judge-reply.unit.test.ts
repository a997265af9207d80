import { judgeReply } from './judge-reply';

const request = { kind: 'request', body: Buffer.from('{"notification":{"devices":[{"pushkey":"mine"}, 7]}}'), headers: {} } as const;
const raw = { kind: 'raw', bytes: Buffer.from('x') } as const;
const answer = (status: number, body: string) => ({ kind: 'answer', status, body }) as const;

it.each([
  [request, answer(200, '{"rejected":[]}')],
  [request, answer(200, '{"rejected":["mine"]}')],
  [request, answer(400, '{"errcode":"M_BAD_JSON","error":"no"}')],
  [raw, { kind: 'bytes', text: 'HTTP/1.1 400 Bad Request\r\n\r\n' }],
  [raw, { kind: 'bytes', text: '' }],
] as const)('takes a right reply (%#)', (one, reply) => {
  expect(judgeReply(one, reply)).toBeUndefined();
});

it.each([
  [request, answer(500, '{"errcode":"M_UNKNOWN","error":"no"}'), 'status 500'],
  [request, answer(503, '{"errcode":"M_UNKNOWN","error":"no"}'), 'status 503'],
  [request, answer(200, '{"rejected":["yours"]}'), 'does not name'],
  [request, answer(200, '{"rejected":[1]}'), 'without'],
  [request, answer(200, 'OK'), 'without'],
  [request, answer(400, '<html>'), 'no Matrix error'],
  [request, { kind: 'failed', why: 'ECONNRESET' }, 'ECONNRESET'],
  [raw, { kind: 'bytes', text: 'HTTP/1.1 400 Bad\r\n\r\nHTTP/1.1 500 Internal\r\n\r\n' }, '5xx'],
] as const)('sees what is wrong (%#)', (one, reply, what) => {
  expect(judgeReply(one, reply)).toContain(what);
});
