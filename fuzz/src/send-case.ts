import { request, type Agent } from 'node:http';
import { connect, type Socket } from 'node:net';

import type { FuzzCase } from './fuzz-case';

/** What came back. */
export type Reply =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  /** Of bytes on a connection of their own: everything until it was closed. */
  | { readonly kind: 'bytes'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

const NOTIFY_PATH = '/_matrix/push/v1/notify';
/** What takes longer is a fault. Milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000;
/** A server may wait for the rest of a request that never comes: then we leave. Milliseconds. */
const RAW_PATIENCE_MS = 250;

/** Sends one case and resolves with what came back. Never rejects. */
export function sendCase(url: string, one: FuzzCase, agent: Agent): Promise<Reply> {
  return one.kind === 'request' ? sendRequest(url, one, agent) : sendBytes(url, one.bytes);
}

function sendRequest(url: string, { body, headers }: Extract<FuzzCase, { kind: 'request' }>, agent: Agent): Promise<Reply> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ kind: 'failed', why: error.message });
    const sent = request(
      `${url}${NOTIFY_PATH}`,
      { method: 'POST', agent, headers: { ...headers, 'content-length': body.length }, timeout: ANSWER_TIMEOUT_MS },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => resolve({ kind: 'answer', status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
      },
    );
    sent.on('error', fail);
    sent.on('socket', keepErrors);
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)));
    sent.end(body);
  });
}

const kept = new WeakSet<Socket>();

/** A server that answers before it has read everything may reset the connection after the answer: nobody listens any more then. */
function keepErrors(socket: Socket): void {
  if (kept.has(socket)) return;
  kept.add(socket);
  socket.on('error', () => undefined);
}

function sendBytes(url: string, bytes: Buffer): Promise<Reply> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
    // A reset is as good an end as any: what came before it counts.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', () => resolve({ kind: 'bytes', text: Buffer.concat(chunks).toString('latin1') }));
    socket.setTimeout(RAW_PATIENCE_MS, () => socket.destroy());
    socket.end(bytes);
  });
}
