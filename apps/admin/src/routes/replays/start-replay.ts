import { randomUUID } from 'node:crypto';

import { previewAnswer, replayBody, startedAnswer } from '@reveille/admin-api';
import type { FailedFilter } from '@reveille/queue';

import { hasRight } from '../../auth/identity';
import { errorAnswer, ok, WrongInput } from '../answers';
import { actorOf } from '../apps/app-deps';
import { toFilter } from '../failed/failed-deps';
import { defineRoute, type Route } from '../route';
import type { ReplayDeps } from './replay-deps';
import { toFilterView, toPreviewView } from './replay-views';

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
      const { total } = await deps.failed.search(filter, { limit: 1 });
      const id = randomUUID();
      const { ids, ...shown } = toFilterView(filter);
      const detail = { replay: id, filter: Array.isArray(ids) ? { ...shown, ids: ids.length } : shown, include_expired: includeExpired, rate };
      const action = { action: 'replay.start', app: filter.app, count: total, detail };
      await deps.audit.audited(actorOf(identity), action, () => deps.replays.start({ filter, includeExpired, rate }, identity.name, id));
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
