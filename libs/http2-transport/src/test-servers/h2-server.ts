import { createSecureServer } from 'node:http2';
import type {
  Http2SecureServer,
  ServerHttp2Session,
  ServerHttp2Stream,
  IncomingHttpHeaders,
  SecureServerOptions,
} from 'node:http2';
import type { TestCertificate } from './certificate';
import { listen, portOf } from './listen';

export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: string) => void;

/** A real HTTP/2 server on loopback that does what the test says with each complete request. */
export interface H2TestServer {
  readonly origin: string;
  readonly port: number;
  readonly server: Http2SecureServer;
  /** Every session since the start, in order. */
  readonly sessions: ServerHttp2Session[];
  /** `:path` of every complete request, in order. */
  readonly received: string[];
  /** Most streams open at once on one session. */
  readonly mostConcurrent: () => number;
  close(): Promise<void>;
}

export const answerOk: StreamHandler = (stream) => {
  stream.respond({ ':status': 200 }, { endStream: true });
};

export async function startH2Server(
  certificate: TestCertificate,
  handler: StreamHandler = answerOk,
  options: SecureServerOptions = {},
  listenOn = 0,
): Promise<H2TestServer> {
  const server = createSecureServer({ cert: certificate.cert, key: certificate.key, ...options });
  const sessions: ServerHttp2Session[] = [];
  const received: string[] = [];
  let most = 0;
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => undefined);
    let open = 0;
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      open += 1;
      most = Math.max(most, open);
      stream.on('close', () => (open -= 1));
      stream.on('error', () => undefined);
      readBody(stream, (body) => {
        received.push(String(headers[':path']));
        handler(stream, headers, body);
      });
    });
  });
  server.on('sessionError', () => undefined);
  await listen(server, listenOn);
  const port = portOf(server);
  return {
    origin: `https://127.0.0.1:${port}`,
    port,
    server,
    sessions,
    received,
    mostConcurrent: () => most,
    close: () => {
      for (const session of sessions) session.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function readBody(stream: ServerHttp2Stream, onBody: (body: string) => void): void {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    if (!stream.destroyed) onBody(Buffer.concat(chunks).toString('utf8'));
  });
}
