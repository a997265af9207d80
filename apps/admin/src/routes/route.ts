import { nothing } from '@reveille/admin-api';
import { TooManyToSearch } from '@reveille/queue';
import type { z } from 'zod';

import type { Identity, Right } from '../auth/identity';
import type { Surroundings } from '../auth/surroundings';
import { badRequest, errorAnswer, WrongInput, type RouteAnswer } from './answers';
import { explainInput } from './explain-input';

/** Who calls a route, and how. */
export interface Caller {
  readonly identity: Identity | undefined;
  readonly surroundings: Surroundings;
  /** Of the cookie by which the caller is known. */
  readonly sessionToken?: string | undefined;
}
export interface KnownCaller extends Caller {
  readonly identity: Identity;
}

/** The parts of a request as they came. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

interface InputSchemas {
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodObject;
}

/** One route of the admin: registered by the rim, described by the OpenAPI document. */
export interface Route extends InputSchemas {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With parameters in braces, as OpenAPI has them. */
  readonly path: string;
  readonly right: Right;
  readonly summary: string;
  /** By status: what it answers when all is well; null: no content. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** Errors that only this route has, beside those that its right and its input may bring. */
  readonly refusals?: readonly number[];
  /** Rejects when Redis does. */
  readonly handle: (raw: RawInput, caller: Caller) => Promise<RouteAnswer>;
}

type Nothing = typeof nothing;
type Parsed<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject> = {
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
};

export interface RouteDefinition<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject, From extends Caller>
  extends Pick<Route, 'method' | 'path' | 'summary' | 'answers' | 'refusals'> {
  readonly right: From extends KnownCaller ? Exclude<Right, 'none'> : 'none';
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly run: (input: Parsed<Params, Query, Body>, caller: From) => Promise<RouteAnswer> | RouteAnswer;
}

/** A route for those who are known. What it gets is parsed: anything else is answered with the field that is wrong. */
export function defineRoute<Params extends z.ZodObject = Nothing, Query extends z.ZodObject = Nothing, Body extends z.ZodObject = Nothing>(
  definition: RouteDefinition<Params, Query, Body, KnownCaller>,
): Route {
  return toRoute(definition, (input, caller) => {
    const { identity } = caller;
    if (!identity) return errorAnswer(401, 'unauthenticated', 'sign in first');
    return definition.run(input, { ...caller, identity });
  });
}

/** A route for everybody. */
export function definePublicRoute<Params extends z.ZodObject = Nothing, Query extends z.ZodObject = Nothing, Body extends z.ZodObject = Nothing>(
  definition: RouteDefinition<Params, Query, Body, Caller>,
): Route {
  return toRoute(definition, definition.run);
}

function toRoute<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject>(
  definition: Omit<RouteDefinition<Params, Query, Body, Caller>, 'right' | 'run'> & { readonly right: Right },
  run: RouteDefinition<Params, Query, Body, Caller>['run'],
): Route {
  const { method, path, right, summary, answers, refusals = [], params = nothing, query = nothing, body = nothing } = definition;
  const schemas: InputSchemas = { params, query, body };
  return {
    ...{ method, path, right, summary, answers, refusals },
    ...schemas,
    async handle(raw, caller) {
      const parsed: Record<string, unknown> = {};
      for (const part of ['params', 'query', 'body'] as const) {
        const result = schemas[part].safeParse(raw[part]);
        if (!result.success) return explainInput(result.error.issues);
        parsed[part] = result.data;
      }
      try {
        // Each part was parsed by the schema that the type names, or by `nothing` where there is none.
        return await run(parsed as Parsed<Params, Query, Body>, caller);
      } catch (error) {
        if (error instanceof WrongInput) return badRequest(error.field, error.message);
        if (error instanceof TooManyToSearch) return errorAnswer(400, 'bad_request', error.message);
        throw error;
      }
    },
  };
}
