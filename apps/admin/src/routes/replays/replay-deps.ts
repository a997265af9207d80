import type { Audit, Replays } from '@reveille/queue';

import { errorAnswer, type RouteAnswer } from '../answers';
import type { FailedDeps } from '../failed/failed-deps';

export interface ReplayDeps extends FailedDeps {
  readonly replays: Omit<Replays, 'work'>;
  readonly audit: Pick<Audit, 'audited'>;
}

export function noSuchReplay(): RouteAnswer {
  return errorAnswer(404, 'not_found', 'there is no replay of this id (any more): they are remembered for a week');
}
