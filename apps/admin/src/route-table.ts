import type { AppView, SystemView } from '@reveille/admin-api';
import type { Readiness } from '@reveille/observability';
import type { Storm } from '@reveille/rejections';

import type { Sessions } from './auth/sessions';
import { openapiDocument } from './openapi';
import { listAudit } from './routes/audit/list-audit';
import type { AppControlDeps } from './routes/apps/app-deps';
import { drainApp } from './routes/apps/drain-app';
import { limitConcurrency } from './routes/apps/limit-concurrency';
import { listApps } from './routes/apps/list-apps';
import { pauseApp } from './routes/apps/pause-app';
import { readHistory, type HistoryDeps } from './routes/apps/read-history';
import { resumeApp } from './routes/apps/resume-app';
import { explainEvent, type ExplainDeps } from './routes/explain/explain-event';
import type { FailedDeps } from './routes/failed/failed-deps';
import { listCauses } from './routes/failed/list-causes';
import { listFailed } from './routes/failed/list-failed';
import { searchFailed } from './routes/failed/search-failed';
import { showFailed } from './routes/failed/show-failed';
import { readHealth } from './routes/health/read-health';
import { readReadiness } from './routes/health/read-readiness';
import { forgetRejection } from './routes/rejections/forget-rejection';
import { lookUpRejection } from './routes/rejections/look-up-rejection';
import { readRejection } from './routes/rejections/read-rejection';
import type { RejectionDeps } from './routes/rejections/rejection-deps';
import { changeReplay } from './routes/replays/change-replay';
import { listReplays } from './routes/replays/list-replays';
import { readReplay } from './routes/replays/read-replay';
import type { ReplayDeps } from './routes/replays/replay-deps';
import { startReplay } from './routes/replays/start-replay';
import type { Route } from './routes/route';
import { logIn, type LogInDeps } from './routes/session/log-in';
import { logOut } from './routes/session/log-out';
import { readSession } from './routes/session/read-session';
import { endStorm, type StormDeps } from './routes/storms/end-storm';
import { listStorms } from './routes/storms/list-storms';
import { readOpenapi } from './routes/system/read-openapi';
import { readSystem } from './routes/system/read-system';

/** What the routes need, by group. */
export interface RouteDeps {
  readonly version: string;
  readonly readiness: () => Promise<Readiness>;
  readonly session: LogInDeps & { readonly sessions: Sessions };
  readonly apps: AppControlDeps & HistoryDeps & { readonly readApps: () => Promise<readonly AppView[]> };
  readonly readSystem: () => Promise<SystemView>;
  readonly failed: FailedDeps;
  readonly replays: ReplayDeps;
  readonly rejections: RejectionDeps;
  readonly storms: StormDeps & { readonly readStorms: () => Promise<readonly { readonly app: string; readonly storm: Storm }[]> };
  readonly explain: ExplainDeps;
  readonly audit: Parameters<typeof listAudit>[0];
}

/** Every route of the admin: what is not in here is not served, and what is in here is in the OpenAPI document. */
export function createRoutes(deps: RouteDeps): readonly Route[] {
  const routes: Route[] = [
    readHealth,
    readReadiness(deps.readiness),
    logIn(deps.session),
    logOut(deps.session.sessions),
    readSession,
    readOpenapi(() => document),
    listApps(deps.apps.readApps),
    readHistory(deps.apps),
    pauseApp(deps.apps),
    resumeApp(deps.apps),
    drainApp(deps.apps),
    limitConcurrency(deps.apps),
    readSystem(deps.readSystem),
    listFailed(deps.failed),
    listCauses(deps.failed),
    searchFailed(deps.failed),
    showFailed(deps.failed),
    startReplay(deps.replays),
    listReplays(deps.replays),
    readReplay(deps.replays),
    changeReplay(deps.replays, 'pause'),
    changeReplay(deps.replays, 'resume'),
    changeReplay(deps.replays, 'cancel'),
    readRejection(deps.rejections),
    lookUpRejection(deps.rejections),
    forgetRejection(deps.rejections),
    listStorms(deps.storms.readStorms),
    endStorm(deps.storms, 'release'),
    endStorm(deps.storms, 'discard'),
    explainEvent(deps.explain),
    listAudit(deps.audit),
  ];
  const document = openapiDocument({ routes, version: deps.version });
  return routes;
}
