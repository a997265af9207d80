import { configSchema, looseAppSchema } from '@reveille/config';
import { createLogger } from '@reveille/observability';
import { eventuallyPasses } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { startIngress } from './start-ingress';

export const NOTIFY = '/_matrix/push/v1/notify';
export const APP = 'com.example.app';

export interface TestIngress {
  readonly url: string;
  /** Posts a request for these pushkeys; by default one new one. */
  readonly push: (options?: PushOptions) => Promise<PushAnswer>;
  readonly post: (body: string, options?: PostOptions) => Promise<PushAnswer>;
  readonly raw: (localAddress?: string) => RawClient;
  /** The sum of a metric's samples whose line contains `labels`. */
  readonly metric: (name: string, labels?: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The client's own address: all of 127/8 is loopback. */
  readonly from?: string;
}

export interface PushOptions extends PostOptions {
  readonly pushkeys?: readonly string[];
  readonly appId?: string;
  readonly eventId?: string;
}

export interface PushAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Record<string, unknown>;
}

/** A connection by hand. */
export interface RawClient {
  readonly socket: Socket;
  readonly write: (text: string | Buffer) => void;
  /** Everything received so far. */
  readonly received: () => string;
  /** Resolves with everything received, when the other side has closed. */
  readonly closed: Promise<string>;
}

export interface TestIngressOptions {
  readonly redisUrl: string;
  /** Sections of the configuration; `apps` by default one app. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

const logger = createLogger({ role: 'ingress', level: 'silent', format: 'json' });
const opened: TestIngress[] = [];
const sockets: Socket[] = [];

/** After each test that made some. */
export async function closeTestIngresses(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(opened.splice(0).map((ingress) => ingress.close()));
}

/** An ingress in this process, ready. */
export async function startTestIngress({ redisUrl, settings = {} }: TestIngressOptions): Promise<TestIngress> {
  const role = await startIngress({
    settings: configSchema(looseAppSchema).parse({ apps: { [APP]: { type: 'apns' } }, ...settings }),
    baseDirectory: '.',
    environment: {},
    redis: { url: redisUrl },
    httpPort: 0,
    metricsPort: 0,
    logger,
  });
  const url = role.urls.http ?? '';
  const post: TestIngress['post'] = (body, options) => postFrom(url, body, options);
  const ingress: TestIngress = {
    url,
    post,
    push: ({ pushkeys = [randomUUID()], appId = APP, eventId = `$${randomUUID()}`, ...options } = {}) =>
      post(notification({ pushkeys, appId, eventId }), options),
    raw: (localAddress) => rawClient(url, localAddress),
    async metric(name, labels = '') {
      const text = await (await fetch(`${role.urls.metrics ?? ''}/metrics`)).text();
      const isSample = (line: string) => line.startsWith(`${name} `) || line.startsWith(`${name}{`);
      const samples = text.split('\n').filter((line) => isSample(line) && line.includes(labels));
      return samples.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
    close: () => role.close(),
  };
  opened.push(ingress);
  await eventuallyPasses(async () => expect((await fetch(`${url}/ready`)).status).toBe(200));
  return ingress;
}

export interface NotificationOptions {
  readonly pushkeys: readonly string[];
  readonly appId?: string;
  readonly eventId?: string;
}

/** The body of a notify request. */
export function notification({ pushkeys, appId = APP, eventId = `$${randomUUID()}` }: NotificationOptions): string {
  const devices = pushkeys.map((pushkey) => ({ app_id: appId, pushkey }));
  return JSON.stringify({ notification: { event_id: eventId, devices } });
}

/** The bytes of a whole POST, as a client writes them. */
export function rawPost(body: string, headers: readonly string[] = []): string {
  const lines = [`POST ${NOTIFY} HTTP/1.1`, 'Host: x', `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function postFrom(url: string, body: string, { headers = {}, from }: PostOptions = {}): Promise<PushAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${NOTIFY}`, { method: 'POST', headers, agent: false, ...(from && { localAddress: from }) });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const parsed = JSON.parse(text) as Record<string, unknown>; // every answer of the route is an object
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
      });
    });
    sent.end(body);
  });
}

function rawClient(url: string, localAddress: string | undefined): RawClient {
  const { port, hostname } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, ...(localAddress && { localAddress }) });
  sockets.push(socket);
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
  socket.on('error', () => undefined);
  return {
    socket,
    write: (text) => socket.write(text),
    received: () => received,
    closed: new Promise((resolve) => socket.once('close', () => resolve(received))),
  };
}
