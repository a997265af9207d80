import type { z } from 'zod';

import { formatPath } from './config-problem';
import type { PathSegment, PlacedProblem } from './config-problem';
import { valueAt } from './explain-issue';
import { isRecord } from './is-record';
import { HIDDEN, isSecretKey, shorten } from './shorten';

/** What a schema cannot see in an app's settings: a key file that is missing or malformed. Holds no secret. */
export interface AppProblem {
  /** Within the app: `['keyfile']`. */
  readonly path: readonly PathSegment[];
  readonly message: string;
  readonly example?: string;
}

/** Examines one app as it was given; silent about keys that its schema refuses, which are reported anyway. */
export type AppCheck = (app: unknown, baseDirectory: string) => readonly AppProblem[];

/**
 * A check for `loadConfig` from an app's schema and a function that reads the files of valid settings. It runs for each
 * app on its own, so that a mistake in one place hides no unreadable file in another.
 */
export function appCheck<A extends z.ZodType>(
  schema: A,
  check: (app: z.output<A>, baseDirectory: string) => readonly AppProblem[],
): AppCheck {
  return (app, baseDirectory) => {
    const { settings, wrong } = rightPart(schema, app);
    if (settings === undefined) return [];
    return check(settings, baseDirectory).filter(({ path }) => !wrong.has(String(path[0])));
  };
}

/** The settings of an app without its wrong keys: those are reported anyway, and hide nothing that the others name. */
function rightPart<A extends z.ZodType>(
  schema: A,
  app: unknown,
): { readonly settings?: z.output<A>; readonly wrong: ReadonlySet<string> } {
  const wrong = new Set<string>();
  // Again, since a rule about several keys speaks up only when each of them is right. Ends: each turn takes a key away.
  for (;;) {
    const parsed = schema.safeParse(withoutKeys(app, wrong));
    if (parsed.success) return { settings: parsed.data, wrong };
    const more = [...wrongKeys(parsed.error)].filter((key) => !wrong.has(key));
    if (more.length === 0) return { wrong };
    for (const key of more) wrong.add(key);
  }
}

function wrongKeys({ issues }: z.ZodError): ReadonlySet<string> {
  const keys = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : issue.path.slice(0, 1).map(String),
  );
  return new Set(keys);
}

function withoutKeys(app: unknown, keys: ReadonlySet<string>): unknown {
  return isRecord(app) ? Object.fromEntries(Object.entries(app).filter(([key]) => !keys.has(key))) : app;
}

/** The findings of a check about every app. */
export function checkApps(apps: unknown, check: AppCheck, baseDirectory: string): readonly PlacedProblem[] {
  if (!isRecord(apps)) return [];
  return Object.entries(apps).flatMap(([appId, app]) =>
    check(app, baseDirectory).map(({ path: within, message, example }) => {
      const path = ['apps', appId, ...within];
      const secret = within.some((segment) => isSecretKey(String(segment)));
      const found = secret ? HIDDEN : shorten(valueAt(app, within));
      return { path, problem: { path: formatPath(path), found, message, ...(example !== undefined && { example }) } };
    }),
  );
}
