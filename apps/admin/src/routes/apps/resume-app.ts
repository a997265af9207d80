import { appAnswer, appParams } from '@reveille/admin-api';

import { defineRoute, type Route } from '../route';
import { actorOf, changeApp, type AppControlDeps } from './app-deps';

export function resumeApp(deps: AppControlDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/apps/{app}/resume',
    right: 'operator',
    summary: 'Let an app run now, whatever stopped it: an operator, a refused credential, a quota, an outage',
    params: appParams,
    answers: { 200: appAnswer },
    run: ({ params: { app: name } }, { identity }) =>
      changeApp(deps, name, async (app) => {
        const gate = deps.switches.gate(app);
        const was = (await gate.read())?.state ?? 'running';
        await deps.audit.audited(actorOf(identity), { action: 'app.resume', app, detail: { was } }, () => gate.resume());
      }),
  });
}
