import { lookupBody, rejectionAnswer } from '@reveille/admin-api';
import { toRejectionView } from '@reveille/operations';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';
import type { RejectionDeps } from './rejection-deps';

export function lookUpRejection({ memory, directory, hash }: RejectionDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/rejections/lookup',
    right: 'viewer',
    summary: 'The same by pushkey: it stands in no URL and is hashed at once',
    body: lookupBody,
    answers: { 200: rejectionAnswer },
    async run({ body: { app, pushkey } }) {
      const { key, appId } = directory.mustBeAppId(app);
      const deviceHash = hash().device(appId, pushkey);
      return ok(toRejectionView(key, deviceHash, await memory.recall(key, deviceHash)));
    },
  });
}
