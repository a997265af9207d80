export { findRedisServer } from './find-redis-server';
export type { FindRedisServerOptions, FindRedisServerResult } from './find-redis-server';
export { freePort } from './free-port';
export type { RedisServer } from './probe-server';
export type { Persistence } from './redis-configuration';
export { RunningRedis } from './running-redis';
export type { RedisExit } from './running-redis';
export { startRedis } from './start-redis';
export type { StartRedisOptions } from './start-redis';
