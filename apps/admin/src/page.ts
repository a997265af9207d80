import { existsSync } from 'node:fs';
import { join } from 'node:path';

import express, { type Router } from 'express';

import { send } from './send';
import { errorAnswer } from './routes/answers';

/** A year, in seconds: the names of these files change with what they hold. */
const ASSETS_MAX_AGE_S = 31_536_000;

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
  router.use(
    '/assets',
    express.static(join(directory, 'assets'), { index: false, redirect: false, immutable: true, maxAge: ASSETS_MAX_AGE_S * 1000, dotfiles: 'ignore' }),
  );
  return router;
}
