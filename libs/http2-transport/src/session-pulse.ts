import type { ClientHttp2Session } from 'node:http2';
import type { TransportTuning } from './tuning';

/**
 * Finds out whether a peer still lives: PING (RFC 9113, 6.7) when nothing was heard for an interval, or when asked to.
 * A peer behind a dead NAT or a vanished host closes nothing; without this its requests would all run into their
 * deadlines.
 */
export class SessionPulse {
  private lastHeardAt: number;
  private readonly interval: NodeJS.Timeout;
  private pingTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly h2: ClientHttp2Session,
    private readonly tuning: TransportTuning,
    private readonly onDead: () => void,
  ) {
    this.lastHeardAt = tuning.now();
    this.interval = setInterval(() => {
      if (!this.isFresh) this.ask();
    }, tuning.pingIntervalMs).unref();
  }

  get isFresh(): boolean {
    return this.tuning.now() - this.lastHeardAt < this.tuning.pingIntervalMs;
  }

  heard(): void {
    this.lastHeardAt = this.tuning.now();
  }

  /** Sends a PING, unless one is under way. */
  ask(): void {
    // `ping` throws on a destroyed session and calls back with a failure on a closed one.
    if (this.pingTimer !== undefined || this.h2.destroyed || this.h2.closed) return;
    this.pingTimer = setTimeout(this.onDead, this.tuning.pingTimeoutMs).unref();
    this.h2.ping((error) => {
      clearTimeout(this.pingTimer);
      this.pingTimer = undefined;
      if (!error) this.heard();
    });
  }

  stop(): void {
    clearInterval(this.interval);
    clearTimeout(this.pingTimer);
  }
}
