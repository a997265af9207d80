import { randomBytes } from 'node:crypto';
import { types } from 'node:util';

import { findRedisServer, startRedis } from '@reveille/embedded-redis';
import type { RunningRedis, StartRedisOptions } from '@reveille/embedded-redis';
import type { Logger } from '@reveille/observability';

import { removeEmbeddedAddress, writeEmbeddedAddress } from './embedded-address';
import { restartDelayMs } from './restart-delay';
import type { Supervised } from './supervisor';

export interface SupervisedRedisOptions {
  /** Where the append-only file lives. */
  readonly dataDirectory: string;
  /** Where an unpacked server is kept. */
  readonly cacheDirectory: string;
  readonly logger: Logger;
}

export type RedisStart = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly message: string };

const PASSWORD_BYTES = 24;

/** The embedded Redis: append-only file, back on the same port and with the same data after a crash. */
export class SupervisedRedis implements Supervised {
  readonly name = 'redis';
  private running: RunningRedis | undefined;
  private starting: Promise<unknown> = Promise.resolve();
  private restartTimer: NodeJS.Timeout | undefined;
  private isStopping = false;
  private crashes = 0;
  /** Only what we wrote is ours to remove: another server may use the directory. */
  private hasWrittenAddress = false;
  /** Loopback is open to every user of the host, and what waits here are other people's pushkeys. */
  private readonly password = randomBytes(PASSWORD_BYTES).toString('base64url');

  constructor(private readonly options: SupervisedRedisOptions) {}

  get pid(): number | undefined {
    return this.running?.pid;
  }

  /** Gets a server (unpacking one if there is none) and starts it. Never rejects. */
  start(): Promise<RedisStart> {
    const start = this.findAndStart();
    this.starting = start;
    return start;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.restartTimer);
    await this.starting;
    // While the directory is still ours: the next one to use it writes its own.
    this.removeAddress();
    await this.running?.stop();
  }

  /** Its own watchdog sees our end and lets it write its file first. */
  kill(): void {
    this.isStopping = true;
    this.removeAddress();
  }

  private removeAddress(): void {
    if (this.hasWrittenAddress) removeEmbeddedAddress(this.options.dataDirectory);
    this.hasWrittenAddress = false;
  }

  private async findAndStart(): Promise<RedisStart> {
    const { cacheDirectory, dataDirectory, logger } = this.options;
    const log = (line: string): void => {
      logger.info(line);
    };
    const server = await findRedisServer({ cacheDirectory, allowDownload: true, log });
    if (!server.ok) return server;
    const options = { server, persistence: 'everysec', directory: dataDirectory, password: this.password } as const;
    try {
      const redis = await this.launch(options);
      // Port and password stay the same over restarts after a crash.
      writeEmbeddedAddress(dataDirectory, redis.url);
      this.hasWrittenAddress = true;
      return { ok: true, url: redis.url };
    } catch (error) {
      return { ok: false, message: types.isNativeError(error) ? error.message : String(error) };
    }
  }

  private async launch(options: StartRedisOptions): Promise<RunningRedis> {
    const redis = await startRedis(options);
    this.running = redis;
    void redis.exited.then(({ code, signal }) => {
      if (this.isStopping) return;
      this.options.logger.error({ process: 'redis', exit_code: code, signal }, 'ended unexpectedly: it is started again');
      this.restartLater({ ...options, port: redis.port });
    });
    return redis;
  }

  private restartLater(options: StartRedisOptions): void {
    if (this.isStopping) return;
    this.crashes += 1;
    this.restartTimer = setTimeout(
      () => {
        this.starting = this.launch(options).catch((error: unknown) => {
          this.options.logger.error({ process: 'redis', error }, 'did not start');
          this.restartLater(options);
        });
      },
      restartDelayMs(this.crashes, Math.random()),
    );
  }
}
