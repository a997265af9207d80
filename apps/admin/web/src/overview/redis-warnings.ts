import type { SystemView } from '@reveille/admin-api';

/** From here on there is not much time left to act. Share of `maxmemory`. */
const NEARLY_FULL = 0.85;

/** What is wrong with Redis for a queue that must lose nothing, and what to do; empty: nothing. */
export function redisWarnings({ reachable, eviction_policy, persistence, used_memory_bytes, max_memory_bytes }: SystemView['redis']): string[] {
  if (!reachable) return ['Nothing is accepted nor sent until Redis is back; homeservers keep their pushes and try again.'];
  const warnings: string[] = [];
  if (eviction_policy !== null && eviction_policy !== 'noeviction') {
    warnings.push(`Redis may drop pushes when it is full: set maxmemory-policy to noeviction (it is ${eviction_policy}).`);
  }
  if (persistence.aof === false) warnings.push('Accepted pushes are lost when Redis restarts: set appendonly yes.');
  if (used_memory_bytes !== null && max_memory_bytes && used_memory_bytes > NEARLY_FULL * max_memory_bytes) {
    warnings.push('Redis is nearly full: soon nothing new is accepted. Give it more memory, or look at what waits and at the failed pushes.');
  }
  return warnings;
}
