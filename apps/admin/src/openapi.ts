import { errorSchema } from '@reveille/admin-api';
import { z } from 'zod';

import type { Route } from './routes/route';

type JsonObject = Readonly<Record<string, unknown>>;

export interface OpenapiOptions {
  readonly routes: readonly Route[];
  readonly version: string;
}

/** The API as an OpenAPI 3.1 document, made of the routes themselves. */
export function openapiDocument({ routes, version }: OpenapiOptions): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Reveille admin',
      version,
      description:
        'Queues and failed pushes of the relay, for operators. Pushkeys, tokens and content are in no answer. ' +
        'With a cookie or a trusted header, what changes something must come from the same origin.',
    },
    paths,
    components: {
      schemas: { Error: jsonSchema(errorSchema, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of `admin.tokens`.' },
        session: { type: 'apiKey', in: 'cookie', name: 'reveille_session', description: 'From `POST /api/v1/login`.' },
      },
    },
    security: [{ bearer: [] }, { session: [] }],
  };
}

function operation(route: Route): JsonObject {
  const { method, path, right, summary, params, query, body } = route;
  const parameters = [...parametersOf(params, 'path'), ...parametersOf(query, 'query')];
  return {
    operationId: operationId(method, path),
    summary,
    ...(right === 'none' ? { security: [] } : { description: `For: ${right === 'viewer' ? 'viewers and operators' : 'operators'}.` }),
    ...(parameters.length > 0 && { parameters }),
    ...(hasKeys(body) && {
      requestBody: { required: !body.safeParse({}).success, content: { 'application/json': { schema: jsonSchema(body, 'input') } } },
    }),
    responses: responsesOf(route),
  };
}

/** `GET /api/v1/apps/{app}/history` -> `getAppsHistory`: stable, and different for each route (a test watches it). */
export function operationId(method: string, path: string): string {
  const words = path.replace('/api/v1', '').split(/[^A-Za-z]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parametersOf(schema: z.ZodObject, place: 'path' | 'query'): JsonObject[] {
  return Object.entries(schema.shape).map(([name, value]) => {
    // Zod's own type of a shape's values is its core one; all schemas here are of the classic interface.
    const described = jsonSchema(value as z.ZodType, 'output');
    const { description, ...rest } = described;
    const required = place === 'path' || !(value as z.ZodType).safeParse(undefined).success;
    return { name, in: place, required, schema: rest, ...(typeof description === 'string' && { description }) };
  });
}

function hasKeys(schema: z.ZodObject): boolean {
  return Object.keys(schema.shape).length > 0;
}

const FAILURES: Readonly<Record<number, string>> = {
  400: 'The request is wrong; `field` says where.',
  401: 'Not signed in.',
  403: 'Too little right, or from another site (`foreign_origin`).',
  404: 'There is no such thing: an app of the path that no configuration names, too. (An app of the query or the body is a 400.)',
  409: 'What it is about has another state by now.',
  413: 'The body is larger than 64 KiB.',
  429: 'Too many attempts; `retry-after` says when to try again.',
  500: 'A fault of ours; the log says which.',
  503: 'Redis is not reachable.',
};

function responsesOf(route: Route): JsonObject {
  const answers = Object.entries(route.answers).map(([status, schema]): [string, JsonObject] => [status, answerOf(schema)]);
  const failures = failuresOf(route).map((status): [string, JsonObject] => [
    String(status),
    { description: FAILURES[status], content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
  ]);
  return Object.fromEntries([...failures, ...answers]);
}

function answerOf(schema: z.ZodType | null): JsonObject {
  if (!schema) return { description: 'Done.' };
  return { description: 'All is well.', content: { 'application/json': { schema: jsonSchema(schema, 'output') } } };
}

/** What beside its own answers a route may answer. */
function failuresOf({ path, method, right, params, refusals = [] }: Route): number[] {
  return [
    // Also where nothing is asked for: what nobody asked for is a mistake too.
    ...[400, 413, 500],
    ...(right !== 'none' || path.endsWith('/login') ? [401, 503] : []),
    ...(right === 'operator' || method !== 'GET' ? [403] : []),
    ...(hasKeys(params) ? [404] : []),
    ...(path.endsWith('/login') ? [429] : []),
    ...refusals,
  ];
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const described = Object.entries(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  return Object.fromEntries(described.filter(([key]) => key !== '$schema' && !key.startsWith('~')));
}
