import { createBullBoard } from '@bull-board/api';
import type { AppViewRoute } from '@bull-board/api/typings/app';
import { ExpressAdapter } from '@bull-board/express';
import type { AppQueue } from '@reveille/queue';
import express, { type Router } from 'express';

import { errorAnswer } from '../routes/answers';
import type { Caller } from '../routes/route';
import { callerOf, send } from '../send';
import { BoardQueue } from './board-queue';

export interface BoardOptions {
  /** Where it is mounted. */
  readonly path: string;
  readonly queues: readonly AppQueue[];
  /** Asked before each look: a Redis that is away would keep it for ever. */
  readonly isReachable: () => Promise<boolean>;
  /** Somebody tried to change something here. The guard has let them in. */
  readonly onDenied: (caller: Caller | undefined) => void;
}

const LOOKING: readonly string[] = ['GET', 'HEAD'];

/** bull-board, for the raw view of the queues. It can only look: everything else is answered 403 before it hears of it. */
export function createBoard({ path, queues, isReachable, onDenied }: BoardOptions): Router {
  const adapter = new PrivateExpressAdapter();
  adapter.setBasePath(path);
  createBullBoard({
    queues: queues.map((queue) => new BoardQueue(queue)),
    serverAdapter: adapter,
    options: {
      uiConfig: { boardTitle: 'Reveille: jobs', hideRedisDetails: true, showWorkers: false, hideDocsLink: true, showMetrics: false },
      // Once more, where bull-board itself decides: a method that slipped through above meets this.
      handlerHooks: { before: ({ method }) => (method === 'get' ? { allow: true } : { allow: false, status: 403 }) },
    },
  });

  const router = express.Router();
  router.use((request, response, next) => {
    if (LOOKING.includes(request.method)) return next();
    onDenied(callerOf(response));
    send(response, errorAnswer(403, 'forbidden', 'this view only looks; the API and the commands act'));
  });
  router.use('/api', async (_request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    if (await isReachable()) return next();
    send(response, errorAnswer(503, 'redis_unavailable', 'Redis is not reachable'));
  });
  router.use(toRouter(adapter));
  return router;
}

/** The adapter's page links a font from outside: its users' addresses are nobody else's business. */
class PrivateExpressAdapter extends ExpressAdapter {
  override setEntryRoute(entry: AppViewRoute): this {
    const show: express.RequestHandler = (_request, response, next) => {
      const { name, params } = entry.handler({ basePath: this.basePath, uiConfig: this.uiConfig });
      this.app.render(name, params, (error: Error | null, html: string) => {
        if (error) return next(error);
        response.setHeader('cache-control', 'no-store');
        response.type('html').send(html.replace(OUTSIDE_LINKS, ''));
      });
    };
    this.app.get(entry.route, show);
    return this;
  }
}

const OUTSIDE_LINKS = /<link[^>]*href="(?:https?:)?\/\/[^>]*>/g;

/** Typed `any` by the adapter; it is the Express app that it was made with. */
function toRouter(adapter: ExpressAdapter): express.Express {
  return adapter.getRouter() as express.Express;
}
