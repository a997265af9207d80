import { sensitiveHeaders } from 'node:http2';
import type { ClientHttp2Session, OutgoingHttpHeaders, Settings } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Connection } from './connect';
import { Exchange } from './exchange';
import type { ExchangeHost } from './exchange';
import { describeError, unsent } from './failure';
import type { GoAway } from './judge-ending';
import type { PendingRequest } from './pending-request';
import { SessionPulse } from './session-pulse';
import type { TransportFailure } from './transport';
import type { TransportTuning } from './tuning';

/** What a session tells the pool that owns it. */
export interface SessionOwner {
  readonly tuning: TransportTuning;
  readonly unindexedHeaders: readonly string[];
  /** A stream has closed or the peer has changed its limit: there may be room. */
  onRoom(): void;
  /** The first complete answer: the origin works. */
  onProven(): void;
  /** The server cannot have processed this request. */
  onUnprocessed(pending: PendingRequest, failure: TransportFailure): void;
  /** No new request can go here. Told once. */
  onUnusable(session: Session): void;
  /** It has ended soon after it was opened, without one answer: as good as a failed attempt. Told once at most. */
  onStillborn(): void;
  /** The socket has closed; nothing of the session is left. Told once. */
  onGone(session: Session): void;
}

/** One HTTP/2 connection from its first SETTINGS to the end of its socket. */
export class Session implements ExchangeHost {
  /** Streams that are not closed yet; may pass the limit for a while when the peer lowers it. */
  inFlight = 0;
  private answers = 0;
  goaway: GoAway | undefined;
  lossText: string | undefined;
  private readonly openedAt: number;
  private isRetired = false;
  private isUnusableTold = false;
  private isStillbornTold = false;
  private streamLimit = 0;
  private readonly h2: ClientHttp2Session;
  private readonly socket: TLSSocket;
  private readonly pulse: SessionPulse;

  constructor(
    connection: Connection,
    private readonly owner: SessionOwner,
  ) {
    this.h2 = connection.h2;
    this.socket = connection.socket;
    this.openedAt = owner.tuning.now();
    this.setStreamLimit(connection.streamLimit);
    this.pulse = new SessionPulse(this.h2, owner.tuning, () => this.kill('the peer does not answer PING'));
    this.listen();
    // Idle connections are kept, as Apple asks, but they do not keep the process.
    this.h2.unref();
  }

  get isOpen(): boolean {
    // Node marks the session closed only after it has told of the GOAWAY.
    return !this.isRetired && !this.goaway && !this.h2.closed && !this.h2.destroyed;
  }

  get isLost(): boolean {
    return this.h2.destroyed;
  }

  get hasRoom(): boolean {
    return this.inFlight < this.streamLimit && this.isOpen;
  }

  /** Just opened: its limit may be provisional (APNs allows 1 stream until it has accepted a token). */
  get isSettling(): boolean {
    return this.owner.tuning.now() - this.openedAt < this.owner.tuning.growthPatienceMs;
  }

  /** Whether the peer was heard of within the last ping interval. */
  get isActive(): boolean {
    return this.inFlight > 0 || (this.answers > 0 && this.pulse.isFresh);
  }

  /** Only while `hasRoom`. The request settles, or is handed back through `onUnprocessed`. */
  send(pending: PendingRequest): void {
    pending.attempts += 1;
    let stream;
    try {
      stream = this.h2.request(this.wireHeaders(pending), { endStream: false });
    } catch (error) {
      this.owner.onUnprocessed(pending, unsent('protocol', describeError(error)));
      return;
    }
    if (this.inFlight === 0) this.h2.ref();
    this.inFlight += 1;
    pending.attempt = new Exchange(this, pending, stream);
    stream.end(pending.request.body);
    // Ids count up to 2^31-1 and are used up within days at full speed: leave in time, not in the middle of a burst.
    if (stream.id === undefined || stream.id >= this.owner.tuning.retireAtStreamId) this.retire();
  }

