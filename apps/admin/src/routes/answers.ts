import type { ErrorCode } from '@reveille/admin-api';

/** What a route answers; only the rim knows the web framework. */
export interface RouteAnswer {
  readonly status: number;
  /** Absent: no content. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export function ok(body: object): RouteAnswer {
  return { status: 200, body };
}

/** The body of every error of the API. */
export function errorAnswer(status: number, code: ErrorCode, message: string, field?: string): RouteAnswer {
  return { status, body: { error: { code, message, ...(field !== undefined && { field }) } } };
}

export function badRequest(field: string, message: string): RouteAnswer {
  return errorAnswer(400, 'bad_request', `${field} ${message}`, field);
}

/** What was sent is not repeated: it may be in the wrong place. */
export const NO_SUCH_APP = 'is no app of the configuration';

export function noSuchApp(): RouteAnswer {
  return errorAnswer(404, 'not_found', `this ${NO_SUCH_APP}`);
}

/** A part of the request that turned out to be wrong after its form was right. Routes throw it; the rim answers 400. */
export class WrongInput extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
    this.name = 'WrongInput';
  }
}
