import { Agent, request } from 'node:http';

import { z } from 'zod';

import { delay } from './delay';
import type { ChaosDevice } from './devices';
import type { ChaosPush } from './notification';

/** What became of a push between homeserver and relay. Times in milliseconds of this process's clock. */
export interface SentPush extends ChaosPush {
  readonly firstTriedAt: number;
  tries: number;
  /** When a 2xx came; undefined: not yet. */
  acknowledgedAt: number | undefined;
  /** The answer named the pushkey as rejected. */
  wasRejected: boolean;
}

export interface HomeserverOptions {
  /** Where ingresses take requests; the load balancer of the suite asks them in turn. */
  readonly notifyUrls: () => readonly string[];
}

/** Synapse begins with 1 s and doubles up to an hour; a scenario has no hour. Milliseconds. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
/** A homeserver gives up waiting for an answer, but not the push. Milliseconds. */
const ANSWER_TIMEOUT_MS = 5000;
const MAX_CONNECTIONS = 128;

const answerSchema = z.object({ rejected: z.array(z.string()) });

/**
 * Sends as Synapse does: one request under way for a pusher, each event again and again until it gets a 2xx. Whose
 * pushkey is rejected is never sent to again.
 */
export class Homeserver {
  readonly sent: SentPush[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  readonly #waiting = new Map<ChaosDevice, ChaosPush[]>();
  readonly #unsubscribed = new Set<ChaosDevice>();
  readonly #refusals = new Map<string, number>();
  #turn = 0;
  #isClosed = false;

  constructor(private readonly options: HomeserverOptions) {}

  /** Pushkeys that the relay told us to forget. */
  get unsubscribed(): ReadonlySet<ChaosDevice> {
    return this.#unsubscribed;
  }

  /** Answers other than 2xx and broken requests, by what they were. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refusals;
  }

  /** Pushes without a 2xx, those that still wait for their turn included. */
  get unacknowledged(): number {
    const waiting = [...this.#waiting.values()].reduce((sum, { length }) => sum + length, 0);
    return waiting + this.sent.filter(({ acknowledgedAt }) => acknowledgedAt === undefined).length;
  }

  /** Takes a push; it goes out when those before it for the same device have been acknowledged. */
  send(push: ChaosPush): void {
    if (this.#unsubscribed.has(push.device)) return;
    const waiting = this.#waiting.get(push.device);
    if (waiting) {
      waiting.push(push);
      return;
    }
    const queue = [push];
    this.#waiting.set(push.device, queue);
    void this.#work(push.device, queue);
  }

  /** Gives up what has not been acknowledged. */
  close(): void {
    this.#isClosed = true;
    this.#agent.destroy();
  }

  async #work(device: ChaosDevice, queue: ChaosPush[]): Promise<void> {
    for (let push = queue.shift(); push !== undefined && !this.#isClosed; push = queue.shift()) {
      const sent: SentPush = { ...push, firstTriedAt: Date.now(), tries: 0, acknowledgedAt: undefined, wasRejected: false };
      this.sent.push(sent);
      await this.#bring(sent);
      if (sent.wasRejected) {
        this.#unsubscribed.add(device);
        break;
      }
    }
    this.#waiting.delete(device);
  }

  async #bring(sent: SentPush): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#isClosed) {
      sent.tries += 1;
      const answer = await this.#post(sent.body);
      if (answer.ok) {
        sent.acknowledgedAt = Date.now();
        sent.wasRejected = answer.rejected.includes(sent.device.pushkey);
        return;
      }
      this.#refusals.set(answer.failure, (this.#refusals.get(answer.failure) ?? 0) + 1);
      await delay(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  async #post(body: string): Promise<Answer> {
    const urls = this.options.notifyUrls();
    this.#turn += 1;
    const url = urls[this.#turn % urls.length];
    if (url === undefined) return { ok: false, failure: 'no ingress' };
    try {
      const { status, text } = await post(url, body, this.#agent);
      const parsed = status === 200 ? answerSchema.safeParse(JSON.parse(text)) : undefined;
      return parsed?.success ? { ok: true, rejected: parsed.data.rejected } : { ok: false, failure: String(status) };
    } catch (error) {
      return { ok: false, failure: codeOf(error) };
    }
  }
}

type Answer =
  | { readonly ok: true; readonly rejected: readonly string[] }
  | { readonly ok: false; readonly failure: string };

function post(url: string, body: string, agent: Agent): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request(url, { method: 'POST', agent, headers, timeout: ANSWER_TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('close', () => reject(new Error('cut off')));
    });
    call.on('timeout', () => call.destroy(new Error('timeout')));
    call.on('error', reject);
    call.end(body);
  });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
