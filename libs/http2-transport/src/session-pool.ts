import { Backoff } from './backoff';
import { openConnection } from './connect';
import type { Connection, ConnectTarget } from './connect';
import { describeError, maybeSent, unsent } from './failure';
import type { PendingRequest } from './pending-request';
import { RequestQueue } from './request-queue';
import { Session } from './session';
import type { SessionOwner } from './session';
import type { TransportFailure, TransportStats } from './transport';
import type { TransportTuning } from './tuning';

export interface SessionPoolOptions {
  readonly target: ConnectTarget;
  readonly maxSessions: number;
  readonly unindexedHeaders: readonly string[];
  readonly tuning: TransportTuning;
}

/** Attempts of one request, the first included, when connections that it was sent on say GOAWAY without taking it. */
const MAX_ATTEMPTS = 3;

/** Attempts when the server refuses the stream alone (REFUSED_STREAM): it is not going away, so once more at most. */
const MAX_ATTEMPTS_WHEN_REFUSED = 2;

const CLOSED = unsent('closed', 'the transport is closed');

/**
 * The sessions to one origin and the requests that wait for them.
 *
 * Requests go to the least loaded session; beyond the stream limits they wait, first in first out. A further session is
 * opened only when all are full, one connection attempt at a time. Without any session, requests wait for the attempt
 * under way and share its failure; until the pause after a failure is over, they fail at once.
 */
export class SessionPool implements SessionOwner {
  readonly tuning: TransportTuning;
  readonly unindexedHeaders: readonly string[];
  /** Every session whose socket is not closed yet, usable or not. */
  private readonly sessions = new Set<Session>();
  private readonly queue = new RequestQueue();
  private readonly backoff: Backoff;
  private lastFailure = CLOSED;
  private connecting: AbortController | undefined;
  private growthTimer: NodeJS.Timeout | undefined;
  private graceTimer: NodeJS.Timeout | undefined;
  private closed: Promise<void> | undefined;
  private resolveClosed: () => void = () => undefined;

  constructor(private readonly options: SessionPoolOptions) {
    this.tuning = options.tuning;
    this.unindexedHeaders = options.unindexedHeaders;
    this.backoff = new Backoff(options.tuning);
  }

  /** The request will settle, at the latest at its deadline. */
  submit(pending: PendingRequest): void {
    if (this.closed) {
      pending.settle(CLOSED);
      return;
    }
    pending.startDeadline(this.onDeadline);
    this.queue.push(pending);
    this.pump();
  }

  stats(): TransportStats {
    let inFlight = 0;
    for (const session of this.sessions) inFlight += session.inFlight;
    return { sessions: this.sessions.size, inFlight, waiting: this.queue.size };
  }

  /** See `Http2Transport.close`. A second call sets a new grace. */
  close(graceMs: number): Promise<void> {
    clearTimeout(this.graceTimer);
    this.graceTimer = setTimeout(() => this.killAll(), Math.max(0, graceMs));
    if (this.closed) return this.closed;
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    clearTimeout(this.growthTimer);
    this.connecting?.abort();
    this.failWaiting(CLOSED);
    for (const session of this.sessions) session.retire();
    this.finishClosing();
    return this.closed;
  }

  onRoom(): void {
    this.pump();
  }

  onProven(): void {
    this.backoff.succeed();
  }

  onUnprocessed(pending: PendingRequest, failure: TransportFailure): void {
    if (pending.isSettled) return;
    if (this.closed || pending.attempts >= maxAttempts(failure)) {
      pending.settle(failure);
      return;
    }
    this.queue.unshift(pending);
    this.pump();
  }

  onStillborn(): void {
    this.lastFailure = unsent('connect', 'the last connection ended before any answer');
    this.backoff.fail();
  }

  onUnusable(session: Session): void {
    // At once, not with the next request: those to come shall not wait for a handshake.
    if (session.isActive && this.queue.size === 0 && this.usable().length === 0) this.connect();
    else this.pump();
  }

