import { z } from 'zod';

import { ok } from '../answers';
import { defineRoute, type Route } from '../route';

/** @param document made of the routes, this one included */
export function readOpenapi(document: () => object): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/openapi.json',
    right: 'viewer',
    summary: 'This document',
    answers: { 200: z.looseObject({ openapi: z.string() }) },
    run: () => ok(document()),
  });
}
