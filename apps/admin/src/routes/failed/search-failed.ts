import { failedAnswer, searchBody } from '@reveille/admin-api';
import { toPageView } from '@reveille/operations';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';
import { readCursor } from './read-cursor';
import { toFilter, type FailedDeps } from './failed-deps';

export function searchFailed(deps: FailedDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/failed/search',
    right: 'viewer',
    summary: 'The same, by pushkey too: it stands in no URL and is hashed at once',
    body: searchBody,
    answers: { 200: failedAnswer },
    async run({ body: { cursor, limit, ...question } }) {
      const filter = await toFilter(deps, question);
      return ok(toPageView(await deps.failed.search(filter, { cursor: readCursor(cursor), limit })));
    },
  });
}
