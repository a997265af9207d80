import { appParams, verdictsAnswer } from '@reveille/admin-api';
import type { Audit } from '@reveille/queue';
import type { StormControl } from '@reveille/rejections';

import type { AppDirectory } from '../../app-directory';
import { noSuchApp, ok } from '../answers';
import { actorOf } from '../apps/app-deps';
import { defineRoute, type Route } from '../route';

export interface StormDeps {
  readonly directory: AppDirectory;
  readonly audit: Pick<Audit, 'audited'>;
  readonly storms: StormControl;
}

const SUMMARIES = {
  release: 'The held rejections are true: tell them',
  discard: 'The held rejections were a mistake: forget them',
};

export function endStorm({ directory, audit, storms }: StormDeps, how: 'release' | 'discard'): Route {
  return defineRoute({
    method: 'POST',
    path: `/api/v1/storms/{app}/${how}`,
    right: 'operator',
    summary: SUMMARIES[how],
    params: appParams,
    answers: { 200: verdictsAnswer },
    async run({ params: { app: name } }, { identity }) {
      const app = directory.find(name);
      if (app === undefined) return noSuchApp();
      const count = (await storms.readStorm(app))?.held ?? 0;
      const verdicts = await audit.audited(actorOf(identity), { action: `storm.${how}`, app, count }, () => storms[how](app));
      return ok({ app, verdicts });
    },
  });
}
