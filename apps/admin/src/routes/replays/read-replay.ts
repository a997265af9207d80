import { replayParams, replaySchema } from '@reveille/admin-api';
import { toReplayView } from '@reveille/operations';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';
import { noSuchReplay, type ReplayDeps } from './replay-deps';

export function readReplay({ replays }: Pick<ReplayDeps, 'replays'>): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/replays/{id}',
    right: 'viewer',
    summary: 'How far a replay is, and how its pushes have ended',
    params: replayParams,
    answers: { 200: replaySchema },
    async run({ params: { id } }) {
      const replay = await replays.read(id);
      return replay ? ok(toReplayView(replay)) : noSuchReplay();
    },
  });
}
