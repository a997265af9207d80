import type { GateState } from '@reveille/queue';

import { printable } from './printable';

/** `paused since TIME by WHO (REASON)` */
export function whyClosed({ state, reason, since, by }: GateState): string {
  return `${state} since ${new Date(since).toISOString()}${by === undefined ? '' : ` by ${printable(by)}`} (${printable(reason)})`;
}