  onGone(session: Session): void {
    this.sessions.delete(session);
    this.finishClosing();
  }

  /** A field, not a method: it is the callback of every request's timer. */
  private readonly onDeadline = (pending: PendingRequest): void => {
    const { attempt } = pending;
    this.queue.remove(pending);
    const message = `no answer within ${pending.request.timeoutMs} ms`;
    if (!attempt) {
      pending.settle(unsent('timeout', `${message}: it waited for a connection or a stream`));
      return;
    }
    pending.settle(maybeSent('timeout', message));
    attempt.cancel();
  };

  private pump(): void {
    while (this.queue.size > 0) {
      const session = this.leastLoaded();
      if (!session) {
        this.ensureConnection();
        return;
      }
      const pending = this.queue.shift();
      if (pending) session.send(pending);
    }
  }

  private leastLoaded(): Session | undefined {
    let best: Session | undefined;
    for (const session of this.sessions) {
      if (session.hasRoom && (!best || session.inFlight < best.inFlight)) best = session;
    }
    return best;
  }

  private usable(): Session[] {
    return [...this.sessions].filter((session) => session.isOpen);
  }

  /** Requests wait and no session has room. */
  private ensureConnection(): void {
    if (this.connecting || this.closed) return;
    const usable = this.usable();
    if (usable.length === 0) {
      if (this.backoff.isActive()) this.failWaiting(this.lastFailure);
      else this.connect();
      return;
    }
    if (usable.length >= this.options.maxSessions || this.backoff.isActive()) return;
    if (usable.some((session) => session.isSettling)) {
      this.growthTimer ??= setTimeout(() => {
        this.growthTimer = undefined;
        this.pump();
      }, this.tuning.growthPatienceMs).unref();
      return;
    }
    this.connect();
  }

  private connect(): void {
    if (this.connecting || this.closed || this.backoff.isActive()) return;
    const attempt = new AbortController();
    this.connecting = attempt;
    const timer = setTimeout(() => attempt.abort(), this.tuning.connectTimeoutMs);
    void openConnection(this.options.target, attempt.signal)
      // It promises not to throw; if Node refuses an argument after all, that must not end the process.
      .catch((error: unknown) => unsent('connect', describeError(error)))
      .then((result) => {
        clearTimeout(timer);
        this.connecting = undefined;
        if (result.ok) this.adopt(result);
        else this.onConnectFailed(result);
        this.finishClosing();
      });
  }

  private adopt(connection: Connection): void {
    const { h2, socket } = connection;
    if (h2.closed || h2.destroyed) {
      // GOAWAY or the end of the connection came right behind the SETTINGS.
      h2.destroy();
      socket.destroy();
      this.onConnectFailed(unsent('connect', 'the server closed the connection at once'));
      return;
    }
    const session = new Session(connection, this);
    this.sessions.add(session);
    if (this.closed) session.retire();
    else this.pump();
  }

  private onConnectFailed(failure: TransportFailure): void {
    this.lastFailure = failure;
    this.backoff.fail();
    // With a session left, full or not, they wait for that; their deadlines hold.
    if (this.usable().length === 0) this.failWaiting(failure);
  }

  private failWaiting(failure: TransportFailure): void {
    for (let pending = this.queue.shift(); pending; pending = this.queue.shift()) pending.settle(failure);
  }

  private killAll(): void {
    for (const session of this.sessions) session.kill('the transport was closed');
  }

  private finishClosing(): void {
    if (!this.closed || this.connecting || this.sessions.size > 0) return;
    clearTimeout(this.graceTimer);
    this.resolveClosed();
  }
}

function maxAttempts(failure: TransportFailure): number {
  return failure.kind === 'reset' ? MAX_ATTEMPTS_WHEN_REFUSED : MAX_ATTEMPTS;
}
