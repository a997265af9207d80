import { monotonicUs, stampOfPath } from './stamp';

const pathOf = (pushkey: string): string => `/3/device/${Buffer.from(pushkey, 'base64').toString('hex')}`;

it('finds the serial number in the path of a push', () => {
  const stamp = monotonicUs();
  const pushkey = `${String(stamp).padStart(12, '0')}qDwv8Zk3yT1mBzR5sXcVbNaLjHgFdSp=`;
  expect(stampOfPath(pathOf(pushkey))).toBe(stamp);
});

it.each([pathOf('seed00000001qDwv8Zk3yT1mBzR5sXcVbNaLjHgFdSp='), `/3/device/${'0'.repeat(64)}`, '/v1/projects/bench/messages:send', ''])(
  'finds none in %s',
  (path) => {
    expect(stampOfPath(path)).toBeUndefined();
  },
);
