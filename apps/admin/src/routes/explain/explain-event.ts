import { explainAnswer, explainBody } from '@reveille/admin-api';
import { toExplanationView } from '@reveille/operations';
import type { Explain } from '@reveille/queue';
import type { KeyedHash } from '@reveille/relay';

import type { AppDirectory } from '../../app-directory';
import { ok } from '../answers';
import { defineRoute, type Route } from '../route';

export interface ExplainDeps {
  readonly explain: Explain;
  readonly directory: AppDirectory;
  /** Throws while its key is not loaded. */
  readonly hash: () => KeyedHash;
}

export function explainEvent({ explain, directory, hash }: ExplainDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/explain',
    right: 'viewer',
    summary: 'Why did this device not get its push?',
    body: explainBody,
    answers: { 200: explainAnswer },
    async run({ body: { app, event_id, pushkey } }) {
      const appKey = directory.mustFind(app);
      const deviceHash = pushkey === undefined ? undefined : hash().device(directory.mustBeAppId(app).appId, pushkey);
      return ok(toExplanationView(await explain({ appKey, eventHash: hash().event(event_id), deviceHash })));
    },
  });
}
