import { eventually } from '@reveille/testing';

/** How long a condition may take to come true on a busy machine, in milliseconds: the length of a failure. */
export const PATIENCE_MS = 20_000;

/** `eventually` with the patience that built processes need. */
export function until<T>(
  condition: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  what = 'the condition',
  timeoutMs = PATIENCE_MS,
): Promise<T> {
  return eventually(condition, { timeoutMs, what });
}
