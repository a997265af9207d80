import { readdir, readFile } from 'node:fs/promises';

import type { ChaosStage } from '../chaos-stage';
import type { SingleRedis } from '../single-redis';
import type { SupervisedRole } from '../supervised-role';

/** The figures of one moment by name; what could not be read at that moment is absent. */
export interface Sample {
  /** Since the begin of the load, in milliseconds. */
  readonly atMs: number;
  readonly figures: Readonly<Record<string, number>>;
}

const BYTES_PER_MB = 2 ** 20;
const KB_PER_MB = 1024;
const MS_PER_S = 1000;

/** Looks at the processes that live through the whole soak, and at Redis. Never rejects. */
export async function takeSample(stage: ChaosStage<SingleRedis>, atMs: number): Promise<Sample> {
  const survivors = [stage.ingresses[0], stage.dispatchers[0]].filter((role) => role !== undefined);
  const parts = await Promise.all([...survivors.map(lookAtRole), lookAtRedis(stage.redis)]);
  return { atMs, figures: Object.assign({}, ...parts) as Record<string, number> }; // of records of numbers
}

async function lookAtRole(role: SupervisedRole): Promise<Record<string, number>> {
  const { pid } = role;
  const [residentMb, handles, metrics] = await Promise.all([residentMbOf(pid), handlesOf(pid), role.metrics()]);
  const delayOf = (quantile: string): number | undefined => {
    const seconds = new RegExp(`^reveille_nodejs_eventloop_lag_${quantile}_seconds (\\S+)$`, 'm').exec(metrics ?? '')?.[1];
    return seconds === undefined ? undefined : Number(seconds) * MS_PER_S;
  };
  // How many connections homeservers keep open is theirs to say: what else is open must not grow.
  const connections = Number(/^reveille_ingress_connections (\d+)$/m.exec(metrics ?? '')?.[1] ?? 0);
  return present({
    [`${role.role}: resident memory, MB`]: residentMb,
    [`${role.role}: open handles${role.role === 'ingress' ? ' but connections of homeservers' : ''}`]:
      handles === undefined || metrics === undefined ? undefined : handles - connections,
    [`${role.role}: event-loop delay p50, ms`]: delayOf('p50'),
    [`${role.role}: event-loop delay p99, ms`]: delayOf('p99'),
  });
}

async function lookAtRedis({ client }: SingleRedis): Promise<Record<string, number>> {
  // While it is away a command would wait for it.
  if (client.status !== 'ready') return {};
  try {
    const [keys, memory] = await Promise.all([client.dbsize(), client.info('memory')]);
    const bytes = /^used_memory:(\d+)/m.exec(memory)?.[1];
    return present({ 'Redis: keys': keys, 'Redis: memory, MB': bytes === undefined ? undefined : Number(bytes) / BYTES_PER_MB });
  } catch {
    return {}; // it went away in between
  }
}

async function residentMbOf(pid: number): Promise<number | undefined> {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / KB_PER_MB;
  } catch {
    return undefined; // no /proc, or the process is gone
  }
}

async function handlesOf(pid: number): Promise<number | undefined> {
  try {
    return (await readdir(`/proc/${pid}/fd`)).length;
  } catch {
    return undefined;
  }
}

function present(figures: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== undefined));
}
