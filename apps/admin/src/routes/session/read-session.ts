import { sessionAnswer } from '@reveille/admin-api';

import { ok } from '../answers';
import { defineRoute } from '../route';

export const readSession = defineRoute({
  method: 'GET',
  path: '/api/v1/session',
  right: 'viewer',
  summary: 'Who is signed in',
  answers: { 200: sessionAnswer },
  run: (_input, { identity: { name, role, via } }) => ok({ name, role, via }),
});
