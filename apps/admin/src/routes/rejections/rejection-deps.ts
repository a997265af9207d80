import type { Audit } from '@reveille/queue';
import type { RejectionMemory } from '@reveille/rejections';
import type { KeyedHash } from '@reveille/relay';

import type { AppDirectory } from '../../app-directory';

export interface RejectionDeps {
  readonly memory: Pick<RejectionMemory, 'recall' | 'forget'>;
  readonly directory: AppDirectory;
  readonly audit: Pick<Audit, 'audited'>;
  /** Throws while its key is not loaded. */
  readonly hash: () => KeyedHash;
}
