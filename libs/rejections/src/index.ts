export { loadHashKey } from './hash-key';
export { keepHashKey, readHashKey, type KeepHashKeyOptions, type WatchedRedis } from './keep-hash-key';
export {
  createRejectionMemory,
  rejectionGuard,
  rejectionLook,
  rejectionSchema,
  type Rejection,
  type RejectionMemory,
  type RejectionMemoryOptions,
} from './rejection-memory';
export { type RedisCommands } from './redis-commands';
export { createStormBreaker, type StormBreaker, type StormBreakerOptions, type Verdict, type VerdictFate } from './storm-breaker';
export { createStormControl, type StormControl, type StormControlOptions } from './storm-control';
export { oneStorm } from './one-storm';
export { stormSchema, type Storm, type StormEvent } from './storm';
export { type SlowLook, type StormSettings } from './storm-settings';
