import { auditAnswer, type AuditEntryView, auditQuery } from '@reveille/admin-api';
import { auditCursorSchema, type Audit, type AuditEntry } from '@reveille/queue';

import { toIso } from '../../apps-overview';
import { ok, WrongInput } from '../answers';
import { defineRoute, type Route } from '../route';

export function listAudit(audit: Pick<Audit, 'list'>): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/audit',
    right: 'viewer',
    summary: 'Who did what, when, on how many; newest first',
    query: auditQuery,
    answers: { 200: auditAnswer },
    async run({ query }) {
      if (query.cursor !== undefined && !auditCursorSchema.safeParse(query.cursor).success) {
        throw new WrongInput('cursor', 'must be a `next` of the page before');
      }
      const { entries, next } = await audit.list(query);
      return ok({ entries: entries.map(toView), next });
    },
  });
}

function toView({ id, at, actor, role, via, action, app, count, detail }: AuditEntry): AuditEntryView {
  return { id, at: toIso(at), actor, role, via, action, app: app ?? null, count: count ?? null, detail: detail ?? {} };
}
