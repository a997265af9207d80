import { rejectionAnswer, rejectionQuery } from '@reveille/admin-api';
import { toRejectionView } from '@reveille/operations';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';
import type { RejectionDeps } from './rejection-deps';

export function readRejection({ memory, directory }: RejectionDeps): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/rejections',
    right: 'viewer',
    summary: 'Whether a pushkey is known to be dead, by its hash',
    query: rejectionQuery,
    answers: { 200: rejectionAnswer },
    async run({ query: { app, pushkey_hash } }) {
      const key = directory.mustFind(app);
      return ok(toRejectionView(key, pushkey_hash, await memory.recall(key, pushkey_hash)));
    },
  });
}
