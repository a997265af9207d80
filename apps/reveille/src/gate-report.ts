import type { GateState } from '@reveille/queue';

/** `paused since TIME by WHO (REASON)` */
export function whyClosed({ state, reason, since, by }: GateState): string {
  return `${state} since ${new Date(since).toISOString()}${by === undefined ? '' : ` by ${by}`} (${reason})`;
}
