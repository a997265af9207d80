import { errorCode } from './describe-error';
import { within } from './within';

/** Whether this process can do its work now, and if not, why: a sentence for each check that failed. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** `true`, or why not in a few words that may be shown to anybody who can reach the port. */
export type ReadinessCheck = () => Promise<true | string>;

export interface ReadinessOptions {
  /** A check that takes longer has failed. Milliseconds. */
  readonly timeoutMs: number;
  /**
   * How long an answer holds, so that probes and scrapes cannot load Redis. Milliseconds, default 500; at most 100
   * while not ready.
   */
  readonly cacheMs?: number;
  /** Whether the process is ending: it is not ready then, at once, whatever the checks said a moment ago. */
  readonly isDraining?: () => boolean;
  /** Milliseconds, of a clock that need not be the wall's. */
  readonly now?: () => number;
}

const DEFAULT_CACHE_MS = 500;
/** A refusal holds for less, so that a process that starts or recovers is seen at once. Milliseconds. */
const REFUSAL_CACHE_MS = 100;
const DRAINING: Readiness = { ready: false, reasons: ['shutting down'] };

/**
 * One function that runs all checks at once and answers within `timeoutMs`; it never throws. Calls that come while it
 * runs, or within `cacheMs` after, share its answer.
 */
export function createReadiness(
  checks: Readonly<Record<string, ReadinessCheck>>,
  { timeoutMs, cacheMs = DEFAULT_CACHE_MS, isDraining, now = () => performance.now() }: ReadinessOptions,
): () => Promise<Readiness> {
  let running: Promise<Readiness> | undefined;
  let last: { readonly at: number; readonly readiness: Readiness } | undefined;

  const run = async (): Promise<Readiness> => {
    const answers = await Promise.all(Object.entries(checks).map(([name, check]) => runCheck(name, check, timeoutMs)));
    const reasons = answers.filter((answer) => answer !== undefined);
    const readiness = { ready: reasons.length === 0, reasons };
    last = { at: now(), readiness };
    return readiness;
  };

  return () => {
    if (isDraining?.()) return Promise.resolve(DRAINING);
    if (last && now() - last.at < (last.readiness.ready ? cacheMs : Math.min(cacheMs, REFUSAL_CACHE_MS))) {
      return Promise.resolve(last.readiness);
    }
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** Why the check failed; undefined if it did not. */
async function runCheck(name: string, check: ReadinessCheck, timeoutMs: number): Promise<string | undefined> {
  try {
    const answer = await within(check(), timeoutMs, `no answer in ${timeoutMs} ms`);
    return answer === true ? undefined : `${name}: ${answer}`;
  } catch (error) {
    // By code only: this is shown to whoever can reach the port.
    return `${name}: ${errorCode(error) ?? 'failed'}`;
  }
}
