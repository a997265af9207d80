import type { RejectionView } from '@reveille/admin-api';
import type { Audit } from '@reveille/queue';
import type { Rejection, RejectionMemory } from '@reveille/rejections';
import type { KeyedHash } from '@reveille/relay';

import type { AppDirectory } from '../../app-directory';
import { toIso } from '../../apps-overview';

export interface RejectionDeps {
  readonly memory: Pick<RejectionMemory, 'recall' | 'forget'>;
  readonly directory: AppDirectory;
  readonly audit: Pick<Audit, 'audited'>;
  /** Throws while its key is not loaded. */
  readonly hash: () => KeyedHash;
}

export function toRejectionView(app: string, deviceHash: string, rejection: Rejection | undefined): RejectionView {
  const isoOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : toIso(ms));
  return {
    known: rejection !== undefined,
    app,
    pushkey_hash: deviceHash,
    since: isoOrNull(rejection?.diedAt),
    reason: rejection?.reason ?? null,
    told: rejection?.told ?? 0,
    first_told: isoOrNull(rejection?.firstTold),
    last_told: isoOrNull(rejection?.lastTold),
  };
}
