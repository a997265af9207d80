import type { TransportTuning } from './tuning';

type BackoffTuning = Pick<TransportTuning, 'backoffBaseMs' | 'backoffMaxMs' | 'now' | 'random'>;

/**
 * The pause between connection attempts to one origin. It doubles with each failure in a row; half of it is random
 * ("equal jitter"), so that many dispatchers do not return in step, and half is certain, so that there is always a
 * pause.
 */
export class Backoff {
  private failures = 0;
  private notBefore = -Infinity;

  constructor(private readonly tuning: BackoffTuning) {}

  /** Whether the pause after the last failure still holds. */
  isActive(): boolean {
    return this.tuning.now() < this.notBefore;
  }

  /** A connection attempt failed, or led to a connection that was of no use. */
  fail(): void {
    const { backoffBaseMs, backoffMaxMs, now, random } = this.tuning;
    const ceiling = Math.min(backoffMaxMs, backoffBaseMs * 2 ** this.failures);
    this.failures += 1;
    this.notBefore = now() + ceiling / 2 + (random() * ceiling) / 2;
  }

  /** An answer came: the origin works. A mere connection does not prove that. */
  succeed(): void {
    this.failures = 0;
    this.notBefore = -Infinity;
  }
}
