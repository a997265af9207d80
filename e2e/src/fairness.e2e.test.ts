import { Agent, request } from 'node:http';

import { notifyRequest } from '@reveille/testing';

import { iosDevice } from './devices';
import { startRelay, type Relay } from './start-relay';

/** How many times as much one source sends as each of the others. */
const FACTOR = 100;
const LIGHT_REQUESTS = 10;
const HEAVY = '127.0.0.2';
const LIGHT = Array.from({ length: 10 }, (_, index) => `127.0.0.${index + 3}`);
const HEAVY_CONNECTIONS = 200;

let relay: Relay;
afterEach(() => relay.stop());

/** A homeserver at an address of its own: all of 127/8 is loopback. */
function homeserver(address: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, localAddress: address });
  const url = `${relay.ingresses[0]?.urls.http}/_matrix/push/v1/notify`;
  const statuses: number[] = [];
  return {
    statuses,
    close: () => agent.destroy(),
    push: () =>
      new Promise<void>((resolve, reject) => {
        const sent = request(url, { method: 'POST', agent });
        sent.on('error', reject);
        sent.on('response', (response) => {
          statuses.push(response.statusCode ?? 0);
          response.resume().on('end', resolve);
        });
        sent.end(JSON.stringify(notifyRequest({ devices: [iosDevice().wire] })));
      }),
  };
}

/** The index of Jain, Chiu and Hawe: 1 for equal shares, 1/n when one of n has all. */
function jainIndex(shares: readonly number[]): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return sum(shares) ** 2 / (shares.length * sum(shares.map((share) => share ** 2)));
}

it('a homeserver that sends 100 times as much as the others has none of them refused', async () => {
  relay = await startRelay({ dispatchers: 0, config: { http: { concurrency: 4, max_in_flight: 40, shutdown_grace: '5s' } } });
  const heavy = homeserver(HEAVY, HEAVY_CONNECTIONS);
  const light = LIGHT.map((address) => homeserver(address, 1));
  // The others keep pace with the heavy one: each sends one for every hundred of its.
  const due: (() => void)[] = [];
  const paced = async ({ push }: (typeof light)[number]): Promise<void> => {
    for (let sent = 0; sent < LIGHT_REQUESTS; sent++) {
      await new Promise<void>((resolve) => due.push(resolve));
      await push();
    }
  };
  let isDone = false;
  const flood = async (): Promise<void> => {
    while (!isDone) {
      await heavy.push();
      if (heavy.statuses.length % FACTOR === 0) for (const resolve of due.splice(0)) resolve();
    }
  };
  const floods = Array.from({ length: HEAVY_CONNECTIONS }, flood);
  await Promise.all(light.map(paced));
  isDone = true;
  await Promise.all(floods);

  const served = light.map(({ statuses }) => statuses.filter((status) => status === 200).length);
  expect(served).toEqual(LIGHT.map(() => LIGHT_REQUESTS));
  expect(jainIndex(served)).toBeGreaterThanOrEqual(0.95);
  // It was served as well, and refused as well, and nothing else became of its requests.
  expect(heavy.statuses.length).toBeGreaterThanOrEqual(FACTOR * LIGHT_REQUESTS);
  expect(new Set(heavy.statuses)).toEqual(new Set([200, 429]));
  for (const each of [heavy, ...light]) each.close();
}, 60_000);
