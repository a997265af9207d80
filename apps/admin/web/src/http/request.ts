import { errorSchema } from '@reveille/admin-api';
import type { z } from 'zod';

import type { Problem, Result } from './problem';

/** The admin itself answers within 10 s or not at all. Milliseconds. */
const TIMEOUT_MS = 12_000;

export type QueryValue = string | number | boolean | undefined;

export interface Question<Schema extends z.ZodType> {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1/`, each part already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: object;
  /** What the answer must be. */
  readonly answer: Schema;
}

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Asks the API one question and checks the answer against its schema. Never rejects, whatever happens on the way.
 */
export async function request<Schema extends z.ZodType>(
  fetch: Fetch,
  question: Question<Schema>,
): Promise<Result<z.output<Schema>>> {
  try {
    const response = await fetch(urlOf(question), initOf(question));
    return await read(response, question.answer);
  } catch {
    return { ok: false, problem: { kind: 'unreachable' } };
  }
}

// Relative, so that the page also works below a path of a proxy.
function urlOf({ path, query = {} }: Question<z.ZodType>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return `api/v1/${path}${text && `?${text}`}`;
}

function initOf({ method = 'GET', body }: Question<z.ZodType>): RequestInit {
  return {
    method,
    cache: 'no-store',
    credentials: 'same-origin',
    redirect: 'error',
    referrerPolicy: 'same-origin',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  };
}

async function read<Schema extends z.ZodType>(response: Response, answer: Schema): Promise<Result<z.output<Schema>>> {
  const text = await response.text();
  const body = response.status === 204 ? {} : parseJson(text);
  if (!response.ok) return { ok: false, problem: toProblem(response, body) };
  const parsed = answer.safeParse(body);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, problem: { kind: 'unexpected', status: response.status } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toProblem({ status, headers }: Response, body: unknown): Problem {
  const parsed = errorSchema.safeParse(body);
  if (!parsed.success) return { kind: 'unexpected', status };
  const { code, message, field } = parsed.data.error;
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN);
  return {
    kind: 'refused',
    status,
    code,
    message,
    ...(field !== undefined && { field }),
    ...(Number.isFinite(retryAfter) && { retryAfterSeconds: retryAfter }),
  };
}
