import type { AuditEntryView } from '@reveille/admin-api';
import type { AuditEntry } from '@reveille/queue';

import { toIso } from './moments';

export function toAuditEntryView({ id, at, actor, role, via, action, app, count, detail }: AuditEntry): AuditEntryView {
  return { id, at: toIso(at), actor, role, via, action, app: app ?? null, count: count ?? null, detail: detail ?? {} };
}
