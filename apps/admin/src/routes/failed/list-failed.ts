import { failedAnswer, failedQuery } from '@reveille/admin-api';
import { toPageView } from '@reveille/operations';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';
import { readCursor } from './read-cursor';
import { toFilter, type FailedDeps } from './failed-deps';

export function listFailed(deps: FailedDeps): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/failed',
    right: 'viewer',
    summary: 'Failed pushes, newest failure first',
    query: failedQuery,
    answers: { 200: failedAnswer },
    async run({ query: { cursor, limit, ...question } }) {
      const filter = await toFilter(deps, question);
      return ok(toPageView(await deps.failed.search(filter, { cursor: readCursor(cursor), limit })));
    },
  });
}
