import { createServer, type IncomingMessage } from 'node:http';

import { z } from 'zod';

import { parseCommand } from './command';
import { listen } from './listen';
import { quotaSettings } from './quota';
import type { ReceivedPush } from './received-log';
import type { Simulator } from './simulator';

/** The part of the simulator that can be reached over HTTP. */
export type Controls = Pick<
  Simulator,
  | 'clearCommands'
  | 'clearReceived'
  | 'command'
  | 'destroySessions'
  | 'goaway'
  | 'received'
  | 'setLatency'
  | 'setMaxConcurrentStreams'
  | 'setQuota'
  | 'stats'
>;

export interface ControlServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

interface ControlAnswer {
  readonly status: number;
  /** A string goes out as plain text, anything else as JSON. */
  readonly body: unknown;
}

interface ControlRequest {
  readonly query: URLSearchParams;
  readonly body: string;
}

type Route = (controls: Controls, request: ControlRequest) => ControlAnswer;

const MAX_BODY_BYTES = 64 * 1024;
/** 2^31 - 1, the largest SETTINGS value that makes sense (RFC 9113 section 5.1.1). */
const MAX_STREAMS = 2 ** 31 - 1;

const settingsSchema = z.strictObject({
  latencyMs: z.number().min(0).max(600_000).optional(),
  maxConcurrentStreams: z.int().min(0).max(MAX_STREAMS).optional(),
  quota: quotaSettings.nullable().optional(),
});

const HELP = `Reveille simulator: stands in for APNs, FCM and Google's token endpoint.

GET    /received             the requests that arrived, in order; ?pushkey=... for those of one device
DELETE /received             forget them
POST   /commands             fail on command: {"provider":"apns","pushkey":"ab12...","times":1,
                             "answer":{"status":410,"reason":"Unregistered"}}; or {"answer":{"fault":"hang"}}
                             (hang, close, reset, goaway, huge, empty); FCM: "errorCode", "message"; "latencyMs"
DELETE /commands             answer as usual again
POST   /settings             {"latencyMs":60,"maxConcurrentStreams":10,"quota":{"project":{"count":3000,"windowMs":60000},
                             "device":{"count":240,"windowMs":60000},"retryAfter":"5"}}, any of them; FCM refuses
                             with 429 past the quota; null: none
POST   /goaway               GOAWAY on every push session
POST   /destroy-sessions     end every push connection at once
GET    /stats                counts
GET    /health               {"status":"ok"}
`;

const DONE: ControlAnswer = { status: 200, body: { status: 'ok' } };

const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  '/': { GET: () => ({ status: 200, body: HELP }) },
  '/health': { GET: () => DONE },
  '/stats': { GET: (controls) => ({ status: 200, body: controls.stats() }) },
  '/received': {
    GET: (controls, { query }) => {
      const pushkey = query.get('pushkey');
      return { status: 200, body: controls.received(pushkey === null ? {} : { pushkey }).map(withoutCredential) };
    },
    DELETE: (controls) => {
      controls.clearReceived();
      return DONE;
    },
  },
  '/commands': {
    POST: (controls, { body }) => {
      const parsed = parseCommand(parsedJson(body));
      if (!parsed.ok) return badRequest(parsed.problems);
      controls.command(parsed.command);
      return DONE;
    },
    DELETE: (controls) => {
      controls.clearCommands();
      return DONE;
    },
  },
  '/settings': {
    POST: (controls, { body }) => {
      const parsed = settingsSchema.safeParse(parsedJson(body));
      if (!parsed.success)
        return badRequest(
          parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'settings'}: ${message}`),
        );
      const { latencyMs, maxConcurrentStreams, quota } = parsed.data;
      if (latencyMs !== undefined) controls.setLatency(latencyMs);
      if (quota !== undefined) controls.setQuota(quota ?? undefined);
      if (maxConcurrentStreams !== undefined) controls.setMaxConcurrentStreams(maxConcurrentStreams);
      return DONE;
    },
  },
  '/goaway': {
    POST: (controls) => {
      controls.goaway();
      return DONE;
    },
  },
  '/destroy-sessions': {
    POST: (controls) => {
      controls.destroySessions();
      return DONE;
    },
  },
};

/**
 * The simulator's window for other processes: plain HTTP on 127.0.0.1.
 *
 * @throws the listen error, e.g. EADDRINUSE.
 */
export async function startControlServer(controls: Controls, port: number): Promise<ControlServer> {
  const server = createServer((request, response) => {
    readBody(request, (body) => {
      const { status, body: content } = answer(controls, request, body);
      const text = typeof content === 'string' ? content : `${JSON.stringify(content)}\n`;
      response.writeHead(status, {
        'content-type': typeof content === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      response.end(text);
    });
  });
  const boundPort = await listen(server, port);
  return {
    port: boundPort,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** `body` undefined: it was too large. */
function answer(controls: Controls, request: IncomingMessage, body: string | undefined): ControlAnswer {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const methods = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (!methods) return { status: 404, body: { error: 'no such path; GET / tells what there is' } };
  const method = request.method ?? 'GET';
  const route = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!route) return { status: 405, body: { error: `use ${Object.keys(methods).join(' or ')}` } };
  if (body === undefined) return { status: 413, body: { error: `at most ${MAX_BODY_BYTES} bytes` } };
  return route(controls, { query: new URLSearchParams(query), body });
}

function badRequest(problems: readonly string[]): ControlAnswer {
  return { status: 400, body: { error: problems.join('; ') } };
}

/** Even a throw-away credential is shown by its scheme only. */
function withoutCredential(push: ReceivedPush): ReceivedPush {
  const { authorization } = push.headers;
  if (authorization === undefined) return push;
  return { ...push, headers: { ...push.headers, authorization: `${authorization.split(' ', 1)[0] ?? ''} ...` } };
}

/** undefined, which no schema accepts, when it is not JSON. */
function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function readBody(request: IncomingMessage, done: (body: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on('end', () => done(bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined));
}
