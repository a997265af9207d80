import { replaysAnswer } from '@reveille/admin-api';
import { toReplayView } from '@reveille/operations';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';
import type { ReplayDeps } from './replay-deps';

export function listReplays({ replays }: Pick<ReplayDeps, 'replays'>): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/replays',
    right: 'viewer',
    summary: 'The replays of the last week, newest first, fifty at most',
    answers: { 200: replaysAnswer },
    run: async () => ok({ replays: (await replays.list()).map(toReplayView) }),
  });
}
