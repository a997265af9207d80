import type { Response } from 'express';

import type { RouteAnswer } from './routes/answers';
import type { Caller } from './routes/route';

/** A route's answer, as it goes out. */
export function send(response: Response, { status, body, headers = {} }: RouteAnswer): void {
  response.setHeader('cache-control', 'no-store');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.status(status);
  if (body === undefined) response.end();
  else response.json(body);
}

/** Keeps whom the guard has let in, for what is no route of ours. */
export function keepCaller(response: Response, caller: Caller): void {
  callers.set(response, caller);
}

export function callerOf(response: Response): Caller | undefined {
  return callers.get(response);
}

const callers = new WeakMap<Response, Caller>();
