import { failedParams, shownAnswer, showQuery } from '@reveille/admin-api';
import { toShownView } from '@reveille/operations';

import { errorAnswer, ok } from '../answers';
import { defineRoute, type Route } from '../route';
import { failedApp, type FailedDeps } from './failed-deps';

export function showFailed(deps: FailedDeps): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/failed/{id}',
    right: 'viewer',
    summary: 'One failed push: its attempts, its deadline, and the shape of its payload without its content',
    params: failedParams,
    query: showQuery,
    answers: { 200: shownAnswer },
    async run({ params: { id }, query: { app } }) {
      const push = await deps.failed.show(await failedApp(deps, app), id);
      return push ? ok(toShownView(push)) : errorAnswer(404, 'not_found', 'no push of this id is failed in this app (any more)');
    },
  });
}
