import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { connectWorker, createAppQueue } from '@reveille/queue';
import type { AppQueue, RedisClient } from '@reveille/queue';
import { startTestRedis, temporaryDirectory } from '@reveille/testing';
import type { RunningRedis } from '@reveille/testing';

import { runCommandLine } from './command-line';
import { testTerminal, type TestTerminal } from './test-terminal';

/** The apps of the tests' configuration. */
export const IOS = 'com.example.ios';
export const GLOB = 'com.example.beta.*';
/** Of the tests' Redis; nobody may see it. */
export const PASSWORD = 'nobody-may-see-this:@';

/** Of the hashes, where a test configures one. */
export const HASH_KEY = 'a key for hashes';
export const PUSHKEY = 'pushkey-that-nobody-may-see';

export interface CommandResult {
  readonly exitCode: number;
  readonly printed: string;
  readonly complained: string;
}

/** A real Redis with a password, a configuration that names it, and the command line in this process. */
export interface CommandBench {
  readonly server: RunningRedis;
  readonly redis: RedisClient;
  readonly terminal: TestTerminal;
  /** Where the configuration is. */
  readonly directory: string;
  /** Replaces sections of the configuration, until `reset`. */
  configure(settings: Readonly<Record<string, unknown>>): void;
  run(...args: readonly string[]): Promise<CommandResult>;
  withQueue(appKey: string, work: (queue: AppQueue) => Promise<void>): Promise<void>;
  /** Empties Redis and restores the configuration. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** One for a test file: reset and with these settings before each test, closed after the last. */
export function useCommandBench(settings: Readonly<Record<string, unknown>> = {}): CommandBench {
  let started: CommandBench | undefined;
  const bench = (): CommandBench => {
    if (!started) throw new Error('the bench is there when the first test begins');
    return started;
  };
  beforeAll(async () => {
    started = await startCommandBench();
  });
  beforeEach(async () => {
    await bench().reset();
    bench().configure(settings);
  });
  afterAll(() => bench().close());
  return {
    get server() {
      return bench().server;
    },
    get redis() {
      return bench().redis;
    },
    get terminal() {
      return bench().terminal;
    },
    get directory() {
      return bench().directory;
    },
    configure: (changed) => bench().configure(changed),
    run: (...args) => bench().run(...args),
    withQueue: (appKey, work) => bench().withQueue(appKey, work),
    reset: () => bench().reset(),
    close: () => bench().close(),
  };
}

export async function startCommandBench(): Promise<CommandBench> {
  const server = await startTestRedis({ password: PASSWORD });
  const redis = connectWorker({ url: server.url });
  const directory = await temporaryDirectory();
  const terminal = testTerminal();
  const configFile = join(directory.path, 'reveille.yaml');
  const configure = (settings: Readonly<Record<string, unknown>>): void => {
    const apps = { [IOS]: { type: 'apns' }, [GLOB]: { type: 'fcm' } };
    // JSON is YAML.
    writeFileSync(configFile, JSON.stringify({ apps, redis: { url: server.url }, ...settings }), { mode: 0o600 });
  };
  return {
    server,
    redis,
    terminal,
    directory: directory.path,
    configure,
    async run(...args) {
      let printed = '';
      let complained = '';
      const exitCode = await runCommandLine(args, {
        environment: { REVEILLE_CONFIG: configFile },
        cwd: directory.path,
        print: (text) => {
          printed += text;
        },
        complain: (text) => {
          complained += text;
        },
        terminal,
      });
      expect(printed + complained).not.toContain(encodeURIComponent(PASSWORD));
      return { exitCode, printed, complained };
    },
    async withQueue(appKey, work) {
      const queue = createAppQueue({ appKey, prefix: 'reveille', redis, now: Date.now, onError: () => undefined });
      try {
        await work(queue);
      } finally {
        await queue.close();
      }
    },
    async reset() {
      await redis.flushall();
      configure({});
    },
    async close() {
      redis.disconnect();
      await server.stop();
      await directory.remove();
    },
  };
}
