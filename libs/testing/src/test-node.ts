import type { RunningRedis } from '@reveille/embedded-redis';
import { Redis } from 'ioredis';

/** One process of a Cluster or Sentinel set-up; it keeps its port and its files over a restart. */
export interface TestNode {
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly url: string;
  /** As a crash: SIGKILL. */
  kill(): Promise<void>;
  /** As a hang: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Starts it again after `kill()`, in the same place. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** One command over a connection of its own; rejects within 2 s when nobody answers. */
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
}

const COMMAND_TIMEOUT_MS = 2000;

/** A node around a running process and the way to start it again on a port. */
export function testNode(running: RunningRedis, start: (port: number) => Promise<RunningRedis>): TestNode {
  let current = running;
  const { port, url } = running;
  return {
    port,
    address: `127.0.0.1:${port}`,
    url,
    kill: () => current.kill(),
    pause: () => current.pause(),
    resume: () => current.resume(),
    async restart() {
      await current.exited;
      current = await start(port);
    },
    stop: () => current.stop(),
    call: (command, ...args) => callOnce(url, command, args),
  };
}

async function callOnce(url: string, command: string, args: readonly (string | number)[]): Promise<unknown> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, commandTimeout: COMMAND_TIMEOUT_MS });
  redis.on('error', () => undefined);
  try {
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}

/** One field of an INFO-like answer. */
export function infoField(info: unknown, field: string): string | undefined {
  return new RegExp(`^${field}:(\\S*)`, 'm').exec(String(info))?.[1];
}
