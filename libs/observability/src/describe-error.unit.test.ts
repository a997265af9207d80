import { connect } from 'node:net';

import fc from 'fast-check';

import { describeError, MASK, OperationalError } from './describe-error';

const PUSHKEY = 'cAFE1234:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx';
const said = (error: unknown): string => JSON.stringify(describeError(error));

/** As ioredis makes them: the command with all arguments is a property of the error. */
function replyError(message: string): Error {
  return Object.assign(new Error(message), {
    name: 'ReplyError',
    command: { name: 'evalsha', args: ['sha', '1', PUSHKEY] },
  });
}

/** Its stack was read, and so fixed, before. */
function changedLater(error: Error): Error {
  expect(error.stack).toContain(error.message);
  error.message = '';
  return error;
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('did not throw');
}

describe('describeError', () => {
  it('keeps what Redis said and drops what it was asked', () => {
    const error = replyError("OOM command not allowed when used memory > 'maxmemory'.");
    expect(describeError(error)).toMatchObject({
      name: 'ReplyError',
      message: `OOM command not allowed when used memory > ${MASK}.`,
    });
    expect(said(error)).not.toContain(PUSHKEY);
  });

  it.each([
    [
      'Redis quotes arguments',
      replyError(`ERR unknown command 'HSTE', with args beginning with: '${PUSHKEY}' 'it's "it"'`),
    ],
    ['Redis, cut inside of the quotation', replyError(`ERR unknown command '${PUSHKEY.repeat(20)}'`)],
    ['JSON.parse quotes its input', thrownBy(() => JSON.parse(`{"pushkey":"${PUSHKEY}"`))],
    ['JSON.parse quotes short input', thrownBy(() => JSON.parse(PUSHKEY))],
    ['BigInt repeats its input', thrownBy(() => BigInt(PUSHKEY))],
    ['URL keeps its input', thrownBy(() => new URL(PUSHKEY.slice(9)))],
    // A wrong type on purpose.
    ['Node repeats the argument', thrownBy(() => Buffer.alloc(1).fill(1, PUSHKEY as unknown as number))],
    ['a message with the pushkey as it stands', new Error(`send to ${PUSHKEY} failed`)],
    [
      'a message that looks like a stack',
      new Error(`failed\n    at ${PUSHKEY} (file.js:1:1)\n    at ${PUSHKEY} (file.js:1:1)`),
    ],
    ['a message that was changed later', changedLater(new Error(`failed\n    at ${PUSHKEY} (file.js:1:1)`))],
    ['an object in the message', new Error(`no such job {"data":{"body":"${PUSHKEY}"}}`)],
    ['a job as a property', Object.assign(new Error('failed'), { job: { data: PUSHKEY } })],
    ['a cause', new Error('outer', { cause: replyError(`ERR '${PUSHKEY}'`) })],
    ['an aggregate', new AggregateError([replyError(`ERR "${PUSHKEY}"`)], '')],
    ['a name', Object.assign(new Error('x'), { name: `${PUSHKEY}!` })],
    ['a code', Object.assign(new Error('x'), { code: `${PUSHKEY} ` })],
    ['no error at all', PUSHKEY],
    ['an object', { pushkey: PUSHKEY }],
  ])('tells nothing of the push: %s', (_, error) => {
    expect(said(error)).not.toContain(PUSHKEY.slice(9));
  });

  it('masks what is quoted or as long as a pushkey, wherever it stands', () => {
    const sentence = fc.string({ maxLength: 40 });
    const quoted = fc.constantFrom(...'\'"`').map((mark) => `${mark}${PUSHKEY}${mark}`);
    fc.assert(
      fc.property(sentence, fc.oneof(quoted, fc.constant(` ${PUSHKEY} `)), sentence, (before, secret, after) => {
        expect(said(new Error(`${before}${secret}${after}`))).not.toContain(PUSHKEY);
      }),
    );
  });

  it('never throws, whatever is thrown', () => {
    const hostile = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('trap');
      },
    });
    expect(describeError(hostile).name).toBe('Error');
    fc.assert(fc.property(fc.anything(), (value) => expect(typeof describeError(value).message).toBe('string')));
  });

  it('keeps our own messages letter for letter, and where they were thrown', () => {
    const error = new OperationalError('redis_policy', 'maxmemory-policy is "allkeys-lru", must be "noeviction"');
    expect(describeError(error)).toMatchObject({
      name: 'OperationalError',
      code: 'redis_policy',
      message: 'maxmemory-policy is "allkeys-lru", must be "noeviction"',
    });
    expect(describeError(error).stack).toContain('describe-error.unit.test');
  });

  it('keeps addresses and codes of failed system calls', async () => {
    const error = await new Promise((resolve) => connect(1, '127.0.0.1').on('error', resolve));
    expect(describeError(error)).toMatchObject({ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' });
  });

  it('keeps the frames of errors without a message, or with one of several lines', () => {
    expect(describeError(new TypeError()).stack).toContain('describe-error.unit.test');
    expect(describeError(new Error('one\ntwo')).stack).toContain('describe-error.unit.test');
  });

  it('follows causes, but not for ever', () => {
    const cyclic = new Error('round');
    cyclic.cause = cyclic;
    expect(said(cyclic).split('round').length - 1).toBeLessThanOrEqual(4);
    expect(describeError(new Error('outer', { cause: new TypeError('inner') })).cause).toMatchObject({
      name: 'TypeError',
      message: 'inner',
    });
  });
});
