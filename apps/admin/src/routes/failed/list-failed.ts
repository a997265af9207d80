import { failedAnswer, failedQuery } from '@reveille/admin-api';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';
import type { FailedDeps } from './failed-deps';
import { searchPage } from './search-page';

export function listFailed(deps: FailedDeps): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/failed',
    right: 'viewer',
    summary: 'Failed pushes, newest failure first',
    query: failedQuery,
    answers: { 200: failedAnswer },
    run: async ({ query }) => ok(await searchPage(deps, query)),
  });
}
