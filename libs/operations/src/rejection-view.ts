import type { RejectionView } from '@reveille/admin-api';
import type { Rejection } from '@reveille/rejections';

import { toIsoOrNull } from './moments';

/** What is known of a device; undefined: nothing. */
export function toRejectionView(app: string, deviceHash: string, rejection: Rejection | undefined): RejectionView {
  return {
    known: rejection !== undefined,
    app,
    pushkey_hash: deviceHash,
    since: toIsoOrNull(rejection?.diedAt),
    reason: rejection?.reason ?? null,
    told: rejection?.told ?? 0,
    first_told: toIsoOrNull(rejection?.firstTold),
    last_told: toIsoOrNull(rejection?.lastTold),
  };
}
