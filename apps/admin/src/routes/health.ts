import type { Route } from './route';

/** `GET /health`: alive, whatever else is wrong. */
export const health: Route = () => Promise.resolve({ status: 200, body: { status: 'ok' } });
