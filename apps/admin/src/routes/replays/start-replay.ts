import { previewAnswer, replayBody, startedAnswer } from '@reveille/admin-api';
import { startAuditedReplay, toPreviewView } from '@reveille/operations';
import type { FailedFilter } from '@reveille/queue';

import { hasRight } from '../../auth/identity';
import { errorAnswer, ok, WrongInput } from '../answers';
import { actorOf } from '../apps/app-deps';
import { toFilter } from '../failed/failed-deps';
import { defineRoute, type Route } from '../route';
import type { ReplayDeps } from './replay-deps';

export function startReplay(deps: ReplayDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/replays',
    // Whoever may look may know what would happen; what does happen is for operators.
    right: 'viewer',
    summary: 'Send failed pushes again, or say what would happen. Without `preview` for operators only',
    body: replayBody,
    answers: { 200: previewAnswer, 202: startedAnswer },
    async run({ body }, { identity }) {
      const { preview, include_expired: includeExpired, rate } = body;
      if (!preview && !hasRight(identity, 'operator')) {
        return errorAnswer(403, 'forbidden', `this needs the role operator; ${identity.name} is a ${identity.role}`);
      }
      const filter = await replayFilterOf(deps, body);
      if (preview) return ok({ preview: toPreviewView(await deps.replays.preview({ filter, includeExpired })) });
      const id = await startAuditedReplay(deps, actorOf(identity), { filter, includeExpired, rate });
      return { status: 202, body: { id } };
    },
  });
}

/** @throws WrongInput */
async function replayFilterOf(deps: ReplayDeps, { filter, all }: ReturnType<typeof replayBody.parse>): Promise<FailedFilter> {
  if (!filter) {
    if (all) return {};
    throw new WrongInput('filter', 'is required: {} means everything that failed');
  }
  const { ids, ...question } = filter;
  return { ...(await toFilter(deps, question, 'filter.')), ...(ids && { ids }) };
}
