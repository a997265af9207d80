import { requestId, type AdminMetrics, type Logger, type Readiness } from '@reveille/observability';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';

import type { AppOverview } from './app-overview';
import { health } from './routes/health';
import { listApps } from './routes/list-apps';
import { ready } from './routes/ready';
import { errorAnswer, type Route, type RouteAnswer } from './routes/route';

export interface AdminAppOptions {
  readonly readApps: () => Promise<readonly AppOverview[]>;
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: Pick<AdminMetrics, 'requestAnswered'>;
  readonly logger: Logger;
}

/** The admin's HTTP surface: the routes, and around them what every answer has. */
export function createAdminApp({ readApps, readiness, metrics, logger }: AdminAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(helmet());
  app.use(observe(metrics, logger));

  const routes: Readonly<Record<string, Route>> = {
    '/health': health,
    '/ready': ready(readiness),
    '/api/v1/apps': listApps(readApps, (error) => logger.warn({ error }, 'queues could not be read')),
  };
  for (const [path, route] of Object.entries(routes)) {
    app.get(path, async (_request, response) => send(response, await route()));
    app.all(path, (_request, response) => {
      response.setHeader('allow', 'GET, HEAD');
      send(response, errorAnswer(405, 'method_not_allowed', 'only GET'));
    });
  }
  app.use((_request, response) => send(response, errorAnswer(404, 'not_found', 'no such page')));
  app.use(onError(logger));
  return app;
}

function send(response: Response, { status, body }: RouteAnswer): void {
  response.setHeader('cache-control', 'no-store');
  response.status(status).json(body);
}

/** One line and one count for each answer; probes come every few seconds and are lines for debugging only. */
function observe(metrics: AdminAppOptions['metrics'], logger: Logger) {
  return (incoming: Request, response: Response, next: NextFunction): void => {
    const startedAt = performance.now();
    const id = requestId(incoming.headers['x-request-id']);
    const isProbe = incoming.path === '/health' || incoming.path === '/ready';
    response.setHeader('x-request-id', id);
    response.on('finish', () => {
      metrics.requestAnswered(response.statusCode);
      const fields = {
        request_id: id,
        status: response.statusCode,
        duration_ms: Math.round(performance.now() - startedAt),
      };
      logger[isProbe ? 'debug' : 'info'](fields, 'admin');
    });
    next();
  };
}

/** Express knows an error handler by its four parameters. */
function onError(logger: Logger) {
  return (error: unknown, _request: Request, response: Response, next: NextFunction): void => {
    if (isBadRequest(error)) {
      send(response, errorAnswer(400, 'bad_request', 'the path is not valid'));
      return;
    }
    logger.error({ error }, 'admin route failed');
    if (response.headersSent) {
      next(error);
    } else {
      send(response, errorAnswer(500, 'internal', 'something went wrong; the log says what'));
    }
  };
}

/** What Express throws itself for a path that cannot be decoded. */
function isBadRequest(error: unknown): boolean {
  return error instanceof URIError || (error instanceof Error && 'status' in error && error.status === 400);
}
