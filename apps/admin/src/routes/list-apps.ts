import type { AppOverview } from '../app-overview';
import { errorAnswer, type Route } from './route';

/** `GET /api/v1/apps`: every configured app with its state and counts; 503 while Redis is away. */
export const listApps =
  (readApps: () => Promise<readonly AppOverview[]>, onFailure: (error: unknown) => void): Route =>
  async () => {
    try {
      return { status: 200, body: { apps: await readApps() } };
    } catch (error) {
      onFailure(error);
      return errorAnswer(503, 'redis_unavailable', 'the queues cannot be read: Redis is not reachable');
    }
  };
