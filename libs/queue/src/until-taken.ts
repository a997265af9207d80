/** Redis is there and takes no writes: it loads, was replaced, is full, has no replica. It gets better by itself. */
const REFUSAL = /^-?(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|OOM|MISCONF|BUSY)\b/;
/** Whether an error's text says so. */
export function isRefusal(message: string): boolean {
  return REFUSAL.test(message);
}

/** Milliseconds. Less than what is left of the lock (30 s, renewed every 8 s): then the push is another worker's. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 200;

/**
 * Ends what was sent: a refusal must not become a failure of the push, which would send it again. A repeat is safe: a job that has ended
 * is refused by the script.
 */
export async function untilTaken<T>(finish: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await finish();
    } catch (error) {
      const isRefused = error instanceof Error && isRefusal(error.message);
      if (!isRefused || performance.now() >= giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
