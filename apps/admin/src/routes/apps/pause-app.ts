import { appAnswer, appParams, DEFAULT_PAUSE_REASON, pauseBody } from '@reveille/admin-api';

import { defineRoute, type Route } from '../route';
import { actorOf, changeApp, type AppControlDeps } from './app-deps';

export function pauseApp(deps: AppControlDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/apps/{app}/pause',
    right: 'operator',
    summary: 'Let nothing of an app be sent until it is resumed; its pushes wait',
    params: appParams,
    body: pauseBody,
    answers: { 200: appAnswer },
    run: ({ params: { app: name }, body: { reason = DEFAULT_PAUSE_REASON } }, { identity }) =>
      changeApp(deps, name, (app) =>
        deps.audit.audited(actorOf(identity), { action: 'app.pause', app, detail: { reason } }, () =>
          deps.switches.gate(app).pause(reason, identity.name),
        ),
      ),
  });
}
