import type { SystemView } from '@reveille/admin-api';
import { useId } from 'preact/hooks';

import { formatBytes, formatShare } from '../format/numbers';
import { Badge } from '../parts/badge';
import { Facts, type Fact } from '../parts/facts';
import { Moment } from '../parts/moment';
import { redisWarnings } from './redis-warnings';

type Redis = SystemView['redis'];

/** Whether Redis keeps what it is given, and how full it is. */
export function RedisHealth({ redis }: { readonly redis: Redis }) {
  const id = useId();
  const warnings = redisWarnings(redis);
  return (
    <article aria-labelledby={id}>
      <header>
        <h3 id={id}>
          Redis <Badge tone={redis.reachable ? 'good' : 'bad'}>{redis.reachable ? 'reachable' : 'not reachable'}</Badge>
        </h3>
      </header>
      {warnings.map((warning) => (
        <p key={warning} class="note problem">
          {warning}
        </p>
      ))}
      <Facts facts={factsOf(redis)} />
    </article>
  );
}

function factsOf({ version, role, eviction_policy, persistence, ...memory }: Redis): Fact[] {
  const { aof, aof_fsync, last_save_at } = persistence;
  return [
    ['version', version ?? 'unknown'],
    ['role', role ?? 'unknown'],
    ['memory', describeMemory(memory)],
    ['when full', eviction_policy ?? 'unknown'],
    ['append-only file', aof === null ? 'unknown' : aof ? `on, fsync ${aof_fsync ?? 'unknown'}` : 'off'],
    ['last snapshot', <Moment at={last_save_at} none="none" />],
  ];
}

function describeMemory({ used_memory_bytes: used, max_memory_bytes: most }: Pick<Redis, 'used_memory_bytes' | 'max_memory_bytes'>): string {
  if (used === null) return 'unknown';
  if (!most) return `${formatBytes(used)}, no limit`;
  return `${formatBytes(used)} of ${formatBytes(most)} (${formatShare(used / most)})`;
}
