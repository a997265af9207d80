export interface EventuallyOptions {
  /** Milliseconds until it gives up; only ever the length of a failure, never of a success. Default 15 s. */
  readonly timeoutMs?: number;
  /** Milliseconds between two looks. Default 10 ms. */
  readonly intervalMs?: number;
  /** What was waited for, for the error text. */
  readonly what?: string;
}

/** Nothing yet: `eventually` looks again. */
type NotYet = undefined | null | false;

/**
 * Waits until `condition` gives something other than undefined, null or false, and returns that. A condition that throws
 * (a failing `expect`) counts as not yet; at the deadline its error is the one that is seen.
 * The one way in which tests wait for what they cannot listen to.
 */
export async function eventually<T>(
  condition: () => T | NotYet | Promise<T | NotYet>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 15_000, intervalMs = 10, what = 'the condition' } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look(condition);
    if (seen.ok) return seen.value;
    if (performance.now() >= deadline) {
      throw seen.error ?? new Error(`${what} did not come true within ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

type Look<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error?: Error };

async function look<T>(condition: () => T | NotYet | Promise<T | NotYet>): Promise<Look<T>> {
  try {
    const value = await condition();
    return value === undefined || value === null || value === false ? { ok: false } : { ok: true, value };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Waits until `assertion` (one or more `expect`s) does not throw any more; at the deadline its last error is seen. */
export async function eventuallyPasses(
  assertion: () => void | Promise<void>,
  options: EventuallyOptions = {},
): Promise<void> {
  await eventually(async () => {
    await assertion();
    return true;
  }, options);
}
