import { auditAnswer, auditQuery } from '@reveille/admin-api';
import { toAuditEntryView } from '@reveille/operations';
import { auditCursorSchema, type Audit } from '@reveille/queue';

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
      return ok({ entries: entries.map(toAuditEntryView), next });
    },
  });
}
