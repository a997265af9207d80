import { failedAnswer, searchBody } from '@reveille/admin-api';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';
import type { FailedDeps } from './failed-deps';
import { searchPage } from './search-page';

export function searchFailed(deps: FailedDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/failed/search',
    right: 'viewer',
    summary: 'The same, by pushkey too: it stands in no URL and is hashed at once',
    body: searchBody,
    answers: { 200: failedAnswer },
    run: async ({ body }) => ok(await searchPage(deps, body)),
  });
}
