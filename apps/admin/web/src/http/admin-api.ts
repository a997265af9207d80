import {
  appAnswer,
  appsAnswer,
  auditAnswer,
  causesAnswer,
  explainAnswer,
  type explainBody,
  failedAnswer,
  forgottenAnswer,
  historyAnswer,
  loginAnswer,
  nothing,
  previewAnswer,
  rejectionAnswer,
  type ReplayInput,
  replaysAnswer,
  replaySchema,
  sessionAnswer,
  shownAnswer,
  startedAnswer,
  stormsAnswer,
  systemAnswer,
  verdictsAnswer,
} from '@reveille/admin-api';
import type { z } from 'zod';

import { toQuery, type FailedFilter } from '../failed/failed-filter';
import type { Result } from './problem';
import { request, type Fetch, type Question } from './request';

export type ReplayRequest = Pick<ReplayInput, 'filter' | 'all' | 'include_expired' | 'rate'>;
export type ReplayAction = 'pause' | 'resume' | 'cancel';
export type StormAction = 'release' | 'discard';

/** Every question that the page asks. Answers are checked; problems are values. */
export type AdminApi = ReturnType<typeof createAdminApi>;

const part = encodeURIComponent;

/** `onUnauthenticated` is told whenever an answer says that nobody is logged in (any more). */
export function createAdminApi(fetch: Fetch, onUnauthenticated: () => void) {
  const ask = async <Schema extends z.ZodType>(question: Question<Schema>): Promise<Result<z.output<Schema>>> => {
    const result = await request(fetch, question);
    if (!result.ok && result.problem.kind === 'refused' && result.problem.status === 401) onUnauthenticated();
    return result;
  };
  const post = <Schema extends z.ZodType>(path: string, body: object, answer: Schema) => ask({ method: 'POST', path, body, answer });
  const onApp = (app: string, action: string, body: object) => post(`apps/${part(app)}/${action}`, body, appAnswer);

  return {
    session: () => request(fetch, { path: 'session', answer: sessionAnswer }),
    // Not through `ask`: a wrong password is no session that ended.
    login: (name: string, password: string) =>
      request(fetch, { method: 'POST', path: 'login', body: { name, password }, answer: loginAnswer }),
    logout: () => request(fetch, { method: 'POST', path: 'logout', body: {}, answer: nothing }),

    apps: () => ask({ path: 'apps', answer: appsAnswer }),
    history: (app: string, hours: number) => ask({ path: `apps/${part(app)}/history`, query: { hours }, answer: historyAnswer }),
    system: () => ask({ path: 'system', answer: systemAnswer }),
    pauseApp: (app: string, reason: string) => onApp(app, 'pause', reason ? { reason } : {}),
    resumeApp: (app: string) => onApp(app, 'resume', {}),
    drainApp: (app: string, on: boolean) => onApp(app, 'drain', { on }),
    limitApp: (app: string, limit: number | null) => onApp(app, 'concurrency', { limit }),

    failed: (filter: FailedFilter, cursor?: string) => ask({ path: 'failed', query: { ...toQuery(filter), cursor }, answer: failedAnswer }),
    causes: (filter: FailedFilter) => ask({ path: 'failed/causes', query: toQuery(filter), answer: causesAnswer }),
    showFailed: (app: string, id: string) => ask({ path: `failed/${part(id)}`, query: { app }, answer: shownAnswer }),

    preview: (replay: ReplayRequest) => post('replays', { ...replay, preview: true }, previewAnswer),
    startReplay: (replay: ReplayRequest) => post('replays', { ...replay, preview: false }, startedAnswer),
    replays: () => ask({ path: 'replays', answer: replaysAnswer }),
    replay: (id: string) => ask({ path: `replays/${part(id)}`, answer: replaySchema }),
    changeReplay: (id: string, action: ReplayAction) => post(`replays/${part(id)}/${action}`, {}, replaySchema),

    lookUp: (app: string, pushkey: string) => post('rejections/lookup', { app, pushkey }, rejectionAnswer),
    forget: (app: string, pushkeyHash: string) =>
      ask({ method: 'DELETE', path: 'rejections', query: { app, pushkey_hash: pushkeyHash }, answer: forgottenAnswer }),
    storms: () => ask({ path: 'storms', answer: stormsAnswer }),
    endStorm: (app: string, action: StormAction) => post(`storms/${part(app)}/${action}`, {}, verdictsAnswer),

    explain: (question: z.input<typeof explainBody>) => post('explain', question, explainAnswer),
    audit: (cursor?: string) => ask({ path: 'audit', query: { cursor }, answer: auditAnswer }),
  };
}
