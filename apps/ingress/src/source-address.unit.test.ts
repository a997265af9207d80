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
])('trusting %j, %s comes from %s', (trustProxy, forwarded, expected) => {
  expect(sourceAddress(trustProxy)(request(forwarded))).toBe(expected);
});
