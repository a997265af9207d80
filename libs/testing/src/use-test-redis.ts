import type { RunningRedis } from '@reveille/embedded-redis';
import { startTestRedis } from './start-test-redis';

/** A Redis for one test file, with a connection to it; both are gone after its last test. `take` gets them before the first. */
export function useTestRedis<Client extends { quit: () => Promise<unknown> }>(
  connect: (address: { readonly url: string }) => Client,
  take: (client: Client, server: RunningRedis) => void,
): void {
  let server: RunningRedis | undefined;
  let client: Client | undefined;
  beforeAll(async () => {
    server = await startTestRedis();
    client = connect({ url: server.url });
    take(client, server);
  });
  afterAll(async () => {
    await client?.quit();
    await server?.stop();
  });
}
