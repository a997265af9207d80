import { existsSync } from 'node:fs';
import { join } from 'node:path';

import express, { type Router } from 'express';

import { send } from './send';
import { errorAnswer } from './routes/answers';

/** For files that are named after what they hold: a year. Seconds. */
const FOREVER = 'public, max-age=31536000, immutable';
const NAMED_AFTER_CONTENT = /-[A-Z0-9]{8}\.\w+$/;
/** For the others: an hour. */
const FOR_NOW = 'public, max-age=3600';

/**
 * The built web page: `index.html` at `/`, its files below `/assets`. For everybody: it holds no data, and without a login it
 * only asks for one.
 *
 * @param directory where the build has put it
 */
export function createPage(directory: string): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const index = join(directory, 'index.html');
  router.get('/', (_request, response, next) => {
    if (!existsSync(index)) return send(response, errorAnswer(503, 'page_missing', 'the web page is not built (npm run build does it); the API works without it'));
    response.setHeader('cache-control', 'no-cache');
    response.sendFile(index, (error) => error && next(error));
  });
  const assets = express.static(join(directory, 'assets'), {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (response, path) => {
      response.setHeader('cache-control', NAMED_AFTER_CONTENT.test(path) ? FOREVER : FOR_NOW);
    },
  });
  router.use('/assets', assets);
  return router;
}
