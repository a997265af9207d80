import { appsAnswer, type AppView } from '@reveille/admin-api';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';

export function listApps(readApps: () => Promise<readonly AppView[]>): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/apps',
    right: 'viewer',
    summary: 'Every app with its state, counts and rates',
    answers: { 200: appsAnswer },
    run: async () => ok({ apps: await readApps() }),
  });
}