  /** No new requests; the connection closes when those in flight have ended. */
  retire(): void {
    this.isRetired = true;
    this.tellUnusable();
    if (this.inFlight === 0) this.finish();
  }

  /** Ends the connection now. Requests in flight fail as `closed`. */
  kill(reason: string): void {
    this.lossText ??= reason;
    this.h2.destroy();
    // Not left to the session: it waits for the socket to be written out, which a dead peer prevents.
    this.socket.destroy();
    this.tellUnusable();
  }

  /** A request got no answer in time: ask at once whether the peer lives. */
  suspect(): void {
    if (this.isOpen) this.pulse.ask();
  }

  onAnswer(): void {
    this.pulse.heard();
    this.answers += 1;
    if (this.answers === 1) this.owner.onProven();
  }

  onStreamClosed(pending: PendingRequest, failure: TransportFailure | undefined): void {
    pending.attempt = undefined;
    this.inFlight -= 1;
    // The streams of a lost session close before it says so itself.
    if (!this.isOpen) this.tellUnusable();
    if (this.inFlight === 0) this.onDrained();
    if (failure) {
      // `sent` is false only where the server cannot have processed it.
      if (failure.sent) pending.settle(failure);
      else this.owner.onUnprocessed(pending, failure);
    }
    this.owner.onRoom();
  }

  private onDrained(): void {
    // Later, not now: this may run inside a callback of nghttp2, where a session must not be destroyed.
    if (!this.isOpen) setImmediate(() => this.finish());
    else this.h2.unref();
    this.tellStillborn();
  }

  private finish(): void {
    this.h2.destroy();
    // A session that the peer asked to close waits for the peer to close the socket; not for ever.
    const linger = setTimeout(() => this.socket.destroy(), this.owner.tuning.lingerMs);
    if (this.socket.closed) clearTimeout(linger);
    else this.socket.once('close', () => clearTimeout(linger));
  }

  private listen(): void {
    this.h2.on('remoteSettings', (settings: Settings) => {
      this.setStreamLimit(settings.maxConcurrentStreams ?? Infinity);
      this.pulse.heard();
      this.owner.onRoom();
    });
    this.h2.on('goaway', (code: number, lastStreamId: number) => {
      // A graceful server says 2^31-1 first and the true id later (RFC 9113, 6.8). That it only lowers it, nghttp2
      // checks.
      this.goaway = { code, lastStreamId };
      this.tellUnusable();
      if (this.inFlight === 0) this.onDrained();
    });
    this.h2.on('error', (error) => (this.lossText ??= describeError(error)));
    this.h2.on('close', () => this.tellUnusable());
    this.socket.once('close', () => {
      this.tellUnusable();
      this.owner.onGone(this);
    });
  }

  private tellUnusable(): void {
    if (this.isUnusableTold) return;
    this.isUnusableTold = true;
    this.pulse.stop();
    this.tellStillborn();
    this.owner.onUnusable(this);
  }

  /**
   * To connect again at once after such a session would be a connect storm. With streams in flight it may still prove
   * itself.
   */
  private tellStillborn(): void {
    const { now, stillbornMs } = this.owner.tuning;
    const isDone = this.isUnusableTold && (this.inFlight === 0 || this.isLost);
    if (!isDone || this.isRetired || this.isStillbornTold) return;
    if (this.answers > 0 || now() - this.openedAt >= stillbornMs) return;
    this.isStillbornTold = true;
    this.owner.onStillborn();
  }

  private setStreamLimit(announced: number): void {
    this.streamLimit = Math.min(announced, this.owner.tuning.maxStreamsPerSession);
  }

  private wireHeaders({ request }: PendingRequest): OutgoingHttpHeaders {
    const headers: OutgoingHttpHeaders = { ':method': request.method, ':path': request.path, ...request.headers };
    // The type of this symbol-keyed entry is missing from OutgoingHttpHeaders.
    if (this.owner.unindexedHeaders.length > 0)
      Object.assign(headers, { [sensitiveHeaders]: this.owner.unindexedHeaders });
    return headers;
  }
}
