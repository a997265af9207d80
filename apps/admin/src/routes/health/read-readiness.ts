import type { Readiness } from '@reveille/observability';
import { z } from 'zod';

import { definePublicRoute, type Route } from '../route';

const readiness = z.object({ ready: z.boolean(), reasons: z.array(z.string()) });

/** 503 with the reasons while Redis is away or the process drains. */
export function readReadiness(read: () => Promise<Readiness>): Route {
  return definePublicRoute({
    method: 'GET',
    path: '/ready',
    right: 'none',
    summary: 'Whether the process can do its work, and if not, why',
    // A load balancer may add whatever it likes.
    query: z.looseObject({}),
    answers: { 200: readiness, 503: readiness },
    async run() {
      const body = await read();
      return { status: body.ready ? 200 : 503, body };
    },
  });
}
