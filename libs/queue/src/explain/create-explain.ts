import type { RedisClient } from '../connect-redis';
import type { DispatchCodec } from '../dispatch-codec';
import type { Explain } from './explain-types';

export interface ExplainOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** Of `settings.explain`: whether, how long (milliseconds) and of how many pushes of an app it is remembered. */
  readonly remembered: { readonly enabled: boolean; readonly keepMs: number; readonly maxPushes: number };
  /** For pushes of which only the failed set still knows. Default: those in the clear only. */
  readonly codec?: DispatchCodec;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createExplain(_options: ExplainOptions): Explain {
  return ({ appKey, eventHash, deviceHash = null }) =>
    Promise.resolve({
      appKey,
      eventHash,
      deviceHash,
      devices: [],
      verdict: 'never arrived, or longer ago than is remembered',
      keptSince: null,
      truncated: false,
    });
}
