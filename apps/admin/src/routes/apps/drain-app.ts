import { appAnswer, appParams, drainBody } from '@reveille/admin-api';

import { defineRoute, type Route } from '../route';
import { actorOf, changeApp, type AppControlDeps } from './app-deps';

export function drainApp(deps: AppControlDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/apps/{app}/drain',
    right: 'operator',
    summary: 'Accept nothing new for an app, so that its queue runs empty; or accept again',
    params: appParams,
    body: drainBody,
    answers: { 200: appAnswer },
    run: ({ params: { app: name }, body: { on } }, { identity }) =>
      changeApp(deps, name, (app) =>
        deps.audit.audited(actorOf(identity), { action: 'app.drain', app, detail: { on } }, () => deps.switches.setDraining(app, on)),
      ),
  });
}
