import { processName, VERSION, within } from '@reveille/observability';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RedisClient } from '../connect-redis';
import { BEAT, processesKey, type Beat } from './process-registry';
import type { ProcessCredential, ProcessInfo } from './process-types';

export interface HeartbeatOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly role: ProcessInfo['role'];
  /** Requests or pushes under way. */
  readonly inFlight?: () => number;
  readonly credentials?: () => readonly ProcessCredential[];
  /** For tests; default: as this process is called. */
  readonly id?: string;
}

/** Milliseconds. */
const EVERY_MS = 5000;
/** Milliseconds between two looks at the event loop; the delay that is measured contains them. */
const LOOP_RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;
/** At the end nobody waits longer for Redis, in milliseconds. */
const LAST_WORD_MS = 500;

/**
 * Tells all who look at Redis that this process lives, every 5 s, and how it is. Nothing waits for it, and a Redis that is away gets no
 * heartbeats later. Returns how to end it: the process is then forgotten at once.
 */
export function startHeartbeat(options: HeartbeatOptions): () => Promise<void> {
  const { redis, prefix, role, inFlight = () => 0, credentials = () => [], id = processName() } = options;
  const key = processesKey(prefix);
  const field = `${role} ${id}`;
  const startedAt = Date.now() - Math.round(process.uptime() * 1000);
  const readLoad = measureLoad();
  let isBeating = false;

  const beat = async (): Promise<void> => {
    const load = { ...readLoad(), inFlight: inFlight() };
    const said: Beat = { role, id, version: VERSION, startedAt, load, credentials: [...credentials()] };
    await BEAT.run(redis, key, [field, JSON.stringify(said)]);
  };
  const tick = (): void => {
    if (isBeating || redis.status !== 'ready') return;
    isBeating = true;
    beat()
      // That Redis is away is told by its connection.
      .catch(() => undefined)
      .finally(() => (isBeating = false));
  };
  const timer = setInterval(tick, EVERY_MS);
  timer.unref();
  redis.on('ready', tick);
  tick();
  return async () => {
    clearInterval(timer);
    redis.off('ready', tick);
    if (redis.status === 'ready') await within(redis.hdel(key, field).catch(() => 0), LAST_WORD_MS, 0);
  };
}

/** Each call tells what has been since the one before. */
function measureLoad(): () => Omit<ProcessInfo['load'], 'inFlight'> {
  const delays = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delays.enable();
  let since = performance.now();
  let used = process.cpuUsage();
  return () => {
    const now = performance.now();
    const { user, system } = process.cpuUsage(used);
    const cpu = (user + system) / 1000 / Math.max(1, now - since);
    // A histogram without a look yet says NaN or 0.
    const p99 = Math.max(0, delays.percentile(99) / NS_PER_MS - LOOP_RESOLUTION_MS);
    used = process.cpuUsage();
    since = now;
    delays.reset();
    return {
      eventLoopP99Ms: Number.isFinite(p99) ? Math.round(p99 * 10) / 10 : 0,
      cpu: Math.round(cpu * 1000) / 1000,
      rssBytes: process.memoryUsage.rss(),
    };
  };
}
