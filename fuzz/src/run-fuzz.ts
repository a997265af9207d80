import { Agent } from 'node:http';

import type { Environment } from '@reveille/config';
import fc from 'fast-check';

import { anyCase } from './arbitrary-cases';
import { isPastFirstQuarter, seedAt } from './first-quarter';
import { describeCase } from './fuzz-case';
import { startIngressUnderTest, type IngressUnderTest, type Scripts } from './ingress-under-test';
import { judgeReply } from './judge-reply';
import { sendCase, type Reply } from './send-case';

export interface FuzzOptions {
  readonly cases: number;
  readonly seed: number;
  /** Ends after so many milliseconds even if cases are left. */
  readonly maxMs?: number;
  readonly scripts: Scripts;
  readonly environment: Environment;
  readonly progress?: (line: string) => void;
}

export interface Violation {
  /** `--seed` and the place among its cases, by which it can be repeated. */
  readonly seed: number;
  readonly index: number;
  readonly what: string;
  readonly case: string;
}

export interface FuzzReport {
  readonly cases: number;
  readonly seconds: number;
  readonly violations: readonly Violation[];
  /** Replies by what they were: a status, or `raw`. */
  readonly replies: Readonly<Record<string, number>>;
  /** The longest turn of the event loop, in milliseconds: by the clock, and as far as the process was computing. */
  readonly delayMs: number;
  readonly stallMs: number;
  /**
   * Bytes after a collection: resident and on the heap, after the first quarter of the cases or of the time (absent: the run ended before)
   * and at the end.
   */
  readonly quarter?: Memory;
  readonly end: Memory;
}

export interface Memory {
  readonly rss: number;
  readonly heap: number;
}

/** Cases that are made from one seed; after each batch Redis is emptied. */
export const BATCH = 500;
const CONNECTIONS = 16;
/** Before anything is measured: code is compiled, caches are filled. */
const WARM_UP_CASES = 1000;
const MAX_VIOLATIONS = 20;

/** Throws seeded cases at a built ingress over real sockets, and says what it did. Batch n is made from `seed + n`. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const ingress = await startIngressUnderTest(options.scripts, options.environment);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    return await fuzz(ingress, agent, options);
  } finally {
    agent.destroy();
    await ingress.stop();
  }
}

async function fuzz(ingress: IngressUnderTest, agent: Agent, options: FuzzOptions): Promise<FuzzReport> {
  const violations: Violation[] = [];
  const replies: Record<string, number> = {};
  const batch = async (seed: number, size: number): Promise<void> => {
    const cases = fc.sample(anyCase, { seed, numRuns: size });
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let index = next++; index < cases.length && ingress.ended() === undefined; index = next++) {
        const one = cases[index];
        if (!one) return;
        const reply = await sendCase(ingress.url, one, agent);
        const name = nameOf(reply);
        replies[name] = (replies[name] ?? 0) + 1;
        const what = judgeReply(one, reply);
        if (what !== undefined) violations.push({ seed, index, what: ingress.ended() ?? what, case: describeCase(one) });
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    await ingress.empty();
  };

  const warmUp = Math.min(WARM_UP_CASES, options.cases);
  for (let done = 0; done < warmUp; done += BATCH) await batch(seedAt(options.seed, -1 - done), BATCH);
  await ingress.measure();

  const startedAt = performance.now();
  let [done, stallMs, delayMs] = [0, 0, 0];
  let quarter: Memory | undefined;
  const isOver = (): boolean =>
    done >= options.cases ||
    violations.length >= MAX_VIOLATIONS ||
    ingress.ended() !== undefined ||
    performance.now() - startedAt >= (options.maxMs ?? Infinity);
  for (let number = 0; !isOver(); number += 1) {
    await batch(seedAt(options.seed, number), Math.min(BATCH, options.cases - done));
    done += BATCH;
    const measured = await ingress.measure();
    stallMs = Math.max(stallMs, measured.stallMs);
    delayMs = Math.max(delayMs, measured.delayMs);
    if (isPastFirstQuarter({ done, elapsedMs: performance.now() - startedAt }, options)) quarter ??= memoryOf(measured);
    if (number % 20 === 19) options.progress?.(`${done} cases, ${violations.length} violations, stall ${stallMs.toFixed(0)} ms, ${mb(measured.rss)} MB`);
  }
  const end = memoryOf(await ingress.measure());
  return {
    cases: Math.min(done, options.cases),
    seconds: (performance.now() - startedAt) / 1000,
    violations,
    replies,
    delayMs,
    stallMs,
    ...(quarter && { quarter }),
    end,
  };
}

function nameOf(reply: Reply): string {
  switch (reply.kind) {
    case 'answer':
      return String(reply.status);
    case 'bytes':
      return 'raw';
    case 'failed':
      return 'none';
    default:
      return reply satisfies never;
  }
}

function memoryOf({ rss, heap }: Memory): Memory {
  return { rss, heap };
}

function mb(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
