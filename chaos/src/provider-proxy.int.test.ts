import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { eventually } from '@reveille/testing';

import { startProviderProxy, type ProviderProxy } from './provider-proxy';

/** Answers every piece with the same in capitals. */
let provider: Server;
let received: string;
let proxy: ProviderProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  received = '';
  provider = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      received += piece.toString();
      if (socket.writable) socket.write(piece.toString().toUpperCase());
    });
  }).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  proxy = await startProviderProxy((provider.address() as AddressInfo).port); // listening on TCP
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  await new Promise((resolve) => provider.close(resolve));
});

function open() {
  const client = connect({ host: '127.0.0.1', port: proxy.port });
  clients.push(client);
  let answered = '';
  let ending: 'open' | 'ended' | 'reset' = 'open';
  client.on('data', (piece) => (answered += piece.toString()));
  client.on('end', () => (ending = ending === 'open' ? 'ended' : ending));
  client.on('error', () => (ending = 'reset'));
  client.on('close', () => (ending = ending === 'open' ? 'ended' : ending));
  return { client, answered: () => answered, ending: () => ending };
}

async function openAndTalk() {
  const link = open();
  link.client.write('hello ');
  await eventually(() => link.answered() === 'HELLO ');
  return link;
}

it('passes everything on in both directions', async () => {
  await openAndTalk();
  expect(received).toBe('hello ');
});

it('cuts what is open and what comes', async () => {
  const link = await openAndTalk();
  proxy.set('cut');
  await eventually(() => link.ending() === 'reset');
  const other = open();
  await eventually(() => other.ending() !== 'open');
  proxy.set('passes');
  await openAndTalk();
});

it('stands still, and then lets through what was sent, in order', async () => {
  const link = await openAndTalk();
  proxy.set('stands-still');
  link.client.write('one ');
  const other = open();
  other.client.write('new');
  await eventually(() => other.client.bytesWritten === 3);
  expect({ received, answered: link.answered() }).toEqual({ received: 'hello ', answered: 'HELLO ' });
  link.client.write('two');
  proxy.set('passes');
  await eventually(() => link.answered() === 'HELLO ONE TWO' && other.answered() === 'NEW');
});

it('loses answers: the provider has the request, the client an ended connection', async () => {
  const link = await openAndTalk();
  proxy.set('loses-answers');
  link.client.write('lost');
  await eventually(() => link.ending() !== 'open');
  expect(received).toBe('hello lost');
  expect(link.answered()).toBe('HELLO ');
});

it('closes the side of the provider', async () => {
  const link = await openAndTalk();
  proxy.set('half-closed');
  await eventually(() => link.ending() === 'ended');
});

it('is slow without changing the order, also when it is fast again', async () => {
  const link = await openAndTalk();
  proxy.set('slow');
  link.client.write('one ');
  await eventually(() => received === 'hello one ');
  link.client.write('two ');
  proxy.set('passes');
  link.client.write('three');
  await eventually(() => link.answered() === 'HELLO ONE TWO THREE');
});
