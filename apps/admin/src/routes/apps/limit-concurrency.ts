import { appAnswer, appParams, concurrencyBody } from '@reveille/admin-api';

import { defineRoute, type Route } from '../route';
import { actorOf, changeApp, type AppControlDeps } from './app-deps';

export function limitConcurrency(deps: AppControlDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/apps/{app}/concurrency',
    right: 'operator',
    summary: 'How many pushes of an app are sent at once, for now; null: as configured',
    params: appParams,
    body: concurrencyBody,
    answers: { 200: appAnswer },
    run: ({ params: { app: name }, body: { limit } }, { identity }) =>
      changeApp(deps, name, (app) =>
        deps.audit.audited(actorOf(identity), { action: 'app.concurrency', app, detail: { limit } }, () =>
          deps.switches.setConcurrency(app, limit ?? undefined),
        ),
      ),
  });
}
