import { once } from 'node:events';
import { createSecureServer, sensitiveHeaders, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';

import { z } from 'zod';

import { createApnsProvider } from './provider';
import { apnsSettingsShape } from './settings';
import { makeCertificate, makeRsaKey, makeSigningKey } from './test-credentials';
import { delivered, event } from './test-apns';

test('headers that differ in every push stay out of the HPACK table', async () => {
  const keys = makeRsaKey();
  const notAfter = new Date(Date.now() + 3_600_000);
  const ca = makeCertificate(keys, { notAfter, commonName: 'localhost' });
  const received: IncomingHttpHeaders[] = [];
  const server = createSecureServer({ cert: ca, key: keys.privateKey });
  server.on('stream', (stream, headers) => {
    received.push(headers);
    stream.respond({ ':status': 200 }, { endStream: true });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
  const identity = { kind: 'signing-key', privateKey: makeSigningKey(), keyId: 'K', teamId: 'T' } as const;
  const provider = createApnsProvider({
    settings: z.object(apnsSettingsShape).parse({ type: 'apns', url: `https://localhost:${port}` }),
    credentials: { identity, topic: 'com.example.app', ca },
  });
  try {
    expect(await provider.send(event())).toMatchObject(delivered);
    // Node lists here what came as a literal without indexing.
    const unindexed = received.map((headers) => valueOf(headers, sensitiveHeaders));
    expect(unindexed).toEqual([expect.arrayContaining(['apns-id', 'apns-expiration', 'apns-collapse-id'])]);
  } finally {
    await provider.close(0);
    server.close();
    await once(server, 'close');
  }
});

/** Node's types know no symbols among the headers. */
function valueOf(headers: IncomingHttpHeaders, key: symbol): unknown {
  return Object.getOwnPropertyDescriptor(headers, key)?.value;
}
