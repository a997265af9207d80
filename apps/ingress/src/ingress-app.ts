import { requestId, type Logger, type Readiness } from '@reveille/observability';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { NOTIFY_PATH } from './routes/notify';
import { matrixError, respond, type Answer } from './routes/respond';

export interface IngressAppOptions {
  /** As Express takes it: false, true, a number of hops, or addresses. */
  readonly trustProxy: boolean | number | string[];
  readonly readiness: () => Promise<Readiness>;
  readonly logger: Logger;
}

/** Everything of ingress but the notify route itself: discovery, health, and the errors of the Matrix APIs. */
export function createIngressApp({ trustProxy, readiness, logger }: IngressAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  // Paths are what the specification says, letter for letter: no other spelling is told which methods it takes.
  app.enable('strict routing');
  app.enable('case sensitive routing');
  // A path that is nearly right must not look right: homeservers would POST to it and get 404.
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.set('trust proxy', trustProxy);
  app.use(helmet());
  app.use(observe(logger));

  const get = (path: string, route: () => Answer | Promise<Answer>): void => {
    app.get(path, async (_request, response) => send(response, await route()));
    app.all(path, (_request, response) => {
      response.setHeader('allow', path === NOTIFY_PATH ? 'GET, HEAD, POST' : 'GET, HEAD');
      send(response, matrixError(405, 'M_UNRECOGNIZED', 'Method not allowed'));
    });
  };
  // UnifiedPush discovery; operators also look here with a browser.
  get(NOTIFY_PATH, () => ({ status: 200, body: { unifiedpush: { gateway: 'matrix' } } }));
  get('/health', () => ({ status: 200, body: { status: 'alive' } }));
  get('/ready', async () => {
    const { ready, reasons } = await readiness();
    return { status: ready ? 200 : 503, body: { ready, reasons } };
  });

  app.use((_request, response) => send(response, matrixError(404, 'M_UNRECOGNIZED', 'Unrecognized request')));
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    logger.error({ error }, 'route failed');
    send(response, matrixError(500, 'M_UNKNOWN', 'Internal error'));
  });
  return app;
}

/** One line for each request, with its id; probes come every few seconds and are lines for debugging only. */
function observe(logger: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const startedAt = performance.now();
    const id = requestId(request.headers['x-request-id']);
    const level = request.path === '/health' || request.path === '/ready' ? 'debug' : 'info';
    response.setHeader('x-request-id', id);
    response.on('finish', () => {
      const durationMs = Math.round(performance.now() - startedAt);
      // Neither the path nor the address: both are the stranger's words.
      logger[level]({ request_id: id, method: request.method, status: response.statusCode, duration_ms: durationMs }, 'http');
    });
    next();
  };
}

function send(response: Response, answer: Answer): void {
  respond(response, answer, { 'cache-control': 'no-store' });
}
