import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Environment } from '@reveille/config';
import { connectWorker } from '@reveille/queue';
import { startTestRedis, temporaryDirectory } from '@reveille/testing';
import { z } from 'zod';

import { APP_GLOBS, APP_IDS } from './arbitrary-cases';

export interface Scripts {
  /** The built main of ingress. */
  readonly ingress: string;
  /** The built loop-watch. */
  readonly watch: string;
}

/** What the process says of itself; times in milliseconds since it was asked last, memory in bytes after a collection. */
export type Measured = z.infer<typeof measured>;

export interface IngressUnderTest {
  readonly url: string;
  /** Rejects when it has ended. */
  measure(): Promise<Measured>;
  /** Throws away what waits on Redis: nobody takes it. */
  empty(): Promise<void>;
  /** How it ended by itself, if it did. */
  ended(): string | undefined;
  stop(): Promise<void>;
}

const ready = z.object({ type: z.literal('ready'), urls: z.object({ http: z.string() }) });
const measured = z.object({
  type: z.literal('measured'),
  stallMs: z.number(),
  delayMs: z.number(),
  rss: z.number(),
  heap: z.number(),
});

const START_TIMEOUT_MS = 30_000;
const MEASURE_TIMEOUT_MS = 10_000;
/** Never reached: a 503 would be a fault. */
const QUEUE_LIMIT = 100_000_000;

/** A built ingress process with a real Redis of its own. */
export async function startIngressUnderTest(scripts: Scripts, environment: Environment): Promise<IngressUnderTest> {
  const directory = await temporaryDirectory();
  const redis = await startTestRedis();
  const client = connectWorker({ url: redis.url });
  const config = join(directory.path, 'reveille.yaml');
  const app = { type: 'apns' };
  const apps = Object.fromEntries([...APP_IDS, ...APP_GLOBS].map((key) => [key, app]));
  const hash_key = 'the hash key of the fuzzer';
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ redis: { url: redis.url }, privacy: { hash_key }, queue_limit: { count: QUEUE_LIMIT }, log: { level: 'warn' }, apps }));

  const args = ['--expose-gc', '--require', scripts.watch, scripts.ingress, '--config', config, '--http-port', '0', '--metrics-port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...environment } });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => output.push(text));
  let end: string | undefined;
  const exited = once(child, 'exit').then(([code, signal]: unknown[]) => {
    end = `ended with ${String(code ?? signal)}: ${output.join('').slice(-2000)}`;
  });
  const message = async <T>(schema: z.ZodType<T>, timeoutMs: number): Promise<T> => {
    const told = new Promise<T>((resolve) => {
      const look = (value: unknown): void => {
        const parsed = schema.safeParse(value);
        if (!parsed.success) return;
        child.off('message', look);
        resolve(parsed.data);
      };
      child.on('message', look);
    });
    const late = AbortSignal.timeout(timeoutMs);
    const failed = Promise.race([exited, once(late, 'abort')]).then((): never => {
      throw new Error(end ?? `the process said nothing for ${timeoutMs} ms: ${output.join('').slice(-2000)}`);
    });
    return Promise.race([told, failed]);
  };
  const { urls } = await message(ready, START_TIMEOUT_MS);
  return {
    url: urls.http,
    measure: () => {
      const answer = message(measured, MEASURE_TIMEOUT_MS);
      child.send({ type: 'measure' });
      return answer;
    },
    empty: async () => void (await client.flushall('SYNC')),
    ended: () => end,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      client.disconnect();
      await redis.stop();
      await directory.remove();
    },
  };
}
