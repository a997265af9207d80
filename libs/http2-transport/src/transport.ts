import type { TransportTuning } from './tuning';

/** One HTTP/2 request. The body is complete and small; there is no streaming. */
export interface TransportRequest {
  readonly method: 'POST' | 'GET';
  readonly path: string;
  /** Lower-case names; pseudo-headers are added by the transport. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** From the call to the end of the answer, in milliseconds, waiting for a connection or a stream included. */
  readonly timeoutMs: number;
}

/** A complete answer, whatever its status. */
export interface TransportAnswer {
  readonly ok: true;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** At most MAX_ANSWER_BYTES; a longer one is a failure of kind `answer-too-large`. */
  readonly body: string;
}

/** No complete answer came. Errors are data: `request` never throws. */
export interface TransportFailure {
  readonly ok: false;
  readonly kind: TransportFailureKind;
  /** For the log; never holds anything of the request. */
  readonly message: string;
  /** The request may have reached the server, so that a repeat may be a second copy. */
  readonly sent: boolean;
}

export type TransportFailureKind =
  | 'connect' // refused, unreachable, DNS
  | 'tls' // certificate not trusted, handshake failed
  | 'proxy' // the proxy refused or failed the CONNECT
  | 'timeout'
  | 'goaway' // the server said GOAWAY without taking this stream
  | 'reset' // RST_STREAM
  | 'closed' // the connection ended with the request under way, or the transport is closed
  | 'answer-too-large'
  | 'protocol';

export type TransportResult = TransportAnswer | TransportFailure;

export interface TransportStats {
  readonly sessions: number;
  readonly inFlight: number;
  readonly waiting: number;
}

/** Long-lived HTTP/2 sessions to one origin. */
export interface Http2Transport {
  request(request: TransportRequest): Promise<TransportResult>;
  stats(): TransportStats;
  /** No new requests; those in flight may finish for at most `graceMs` milliseconds. */
  close(graceMs: number): Promise<void>;
}

export interface Http2TransportOptions {
  /** `https://host:port` */
  readonly origin: string;
  /** PEM, trusted in addition to the system's authorities. */
  readonly ca?: string;
  /** PEM client certificate and key (APNs with `certfile`). */
  readonly cert?: string;
  readonly key?: string;
  /** HTTP proxy for CONNECT, `http://user:password@host:port`. */
  readonly proxy?: string;
  /** Sessions opened at most when the peer's stream limit is reached. Default: DEFAULT_MAX_SESSIONS. */
  readonly maxSessions?: number;
  /**
   * Names of headers whose value differs from push to push. They are sent unindexed (HPACK, RFC 7541 6.2.3), so that
   * they do not push the repeated ones out of the peer's table. Apple asks for that.
   */
  readonly unindexedHeaders?: readonly string[];
  /** Times, limits, clock and randomness; for tests. */
  readonly tuning?: Partial<TransportTuning>;
}

export const DEFAULT_MAX_SESSIONS = 4;

/** Longest answer body that is read, in bytes. APNs and FCM answer with some hundred. */
export const MAX_ANSWER_BYTES = 64 * 1024;
