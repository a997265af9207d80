import { forgottenAnswer, rejectionQuery } from '@reveille/admin-api';

import { ok } from '../answers';
import { actorOf } from '../apps/app-deps';
import { defineRoute, type Route } from '../route';
import type { RejectionDeps } from './rejection-deps';

export function forgetRejection({ memory, directory, audit }: RejectionDeps): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/api/v1/rejections',
    right: 'operator',
    summary: 'Forget that a pushkey is dead: homeservers are told no more, and the provider judges it anew',
    query: rejectionQuery,
    answers: { 200: forgottenAnswer },
    async run({ query: { app, pushkey_hash } }, { identity }) {
      const key = directory.mustFind(app);
      const action = { action: 'rejection.forget', app: key, count: 1, detail: { pushkey_hash } };
      return ok({ forgotten: await audit.audited(actorOf(identity), action, () => memory.forget(key, pushkey_hash)) });
    },
  });
}
