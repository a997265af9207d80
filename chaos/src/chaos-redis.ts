import type { RedisClient } from '@reveille/queue';

/** The Redis of one scenario, whatever its set-up, as the stage needs it. */
export interface ChaosRedis {
  /** The `redis` section of the relay's configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Looks behind the relay's back; commands wait while Redis is away. */
  readonly client: RedisClient;
  stop(): Promise<void>;
}
