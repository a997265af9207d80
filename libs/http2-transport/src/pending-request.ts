import type { TransportRequest, TransportResult } from './transport';

/** Node's timers fire at once when the delay is longer than this (2^31-1 ms). */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** One try on one stream. */
export interface Attempt {
  cancel(): void;
}

/**
 * A request from the call to its result. It is in one of three states: waiting (linked into the queue), under way
 * (`attempt` is set), settled. Its deadline runs through all of them, whatever happens to connections.
 */
export class PendingRequest {
  /** Links of the queue; nobody else touches them. */
  previous: PendingRequest | undefined;
  next: PendingRequest | undefined;
  isQueued = false;
  /** Set while it is under way. */
  attempt: Attempt | undefined;
  /** Attempts begun; more than one only after the server said that it had not processed the one before. */
  attempts = 0;
  isSettled = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly request: TransportRequest,
    private readonly resolve: (result: TransportResult) => void,
  ) {}

  /**
   * Starts the deadline. One plain timer a request: Node keeps those of one duration in one list, so it costs under 1
   * us.
   */
  startDeadline(onDeadline: (pending: PendingRequest) => void): void {
    const delay = Math.min(Math.max(1, this.request.timeoutMs), MAX_TIMER_MS);
    this.timer = setTimeout(onDeadline, delay, this);
  }

  /** The first result counts; later ones are ignored. */
  settle(result: TransportResult): void {
    if (this.isSettled) return;
    this.isSettled = true;
    clearTimeout(this.timer);
    this.resolve(result);
  }
}
