import { connect, createServer, type Server, type Socket } from 'node:net';

/** What the network between the dispatchers and a provider does. */
export type NetworkState =
  | 'passes'
  | 'cut' // connections are reset, new ones too
  | 'stands-still' // nothing gets through in either direction; what was sent comes when it passes again
  | 'loses-answers' // requests arrive, and the connection ends before the answer does
  | 'half-closed' // the provider's side ends each connection without a word more
  | 'slow'; // every piece comes late

export interface ProviderProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  set(state: NetworkState): void;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
/** How late each piece comes on a slow network, in milliseconds. */
const SLOW_MS = 300;

interface Link {
  readonly client: Socket;
  readonly provider: Socket;
}

/** A stretch of TCP between dispatchers and one provider that can be cut. It sees TLS only, as a real one. */
export async function startProviderProxy(providerPort: number): Promise<ProviderProxy> {
  const links = new Set<Link>();
  let state: NetworkState = 'passes';

  const server = createServer((client) => {
    if (state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const provider = connect({ host: LOOPBACK, port: providerPort });
    const link: Link = { client, provider };
    links.add(link);
    const end = (): void => {
      links.delete(link);
      client.destroy();
      provider.destroy();
    };
    for (const socket of [client, provider]) socket.setNoDelay(true).on('error', end).on('close', end);
    const there = new Lane(provider);
    const back = new Lane(client);
    client.on('data', (piece) => there.carry(piece, state));
    provider.on('data', (piece) => {
      // The piece may be TLS' own; whatever it is, the dispatcher never learns what became of its pushes.
      if (state === 'loses-answers') end();
      else back.carry(piece, state);
    });
    client.on('end', () => provider.end());
    provider.on('end', () => client.end());
    if (state === 'stands-still') pause(link);
  });
  const port = await listening(server);

  return {
    port,
    set(next) {
      state = next;
      for (const link of [...links]) enter(link, next);
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { client, provider } of links) {
        client.destroy();
        provider.destroy();
      }
      await closed;
    },
  };
}

function enter(link: Link, state: NetworkState): void {
  switch (state) {
    case 'cut':
      link.client.resetAndDestroy();
      return;
    case 'stands-still':
      pause(link);
      return;
    case 'half-closed':
      link.client.end();
      return;
    case 'passes':
    case 'loses-answers':
    case 'slow':
      link.client.resume();
      link.provider.resume();
      return;
    default:
      state satisfies never;
  }
}

function pause({ client, provider }: Link): void {
  client.pause();
  provider.pause();
}

/** One direction of a link: pieces leave in the order in which they came, each at its time. */
class Lane {
  readonly #waiting: Buffer[] = [];

  constructor(private readonly to: Socket) {}

  carry(piece: Buffer, state: NetworkState): void {
    if (state !== 'slow' && this.#waiting.length === 0) {
      this.#write(piece);
      return;
    }
    // All timers have one length, so they fire in the order in which they were set.
    this.#waiting.push(piece);
    setTimeout(() => {
      const next = this.#waiting.shift();
      if (next) this.#write(next);
    }, SLOW_MS).unref();
  }

  #write(piece: Buffer): void {
    if (!this.to.destroyed && this.to.writable) this.to.write(piece);
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('listening on 127.0.0.1 gave no port'));
    });
  });
}
