import { sealingKeys } from '@reveille/config';
import { createDispatchCodec } from '@reveille/queue';
import type { DispatchCodec } from '@reveille/queue';

import type { RelayRedis } from './with-relay-redis';

/** Reads and writes jobs as the dispatchers of the same configuration do. */
export function relayCodec({ settings: { privacy } }: RelayRedis): DispatchCodec {
  return createDispatchCodec({ keys: sealingKeys(privacy), requireSealed: privacy.require_sealed });
}
