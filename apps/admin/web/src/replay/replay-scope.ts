import type { FailedItemView, ReplayFilterInput } from '@reveille/admin-api';

import { describeFilter, tidyFilter, toReplayFilter, type FailedFilter } from '../failed/failed-filter';
import { countOf } from '../format/numbers';

/** Which failed pushes a replay is about. */
export interface ReplayScope {
  readonly filter: ReplayFilterInput;
  /** All there are, whatever failed: the API wants that said. */
  readonly all: boolean;
  /** For the confirmation. */
  readonly description: string;
}

/** As the API limits it. */
export const MOST_SELECTED = 1_000;

/** Pushes that were chosen one by one. */
export function ofSelection(items: readonly FailedItemView[]): ReplayScope {
  const [first] = items;
  const sameApp = first && items.every(({ app }) => app === first.app) ? { app: first.app } : {};
  return {
    filter: { ...sameApp, ids: items.map(({ id }) => id) },
    all: false,
    description: `${countOf(items.length, 'selected push', 'selected pushes')}${first && sameApp.app ? ` of ${first.app}` : ''}`,
  };
}

/** Everything that matches, also what the list does not show. */
export function ofFilter(filter: FailedFilter, now: Date): ReplayScope {
  const tidy = tidyFilter(filter);
  const all = Object.keys(tidy).length === 0;
  return {
    filter: toReplayFilter(tidy, now),
    all,
    description: all ? 'every failed push of every app' : `every failed push that matches: ${describeFilter(tidy)}`,
  };
}
