import { requestId, within, type AdminMetrics, type Logger } from '@reveille/observability';
import express, { type Express, type NextFunction, type Request, type Response, type Router } from 'express';
import { z } from 'zod';

import { readSurroundings, type Surroundings, type SurroundingsOptions } from './auth/surroundings';
import type { Guard } from './guard';
import { isUnavailable } from './is-unavailable';
import { errorAnswer, type RouteAnswer } from './routes/answers';
import type { Route } from './routes/route';
import { commonHeaders, setPolicies } from './security-headers';
import { keepCaller, send } from './send';

export interface AdminAppOptions {
  readonly routes: readonly Route[];
  readonly guard: Guard;
  readonly surroundings: SurroundingsOptions;
  /** The raw view of the queues, at `/queues`; behind the guard. */
  readonly board: Router;
  /** The built web page; for everybody, since it holds no data. */
  readonly page: Router;
  readonly metrics: Pick<AdminMetrics, 'requestAnswered'>;
  readonly logger: Logger;
}

/** A body that is larger is none of ours. */
const BODY_LIMIT = '64kb';
/** Longer than the slowest answer takes. Milliseconds. */
const ROUTE_TIMEOUT_MS = 8_000;
const LATE = Symbol('late');
/** Where the raw view of the queues is. */
export const BOARD_PATH = '/queues';

/** The admin's HTTP surface: the routes, and around them what every answer has. Only here the web framework is known. */
export function createAdminApp({ routes, guard, surroundings, board, page, metrics, logger }: AdminAppOptions): Express {
  const app = express();
  const surroundingsOf = readSurroundings(surroundings);
  const parseJson = express.json({ limit: BODY_LIMIT, type: () => true });
  app.disable('x-powered-by');
  app.set('etag', false);
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.use(commonHeaders);
  app.use(observe(metrics, logger));
  app.use((request, response, next) => {
    setPolicies(response, isBoard(request.path) ? 'board' : 'page', surroundingsOf(request).isSecure);
    next();
  });

  for (const route of routes) {
    app[METHODS[route.method]](route.path.replace(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      const admission = await guard(request, surroundingsOf(request), route.right);
      if (!admission.ok) return send(response, admission.answer);
      // Not before somebody was let in: whoever was not sends no body to be read.
      const body = await readBody(parseJson, request, response);
      const { params, query } = request;
      const handled = route.handle({ params, query: withoutEmpty(query), body }, admission.caller);
      const answer = await within(handled, ROUTE_TIMEOUT_MS, LATE);
      send(response, answer === LATE ? unavailable() : answer);
    });
  }
  app.use(BOARD_PATH, guarded(guard, surroundingsOf), board);
  app.use(page);
  app.use(guarded(guard, surroundingsOf), (request, response) => send(response, unknownPath(request.path, routes, response)));
  app.use(onError(logger));
  return app;
}

const METHODS = { GET: 'get', POST: 'post', DELETE: 'delete' } as const;

function isBoard(path: string): boolean {
  return path === BOARD_PATH || path.startsWith(`${BOARD_PATH}/`);
}

/** For what is no route: only whoever is known gets further. The caller is kept for those behind. */
function guarded(guard: Guard, surroundingsOf: (request: Request) => Surroundings) {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const admission = await guard(request, surroundingsOf(request), 'viewer');
    if (!admission.ok) return send(response, admission.answer);
    keepCaller(response, admission.caller);
    next();
  };
}

/** Empty when there is none. Rejects with what Express throws for one that is too long or no JSON. */
async function readBody(parse: ReturnType<typeof express.json>, request: Request, response: Response): Promise<unknown> {
  const failure = await new Promise<unknown>((resolve) => parse(request, response, resolve));
  if (failure instanceof Error) throw failure;
  const body: unknown = request.body;
  return body ?? {};
}

/** A form sends what was left empty too: it asks for nothing. */
function withoutEmpty(query: Request['query']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

function unknownPath(path: string, routes: readonly Route[], response: Response): RouteAnswer {
  const methods = routes.filter((route) => pattern(route.path).test(path)).map(({ method }) => method);
  if (methods.length === 0) return errorAnswer(404, 'not_found', 'there is no such page');
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  response.setHeader('allow', allowed);
  return errorAnswer(405, 'method_not_allowed', `only ${allowed}`);
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\./g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
}

/** One line and one count for each answer; probes come every few seconds and are lines for debugging only. */
function observe(metrics: AdminAppOptions['metrics'], logger: Logger) {
  return (incoming: Request, response: Response, next: NextFunction): void => {
    const startedAt = performance.now();
    const id = requestId(incoming.headers['x-request-id']);
    const isProbe = incoming.path === '/health' || incoming.path === '/ready';
    const { method } = incoming;
    response.setHeader('x-request-id', id);
    response.on('finish', () => {
      metrics.requestAnswered(response.statusCode);
      const duration = Math.round(performance.now() - startedAt);
      const fields = { request_id: id, method, status: response.statusCode, duration_ms: duration };
      // The page asks every two seconds: what only looks is for debugging.
      logger[isProbe || method === 'GET' ? 'debug' : 'info'](fields, 'admin');
    });
    next();
  };
}

/** Express knows an error handler by its four parameters. */
function onError(logger: Logger) {
  return (error: unknown, _request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(error);
    const answer = clientMistake(error);
    if (answer) return send(response, answer);
    if (isUnavailable(error)) {
      logger.warn({ error }, 'Redis could not be used');
      return send(response, unavailable());
    }
    logger.error({ error }, 'admin route failed');
    send(response, errorAnswer(500, 'internal', 'something went wrong; the log says what'));
  };
}

function unavailable(): RouteAnswer {
  return errorAnswer(503, 'redis_unavailable', 'Redis is not reachable, or does not answer in time');
}

/** What Express throws itself: for a path that cannot be decoded, a body that is too long, or no JSON. */
function clientMistake(error: unknown): RouteAnswer | undefined {
  const mistake = mistakeSchema.safeParse(error);
  if (error instanceof URIError || (mistake.success && mistake.data.type === undefined)) {
    return errorAnswer(400, 'bad_request', 'the path is not valid', 'path');
  }
  if (!mistake.success) return undefined;
  if (mistake.data.status === 413) return errorAnswer(413, 'too_large', 'the body may have 64 KiB');
  return errorAnswer(400, 'bad_request', 'body must be JSON', 'body');
}

/** Errors of http-errors: those of body-parser have a type, those of the router none. */
const mistakeSchema = z.object({ status: z.int().min(400).max(499), type: z.string().optional() });
