import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { sourceAddress, type TrustProxy } from './source-address';

function request(forwarded: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: '10.0.0.1' });
  const message = new IncomingMessage(socket);
  message.headers['x-forwarded-for'] = forwarded;
  return message;
}

it.each<[TrustProxy, string, string]>([
  [false, '1.2.3.4', '10.0.0.1'],
  [true, '1.2.3.4, 5.6.7.8', '1.2.3.4'],
  [1, '1.2.3.4, 5.6.7.8', '5.6.7.8'],
  [2, '1.2.3.4, 5.6.7.8', '1.2.3.4'],
  [['10.0.0.0/8'], '1.2.3.4', '1.2.3.4'],
  [['192.168.0.0/16'], '1.2.3.4', '10.0.0.1'],
  // A stranger cannot choose its address by writing one in front.
  [['10.0.0.0/8'], '127.0.0.1, 1.2.3.4', '1.2.3.4'],
  // Azure's gateways and some others write the port too.
  [1, '1.2.3.4:50123', '1.2.3.4'],
  [1, '[2001:db8::1]:443', '2001:db8::1'],
  [1, '[2001:db8::1]', '2001:db8::1'],
  [1, '2001:db8::1', '2001:db8::1'],
  [['10.0.0.0/8'], '1.2.3.4:50123, 10.0.0.2:8080', '1.2.3.4'],
  [['10.0.0.0/8'], '127.0.0.1:1, 1.2.3.4:2', '1.2.3.4'],
  [1, 'somebody', 'unknown'],
  [1, '1.2.3.4:http', 'unknown'],
  [1, '[1.2.3', 'unknown'],
])('trusting %j, %s comes from %s', (trustProxy, forwarded, expected) => {
  expect(sourceAddress(trustProxy, () => undefined)(request(forwarded))).toBe(expected);
});

it('says once that a trusted proxy passes on what is no address', () => {
  let complaints = 0;
  const sourceOf = sourceAddress(1, () => complaints++);
  sourceOf(request('1.2.3.4:5'));
  expect(complaints).toBe(0);
  for (const forwarded of ['somebody', '1.2.3.4', 'unknown']) sourceOf(request(forwarded));
  expect(complaints).toBe(1);
});

it('does not complain of a peer that has gone', () => {
  let complaints = 0;
  const gone = new IncomingMessage(new Socket());
  expect(sourceAddress(false, () => complaints++)(gone)).toBe('unknown');
  expect(complaints).toBe(0);
});
