import type { SystemView } from '@reveille/admin-api';
import { toIso, toIsoOrNull } from '@reveille/operations';
import { readProcesses, readRedisHealth, type ProcessInfo, type RedisClient, type RedisHealth } from '@reveille/queue';

export interface SystemOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
}

/** Redis and the processes of the relay. Never rejects: that Redis does not answer is what it may have to say. */
export async function readSystemView({ redis, prefix }: SystemOptions): Promise<SystemView> {
  const [health, processes] = await Promise.all([readRedisHealth(redis), readProcesses({ redis, prefix }).catch((): ProcessInfo[] => [])]);
  return { redis: toRedis(health), processes: processes.map(toProcess) };
}

function toRedis(health: RedisHealth): SystemView['redis'] {
  return {
    reachable: health.reachable,
    version: health.version,
    role: health.role,
    used_memory_bytes: health.usedMemoryBytes,
    max_memory_bytes: health.maxMemoryBytes,
    eviction_policy: health.evictionPolicy,
    persistence: {
      aof: health.aof,
      aof_fsync: health.aofFsync,
      last_save_at: toIsoOrNull(health.lastSaveAt),
    },
  };
}

function toProcess({ role, id, version, startedAt, seenAt, load }: ProcessInfo): SystemView['processes'][number] {
  const { eventLoopP99Ms, cpu, rssBytes, inFlight } = load;
  return {
    role,
    id,
    version,
    started_at: toIso(startedAt),
    seen_at: toIso(seenAt),
    load: { event_loop_p99_ms: eventLoopP99Ms, cpu, rss_bytes: rssBytes, in_flight: inFlight },
  };
}
