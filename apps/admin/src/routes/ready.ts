import type { Readiness } from '@reveille/observability';

import type { Route } from './route';

/** `GET /ready`: 503 with the reasons while Redis is away or the process drains. */
export const ready =
  (readiness: () => Promise<Readiness>): Route =>
  async () => {
    const body = await readiness();
    return { status: body.ready ? 200 : 503, body };
  };
