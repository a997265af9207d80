import { z } from 'zod';

import type { Answer, TestAdmin } from './test-admin.fixture';

const jsonContent = z.object({ 'application/json': z.object({ schema: z.record(z.string(), z.unknown()) }) });
const operation = z.object({
  operationId: z.string(),
  description: z.string().optional(),
  security: z.array(z.unknown()).optional(),
  parameters: z.array(z.object({ name: z.string(), in: z.enum(['path', 'query']), required: z.boolean() })).default([]),
  requestBody: z.object({ content: jsonContent }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content: jsonContent.optional() })),
});
const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.enum(['get', 'post', 'delete']), operation.optional())),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

/** A route as the OpenAPI document has it. */
export interface DocumentedRoute {
  readonly method: string;
  readonly path: string;
  /** With something in the place of its parameters. */
  readonly url: string;
  readonly isPublic: boolean;
  readonly isForOperators: boolean;
  readonly id: string;
  readonly query: readonly string[];
  readonly responses: z.output<typeof operation>['responses'];
}

/** The document that the admin serves, and what checks answers against it. */
export interface ApiDocument {
  readonly routes: readonly DocumentedRoute[];
  /** Fails when an answer is not as the document says. */
  check(method: string, path: string, answer: Answer): void;
}

export async function readApiDocument(admin: TestAdmin): Promise<ApiDocument> {
  const document = documentSchema.parse((await admin.ask('/api/v1/openapi.json')).body);
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, found]) => (found ? [toRoute(method.toUpperCase(), path, found)] : [])),
  );
  const error = document.components.schemas.Error ?? {};
  return {
    routes,
    check(method, path, answer) {
      const route = routes.find((each) => each.method === method && pattern(each.path).test(path.split('?')[0] ?? ''));
      const response = route?.responses[String(answer.status)];
      // What is wrong stands in the difference.
      expect({ method, path, known: Object.keys(route?.responses ?? {}) }).toEqual({
        method,
        path,
        known: expect.arrayContaining([String(answer.status)]) as unknown, // typed any
      });
      const schema = response?.content?.['application/json'].schema;
      if (!schema) return expect(answer.text).toBe('');
      const parsed = z.fromJSONSchema('$ref' in schema ? error : schema).safeParse(answer.body);
      expect({ method, path, issues: parsed.error?.issues ?? [] }).toEqual({ method, path, issues: [] });
    },
  };
}

function toRoute(method: string, path: string, found: z.output<typeof operation>): DocumentedRoute {
  return {
    method,
    path,
    url: path.replace(/\{\w+\}/g, 'x'),
    isPublic: found.security?.length === 0,
    isForOperators: found.description === 'For: operators.',
    id: found.operationId,
    query: found.parameters.filter((each) => each.in === 'query').map(({ name }) => name),
    responses: found.responses,
  };
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\./g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
}
