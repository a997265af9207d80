import { constants } from 'node:http2';
import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import { describeError, errorCode, maybeSent } from './failure';
import { judgeEnding } from './judge-ending';
import type { GoAway } from './judge-ending';
import type { Attempt, PendingRequest } from './pending-request';
import { MAX_ANSWER_BYTES } from './transport';
import type { TransportFailure } from './transport';

/** What one exchange tells, and asks of, the session that it runs on. */
export interface ExchangeHost {
  readonly goaway: GoAway | undefined;
  readonly isLost: boolean;
  readonly lossText: string | undefined;
  /** A request got no answer in time. */
  suspect(): void;
  /** A complete answer came. */
  onAnswer(): void;
  /** The stream is closed and its place free. `failure` unless an answer or another result was settled before. */
  onStreamClosed(pending: PendingRequest, failure: TransportFailure | undefined): void;
}

/** One attempt of one request on one stream: gathers the answer and settles the request. */
export class Exchange implements Attempt {
  private status: number | undefined;
  private headers: Readonly<Record<string, string>> = {};
  private chunks: Buffer[] = [];
  private bytes = 0;
  private error: unknown;

  constructor(
    private readonly host: ExchangeHost,
    private readonly pending: PendingRequest,
    private readonly stream: ClientHttp2Stream,
  ) {
    stream.on('response', (headers) => this.onResponse(headers));
    stream.on('data', (chunk: Buffer) => this.onData(chunk));
    stream.on('end', () => this.onEnd());
    // Always listened to, also after the result: a stream's late error must not crash the process.
    stream.on('error', (error: unknown) => (this.error = error));
    stream.on('close', () => this.onClose());
  }

  /** The deadline has passed: gives the stream up, and asks whether the peer lives. */
  cancel(): void {
    this.stream.close(constants.NGHTTP2_CANCEL);
    this.host.suspect();
  }

  private onResponse(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.status = headers[':status'];
    this.headers = plainHeaders(headers);
  }

  private onData(chunk: Buffer): void {
    if (this.pending.isSettled) return;
    this.bytes += chunk.length;
    if (this.bytes <= MAX_ANSWER_BYTES) {
      this.chunks.push(chunk);
      return;
    }
    this.chunks = [];
    this.pending.settle(maybeSent('answer-too-large', `the answer is longer than ${MAX_ANSWER_BYTES} bytes`));
    this.stream.close(constants.NGHTTP2_CANCEL);
  }

  private onEnd(): void {
    // Node emits 'end' also for a body cut short by the end of the connection; the stream is destroyed by then, or
    // closed with an error. (A body cut short by RST_STREAM with NO_ERROR cannot be told from a whole one; its status
    // is known.)
    if (this.stream.destroyed || this.stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    if (this.status === undefined) return;
    this.host.onAnswer();
    const body = this.chunks.length === 0 ? '' : Buffer.concat(this.chunks).toString('utf8');
    this.pending.settle({ ok: true, status: this.status, headers: this.headers, body });
    // Answered before it had read the whole request (RFC 9113, 8.1): stop sending, or the stream stays open.
    if (!this.stream.writableFinished) this.stream.close(constants.NGHTTP2_CANCEL);
  }

  private onClose(): void {
    this.chunks = [];
    this.host.onStreamClosed(this.pending, this.pending.isSettled ? undefined : this.judge());
  }

  private judge(): TransportFailure {
    const { goaway, isLost, lossText } = this.host;
    return judgeEnding({
      streamId: this.stream.id,
      isAnswerBegun: this.status !== undefined,
      rstCode: this.stream.rstCode,
      errorCode: errorCode(this.error),
      errorText: this.error === undefined ? '' : describeError(this.error),
      goaway,
      isSessionLost: isLost,
      lossText,
    });
  }
}

function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (name.startsWith(':') || value === undefined) continue;
    plain[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return plain;
}
