import { z } from 'zod';
import { createAppGate } from './app-gate';
import { CONTROLS } from './controls';
import { WIDEN } from './gate-scripts';
import { appKeyBase } from './keyspace';
import { readKnownQueues, type KnownQueue, type QueuesPlace } from './partitions/known-partitions';

/** What an operator has set for an app, for now. */
export interface AppControls {
  /** Nothing new is accepted (503), so that the queue runs empty. */
  readonly draining: boolean;
  /** Pushes at once in all dispatchers; undefined: as configured. */
  readonly concurrency: number | undefined;
}

const count = z.coerce.number().int().positive().optional();
const controlsSchema = z.object({ draining: z.string().optional(), concurrency: count, 'app-concurrency': count });

/** Rejects when Redis does, like the others here. */
export async function readControls(place: QueuesPlace, appKey: string): Promise<AppControls> {
  const queues = await readKnownQueues(place, appKey, Date.now());
  const each = await Promise.all(queues.map(({ key }) => readQueueControls(place, key)));
  const [first] = each;
  return {
    draining: each.some(({ draining }) => draining),
    // Operators set it for the app: its first queue remembers that.
    concurrency: first?.ofApp ?? first?.concurrency,
  };
}

export async function setDraining(place: QueuesPlace, appKey: string, on: boolean): Promise<void> {
  const queues = await readKnownQueues(place, appKey, Date.now());
  await Promise.all(queues.map(({ key }) => setQueueDraining(place, key, on)));
}

/** @param limit pushes at once in all dispatchers; undefined: as configured. Every queue of the app may send one at least. */
export async function setConcurrency(place: QueuesPlace, appKey: string, limit: number | undefined): Promise<void> {
  const queues = await readKnownQueues(place, appKey, Date.now());
  const key = `${appKeyBase(place.prefix, appKey)}${CONTROLS}`;
  if (limit === undefined || queues.length === 1) await place.redis.hdel(key, APP_CONCURRENCY);
  else await place.redis.hset(key, APP_CONCURRENCY, limit);
  await shareConcurrency(place, queues, limit);
}

/**
 * Gives a queue of an app that may be new what operators have set for the app: it is in the app's first queue, and what
 * they set from now on reaches both. Changes nothing in an app that runs as configured.
 */
export async function passOnControls(place: QueuesPlace, appKey: string): Promise<void> {
  const queues = await readKnownQueues(place, appKey, Date.now());
  const { draining, concurrency, ofApp = concurrency } = await readQueueControls(place, appKey);
  const gate = await createAppGate({ redis: place.redis, base: appKeyBase(place.prefix, appKey), now: Date.now }).read();
  for (const { key } of queues.slice(1)) {
    if (draining) await setQueueDraining(place, key, true);
    if (gate?.state !== 'paused') continue;
    await createAppGate({ redis: place.redis, base: appKeyBase(place.prefix, key), now: Date.now }).pause(gate.reason, gate.by ?? '');
  }
  if (ofApp === undefined || queues.length === 1) return;
  await place.redis.hset(`${appKeyBase(place.prefix, appKey)}${CONTROLS}`, APP_CONCURRENCY, ofApp);
  await shareConcurrency(place, queues, ofApp);
}

/** Field of an app's first queue: what was set for all of its queues together, each of which has its share as `concurrency`. */
const APP_CONCURRENCY = 'app-concurrency';

interface QueueControls extends AppControls {
  readonly ofApp: number | undefined;
}

async function readQueueControls({ redis, prefix }: QueuesPlace, key: string): Promise<QueueControls> {
  const { draining, concurrency, [APP_CONCURRENCY]: ofApp } = controlsSchema.parse(await redis.hgetall(`${appKeyBase(prefix, key)}${CONTROLS}`));
  return { draining: draining !== undefined, concurrency, ofApp };
}

async function setQueueDraining({ redis, prefix }: QueuesPlace, key: string, on: boolean): Promise<void> {
  const controls = `${appKeyBase(prefix, key)}${CONTROLS}`;
  if (on) await redis.hset(controls, 'draining', '1');
  else await redis.hdel(controls, 'draining');
}

/** What is not in use any more empties with one at a time. */
async function shareConcurrency({ redis, prefix }: QueuesPlace, queues: readonly KnownQueue[], limit: number | undefined): Promise<void> {
  const inUse = queues.filter((queue) => queue.isInUse).map(({ key }) => key);
  const shareOf = (all: number, key: string): number => {
    const place = inUse.indexOf(key);
    // What does not divide goes to the first of them.
    return place === -1 ? 1 : Math.max(1, Math.floor(all / inUse.length) + (place < all % inUse.length ? 1 : 0));
  };
  const setOne = async ({ key }: KnownQueue): Promise<void> => {
    const base = appKeyBase(prefix, key);
    if (limit === undefined) await redis.hdel(`${base}${CONTROLS}`, 'concurrency');
    else await redis.hset(`${base}${CONTROLS}`, 'concurrency', shareOf(limit, key));
    await WIDEN.run(redis, base, [Date.now()]);
  };
  await Promise.all(queues.map(setOne));
}
