import { z } from 'zod';

import { ok } from '../answers';
import { definePublicRoute } from '../route';

/** Alive, whatever else is wrong. */
export const readHealth = definePublicRoute({
  method: 'GET',
  path: '/health',
  right: 'none',
  summary: 'Whether the process is alive',
  // A load balancer may add whatever it likes.
  query: z.looseObject({}),
  answers: { 200: z.object({ status: z.literal('ok') }) },
  run: () => ok({ status: 'ok' }),
});
