import { causesAnswer, causesQuery } from '@reveille/admin-api';
import { toCause } from '@reveille/operations';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';
import { toFilter, type FailedDeps } from './failed-deps';

export function listCauses(deps: FailedDeps): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/failed/causes',
    right: 'viewer',
    summary: 'Failed pushes by cause, most first',
    query: causesQuery,
    answers: { 200: causesAnswer },
    async run({ query }) {
      const { causes, unreachable } = await deps.failed.causes(await toFilter(deps, query));
      return ok({ causes: causes.map(toCause), unreachable });
    },
  });
}
