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

/** Examines one app as it was given; silent about one that its schema refuses, which is reported anyway. */
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
    const parsed = schema.safeParse(app);
    return parsed.success ? check(parsed.data, baseDirectory) : [];
  };
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
