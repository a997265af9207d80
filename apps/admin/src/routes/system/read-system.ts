import { systemAnswer, type SystemView } from '@reveille/admin-api';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';

export function readSystem(read: () => Promise<SystemView>): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/system',
    right: 'viewer',
    summary: 'The health of Redis, and the processes of the relay',
    answers: { 200: systemAnswer },
    run: async () => ok(await read()),
  });
}
