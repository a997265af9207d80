import { z } from 'zod';
import type { RedisClient } from './connect-redis';
import { CONTROLS } from './controls';
import { WIDEN } from './gate-scripts';

/** What an operator has set for an app, for now. */
export interface AppControls {
  /** Nothing new is accepted (503), so that the queue runs empty. */
  readonly draining: boolean;
  /** Pushes at once in all dispatchers; undefined: as configured. */
  readonly concurrency: number | undefined;
}

const controlsSchema = z.object({ draining: z.string().optional(), concurrency: z.coerce.number().int().positive().optional() });

export async function readControls(redis: RedisClient, base: string): Promise<AppControls> {
  const { draining, concurrency } = controlsSchema.parse(await redis.hgetall(`${base}${CONTROLS}`));
  return { draining: draining !== undefined, concurrency };
}

export async function setDraining(redis: RedisClient, base: string, on: boolean): Promise<void> {
  if (on) await redis.hset(`${base}${CONTROLS}`, 'draining', '1');
  else await redis.hdel(`${base}${CONTROLS}`, 'draining');
}

/** @param limit pushes at once in all dispatchers; undefined: as configured */
export async function setConcurrency(redis: RedisClient, base: string, limit: number | undefined): Promise<void> {
  if (limit === undefined) await redis.hdel(`${base}${CONTROLS}`, 'concurrency');
  else await redis.hset(`${base}${CONTROLS}`, 'concurrency', limit);
  await WIDEN.run(redis, base, [Date.now()]);
}
