import type { IncomingHttpHeaders } from 'node:http2';

import type { PushProvider } from './wire';

/** One request that a push service got, whatever it was answered. */
export interface ReceivedPush {
  readonly provider: PushProvider;
  /** When its last byte came, in milliseconds since the epoch. */
  readonly at: number;
  /** As sent on the wire; empty when the request names none. */
  readonly pushkey: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, parsed; a string when it is not JSON. */
  readonly payload: unknown;
  /** What was answered; null: nothing (yet). */
  readonly status: number | null;
  readonly reason?: string;
}

export interface ReceivedFilter {
  readonly pushkey?: string;
}

/** A request as it is kept: nothing is parsed or copied before somebody asks. */
export interface ReceivedEntry {
  readonly provider: PushProvider;
  readonly at: number;
  readonly pushkey: string;
  readonly rawHeaders: IncomingHttpHeaders;
  readonly body: string;
  status: number | null;
  reason: string | undefined;
}

interface Waiter {
  readonly pushkey: string | undefined;
  readonly wanted: number;
  seen: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What arrived, in order, the latest `limit` of it; whoever waits for arrivals is told at once. */
export class ReceivedLog {
  readonly #limit: number;
  #entries: ReceivedEntry[] = [];
  /** Where the oldest entry is once the ring is full. */
  #oldest = 0;
  readonly #waiters = new Set<Waiter>();

  /** `limit` 0: nothing is kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(entry: ReceivedEntry): void {
    if (this.#limit === 0) return;
    if (this.#entries.length < this.#limit) {
      this.#entries.push(entry);
    } else {
      this.#entries[this.#oldest] = entry;
      this.#oldest = (this.#oldest + 1) % this.#limit;
    }
    for (const waiter of this.#waiters) {
      if (waiter.pushkey !== undefined && waiter.pushkey !== entry.pushkey) continue;
      waiter.seen += 1;
      if (waiter.seen >= waiter.wanted) waiter.resolve();
    }
  }

  list(filter: ReceivedFilter = {}): ReceivedPush[] {
    return this.#matching(filter).map(toReceivedPush);
  }

  /**
   * Resolves as soon as `count` matching requests have arrived, with all of them; answered or not.
   *
   * @throws Error after `timeoutMs`, or when the simulator closes.
   */
  async waitFor(count: number, filter: ReceivedFilter, timeoutMs: number): Promise<ReceivedPush[]> {
    const seen = this.#matching(filter).length;
    if (seen < count) await this.#arrival(count, seen, { pushkey: filter.pushkey, timeoutMs });
    return this.list(filter);
  }

  clear(): void {
    this.#entries = [];
    this.#oldest = 0;
    for (const waiter of this.#waiters) waiter.seen = 0;
  }

  close(): void {
    for (const waiter of this.#waiters) waiter.reject(new Error('the simulator was closed'));
  }

  async #arrival(wanted: number, seen: number, how: { pushkey: string | undefined; timeoutMs: number }): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        settle();
      };
      const waiter: Waiter = {
        pushkey: how.pushkey,
        wanted,
        seen,
        resolve: () => finish(resolve),
        reject: (error) => finish(() => reject(error)),
      };
      const timer = setTimeout(() => {
        waiter.reject(new Error(`${waiter.seen} of ${wanted} pushes arrived within ${how.timeoutMs} ms`));
      }, how.timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  #matching({ pushkey }: ReceivedFilter): ReceivedEntry[] {
    const ordered = [...this.#entries.slice(this.#oldest), ...this.#entries.slice(0, this.#oldest)];
    return pushkey === undefined ? ordered : ordered.filter((entry) => entry.pushkey === pushkey);
  }
}

function toReceivedPush(entry: ReceivedEntry): ReceivedPush {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(entry.rawHeaders)) {
    if (value !== undefined) headers[name] = String(value);
  }
  const { provider, at, pushkey, status, reason } = entry;
  return {
    provider,
    at,
    pushkey,
    headers,
    payload: parsed(entry.body),
    status,
    ...(reason !== undefined && { reason }),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
