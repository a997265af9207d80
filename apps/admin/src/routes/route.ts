/** What a route answers; only the rim knows the web framework. */
export interface RouteAnswer {
  readonly status: number;
  readonly body: object;
}

/** A GET route without parameters. */
export type Route = () => Promise<RouteAnswer>;

/** The body of every error of the API. */
export function errorAnswer(status: number, code: string, message: string): RouteAnswer {
  return { status, body: { error: { code, message } } };
}
