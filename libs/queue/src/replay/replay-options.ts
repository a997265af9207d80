import type { RedisClient } from '../connect-redis';
import type { DispatchCodec } from '../dispatch-codec';
import type { FailedPushes } from '../failed/failed-types';
import type { MaxAges } from './candidates';
import type { RejectionLook } from './replay-scripts';

/** Of an app's settings. */
export interface ReplayLimits {
  readonly maxAgeMs: MaxAges;
  /** Of one of its queues. */
  readonly queueLimit: { readonly count: number };
}

export interface ReplaysOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly failed: Pick<FailedPushes, 'count' | 'oldestFirst' | 'causes'>;
  /** Keys of the apps that are looked at, those that were removed lately included. */
  readonly apps: () => Promise<readonly string[]>;
  /** Undefined: the app is not in the configuration; nobody would send its pushes. */
  readonly limits: (appKey: string) => ReplayLimits | undefined;
  /** Must know the keys with which the jobs are sealed, or those past their deadline cannot be renewed. */
  readonly codec: DispatchCodec;
  readonly look: RejectionLook;
  /** `dedupe.window`, in milliseconds. */
  readonly duplicateWindowMs: number;
}
