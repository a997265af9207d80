import { appParams, historyAnswer, historyQuery, type Minute } from '@reveille/admin-api';

import type { AppDirectory } from '../../app-directory';
import { noSuchApp, ok } from '../answers';
import { defineRoute, type Route } from '../route';

export interface HistoryDeps {
  readonly directory: AppDirectory;
  readonly readMinutes: (appKey: string, hours: number) => Promise<readonly Minute[]>;
}

export function readHistory({ directory, readMinutes }: HistoryDeps): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/apps/{app}/history',
    right: 'viewer',
    summary: 'What became of the pushes of an app, minute by minute',
    params: appParams,
    query: historyQuery,
    answers: { 200: historyAnswer },
    async run({ params: { app }, query: { hours } }) {
      const appKey = directory.find(app);
      if (appKey === undefined) return noSuchApp();
      return ok({ minutes: await readMinutes(appKey, hours) });
    },
  });
}
