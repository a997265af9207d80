import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

import { findRedisServer, freePort, startRedis, type Persistence, type RunningRedis } from '@reveille/embedded-redis';
import { connectWorker, type RedisClient } from '@reveille/queue';

import type { ChaosRedis } from './chaos-redis';
import { REDIS_CACHE_DIRECTORY } from './workspace-paths';

/** What a power cut took from the file. */
export interface PowerCut {
  /** Bytes that had been written but, in the worst case, not flushed to the disk. */
  readonly lostBytes: number;
}

/** How often the position in the append-only file is marked, in milliseconds: so exact is a power cut. */
const MARK_EVERY_MS = 20;
/** `appendfsync everysec`: what is older than this is on the disk, unless the disk itself is late. Milliseconds. */
const FLUSHED_AFTER_MS = 1000;
const MARK_KEY = 'chaos:mark';
const NOT_FOUND = -1;

/** The Redis server that the suite uses. @throws Error that says how to get one. */
export async function findChaosRedis() {
  const server = await findRedisServer({ cacheDirectory: REDIS_CACHE_DIRECTORY, allowDownload: true });
  if (!server.ok) throw new Error(server.message);
  return server;
}

/** One server with an append-only file, in one place over all its restarts. */
export class SingleRedis implements ChaosRedis {
  readonly settings: ChaosRedis['settings'];
  readonly client: RedisClient;
  #marks: { readonly text: string; readonly at: number }[] = [];
  readonly #marking: NodeJS.Timeout;

  private constructor(
    private readonly options: Parameters<typeof startRedis>[0] & { readonly directory: string },
    private running: RunningRedis,
  ) {
    this.settings = { url: running.url };
    this.client = connectWorker({ url: running.url });
    this.#marking = setInterval(() => this.#mark(), MARK_EVERY_MS);
  }

  static async start(persistence: Exclude<Persistence, 'none'>, directory: string): Promise<SingleRedis> {
    const server = await findChaosRedis();
    const options = {
      server,
      persistence,
      directory: join(directory, 'redis'),
      port: await freePort(),
      // A rewrite would take the marks out of the file.
      settings: { 'auto-aof-rewrite-percentage': '0', 'aof-use-rdb-preamble': 'no' },
    };
    return new SingleRedis(options, await startRedis(options));
  }

  get pid(): number {
    return this.running.pid;
  }

  /** SIGKILL: what it had written to its file is still there, because the kernel has it. */
  async kill(): Promise<void> {
    await this.running.kill();
  }

  /** SIGTERM: in order. */
  async terminate(): Promise<void> {
    await this.running.stop();
  }

  async startAgain(): Promise<void> {
    this.running = await startRedis(this.options);
  }

  pause(): void {
    this.running.pause();
  }

  resume(): void {
    this.running.resume();
  }

  /**
   * SIGKILL, and the file ends where a machine that loses its power leaves it at worst: one second of writes was with the
   * kernel only. With `always` every answer waited for the disk, so nothing is taken. A model: no disk loses power here.
   */
  async powerCut(): Promise<PowerCut> {
    const cutAt = performance.now() - FLUSHED_AFTER_MS;
    await this.kill();
    if (this.options.persistence === 'always') return { lostBytes: 0 };
    const mark = this.#marks.findLast(({ at }) => at <= cutAt);
    const file = appendOnlyFile(this.options.directory);
    const content = readFileSync(file);
    const position = mark === undefined ? NOT_FOUND : content.lastIndexOf(mark.text);
    if (position === NOT_FOUND) throw new Error('the append-only file has no mark of a second ago');
    // The command before its argument: at its start the file holds only whole commands and transactions.
    const end = content.lastIndexOf('*3\r\n', position);
    truncateSync(file, end);
    return { lostBytes: content.length - end };
  }

  async stop(): Promise<void> {
    clearInterval(this.#marking);
    this.client.disconnect();
    await this.running.kill();
  }

  #mark(): void {
    // One mark at a time: while Redis is away they would pile up and come all at once.
    if (this.client.status !== 'ready') return;
    const at = performance.now();
    const text = `mark-${Math.round(at * 1000)}-`;
    this.client.set(MARK_KEY, text).then(
      () => this.#marks.push({ text, at }),
      () => undefined, // away, or out of memory: no mark this time
    );
  }
}

/** The newest part of the append-only file (Redis 7 keeps it in several). */
function appendOnlyFile(directory: string): string {
  const folder = join(directory, 'appendonlydir');
  const parts = readdirSync(folder).filter((name) => name.endsWith('.incr.aof'));
  const newest = parts.sort().at(-1);
  if (newest === undefined) throw new Error(`no append-only file in ${folder}`);
  return join(folder, newest);
}
