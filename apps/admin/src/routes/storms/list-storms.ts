import { stormsAnswer } from '@reveille/admin-api';
import type { Storm } from '@reveille/rejections';

import { toStormView } from '../../apps-overview';
import { ok } from '../answers';
import { defineRoute, type Route } from '../route';

/** @param readStorms of all apps that can be read and have one */
export function listStorms(readStorms: () => Promise<readonly { readonly app: string; readonly storm: Storm }[]>): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/storms',
    right: 'viewer',
    summary: 'Apps whose rejections are held instead of told',
    answers: { 200: stormsAnswer },
    run: async () => ok({ storms: (await readStorms()).map(({ app, storm }) => ({ app, ...toStormView(storm) })) }),
  });
}
